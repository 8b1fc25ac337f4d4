"""What the public pages say around the answers, in the three language forms.

The answers themselves, and every sentence about danger, come from the content.
"""

from types import MappingProxyType

LANGUAGE_NAMES = {"en": "English", "ur": "اردو", "ur-Latn": "Roman Urdu"}

GROUPS = ("help", "checks", "work", "countries", "papers", "risks", "exploitation", "rights",
          "other-ways", "home", "about")  # fmt: skip
"""Groups of topics in the order of the page; others come behind them."""

_EN = {
    "site": "Sahi Rasta",
    "choose": "Choose your language",
    "answers": "Checked answers about going abroad",
    "intro": "The legal ways, the dangers on the way, and where help is. These are the same "
    "answers that people get on WhatsApp and SMS.",
    "description": "Checked answers about going abroad from Pakistan: legal ways, dangers, help.",
    "other-languages": "This page in other languages",
    "danger": "In danger now in Pakistan?",
    "search": "Search the answers",
    "search-button": "Search",
    "found": "Answers for",
    "found-none": "No answer has these words. Try fewer or other words, or look through the list.",
    "all": "All answers",
    "groups": "Subjects",
    "short": "Short form, as sent by SMS",
    "helplines": "Numbers to call",
    "hours": "Open",
    "sources": "Sources",
    "source-undated": "no date given",
    "less-certain": "Reported by this source only, or by sources that differ.",
    "checked": "Checked",
    "review": "To be checked again by",
    "revision": "Revision",
    "cite": "To cite",
    "data": "The same as data (JSON)",
    "past": "This answer should have been checked again by {review}.",
    "withheld": "This answer has not been checked again in time. People get this instead:",
    "overdue": "check overdue",
    "not-shown": "not shown",
    "urgent": "Danger",
    "missing": "There is no such answer",
    "missing-text": "It may have been withdrawn, or the address is not right.",
    "skip": "To the text",
    "group-help": "Help now",
    "group-checks": "Check it step by step (on WhatsApp or SMS)",
    "group-work": "Work abroad, the legal way",
    "group-countries": "Countries",
    "group-papers": "Passport and papers",
    "group-risks": "Dangers and lies",
    "group-exploitation": "Exploited abroad",
    "group-rights": "Your rights",
    "group-other-ways": "Study, family, asylum",
    "group-home": "Coming home",
    "group-about": "About this service",
}

_UR = {
    "site": "صحیح راستہ",
    "choose": "اپنی زبان چنیں",
    "answers": "باہر جانے کے بارے میں جانچے ہوئے جواب",
    "intro": "قانونی طریقے، راستے کے خطرے اور مدد کی جگہیں۔ یہی جواب لوگوں کو واٹس ایپ اور "
    "ایس ایم ایس پر ملتے ہیں۔",
    "description": "پاکستان سے باہر جانے کے بارے میں جانچے ہوئے جواب: قانونی طریقے، خطرے، مدد۔",
    "other-languages": "یہ صفحہ دوسری زبانوں میں",
    "danger": "پاکستان میں ابھی خطرہ ہے؟",
    "search": "جوابوں میں تلاش کریں",
    "search-button": "تلاش",
    "found": "ان لفظوں کے جواب:",
    "found-none": "ان لفظوں کا کوئی جواب نہیں ملا۔ کم یا دوسرے لفظ لکھیں، یا نیچے فہرست دیکھیں۔",
    "all": "سب جواب",
    "groups": "موضوع",
    "short": "مختصر جواب، جو ایس ایم ایس پر جاتا ہے",
    "helplines": "فون نمبر",
    "hours": "وقت",
    "sources": "ذرائع",
    "source-undated": "تاریخ درج نہیں",
    "less-certain": "صرف اسی ذریعے کی خبر ہے، یا ذرائع میں فرق ہے۔",
    "checked": "جانچ کی تاریخ",
    "review": "دوبارہ جانچ اس تاریخ تک",
    "revision": "نسخہ نمبر",
    "cite": "حوالے کے لیے",
    "data": "یہی جواب ڈیٹا کی شکل میں (JSON)",
    "past": "اس جواب کی دوبارہ جانچ {review} تک ہونی تھی۔",
    "withheld": "اس جواب کی وقت پر دوبارہ جانچ نہیں ہوئی۔ اس کی جگہ یہ بتایا جاتا ہے:",
    "overdue": "جانچ باقی ہے",
    "not-shown": "نہیں دکھایا جا رہا",
    "urgent": "خطرہ",
    "missing": "ایسا کوئی جواب نہیں",
    "missing-text": "ہو سکتا ہے یہ واپس لے لیا گیا ہو، یا پتا درست نہ ہو۔",
    "skip": "سیدھا متن پر جائیں",
    "group-help": "فوری مدد",
    "group-checks": "قدم بہ قدم جانچیں (واٹس ایپ یا ایس ایم ایس پر)",
    "group-work": "باہر نوکری کا قانونی طریقہ",
    "group-countries": "ممالک",
    "group-papers": "پاسپورٹ اور کاغذات",
    "group-risks": "خطرے اور جھوٹ",
    "group-exploitation": "باہر ظلم یا زبردستی ہو تو",
    "group-rights": "آپ کے حقوق",
    "group-other-ways": "تعلیم، خاندان، پناہ",
    "group-home": "وطن واپسی",
    "group-about": "اس سروس کے بارے میں",
}

_UR_LATN = {
    "site": "Sahi Rasta",
    "choose": "Apni zaban chunein",
    "answers": "Bahar jane ke bare mein jaanche hue jawab",
    "intro": "Qanooni tareeqe, raste ke khatre aur madad ki jagahein. Yehi jawab logon ko "
    "WhatsApp aur SMS par milte hain.",
    "description": "Pakistan se bahar jane ke bare mein jaanche hue jawab: qanooni tareeqe, "
    "khatre, madad.",
    "other-languages": "Yeh safha doosri zabanon mein",
    "danger": "Pakistan mein abhi khatra hai?",
    "search": "Jawabon mein talash karein",
    "search-button": "Talash",
    "found": "In lafzon ke jawab:",
    "found-none": "In lafzon ka koi jawab nahi mila. Kam ya doosre lafz likhein, ya neeche "
    "list dekhein.",
    "all": "Sab jawab",
    "groups": "Mauzu",
    "short": "Mukhtasar jawab, jo SMS par jata hai",
    "helplines": "Phone number",
    "hours": "Waqt",
    "sources": "Zariye",
    "source-undated": "tareekh darj nahi",
    "less-certain": "Sirf isi zariye ki khabar hai, ya zariyon mein farq hai.",
    "checked": "Check kiya",
    "review": "Dobara check is tareekh tak",
    "revision": "Nuskha number",
    "cite": "Hawale ke liye",
    "data": "Yehi jawab data ki shakal mein (JSON)",
    "past": "Is jawab ka dobara check {review} tak hona tha.",
    "withheld": "Is jawab ka waqt par dobara check nahi hua. Is ki jagah yeh bataya jata hai:",
    "overdue": "check baqi hai",
    "not-shown": "nahi dikhaya ja raha",
    "urgent": "Khatra",
    "missing": "Aisa koi jawab nahi",
    "missing-text": "Ho sakta hai yeh wapas le liya gaya ho, ya pata durust na ho.",
    "skip": "Seedha matn par jayein",
    "group-help": "Fori madad",
    "group-checks": "Qadam ba qadam jaanchein (WhatsApp ya SMS par)",
    "group-work": "Bahar naukri ka qanooni tareeqa",
    "group-countries": "Mulk",
    "group-papers": "Passport aur kaghzat",
    "group-risks": "Khatre aur jhoot",
    "group-exploitation": "Bahar zulm ya zabardasti ho to",
    "group-rights": "Aap ke huqooq",
    "group-other-ways": "Taleem, khandan, panah",
    "group-home": "Watan wapsi",
    "group-about": "Is service ke bare mein",
}

WORDING = MappingProxyType({"en": _EN, "ur": _UR, "ur-Latn": _UR_LATN})
"""By language, then by name. Every language has every name; a test holds it."""


def group_name(group: str, language: str) -> str:
    """The heading of a group of topics; one that editors made later is shown by its id."""
    return WORDING[language].get(f"group-{group}") or group.replace("-", " ").capitalize()


def in_order(groups: list[str]) -> list[str]:
    """Groups as a reader needs them: help first."""
    return sorted(groups, key=lambda name: (GROUPS.index(name) if name in GROUPS else 99, name))
