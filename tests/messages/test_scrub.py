"""No editor sees who wrote: phones, papers, accounts, dates of birth, addresses and names go."""

import re
import time

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from api.messages.scrub import MARKS, has_marks, scrub, without_marks

GONE = [
    # Phones, as people write them.
    ("call me on 0300-1234567 please", "call me on [phone] please"),
    ("mera number 0300 1234567 hai", "mera number [phone] hai"),
    ("میرا نمبر 03001234567 ہے", "میرا نمبر [phone] ہے"),
    ("میرا نمبر ۰۳۰۰۱۲۳۴۵۶۷ ہے", "میرا نمبر [phone] ہے"),
    ("میرا نمبر ٠٣٠٠-١٢٣٤٥٦٧ ہے", "میرا نمبر [phone] ہے"),
    ("agent ka number +92 300 1234567 sahi hai?", "agent ka number [phone] sahi hai?"),
    ("agent ka number 0092-300-1234567 sahi hai?", "agent ka number [phone] sahi hai?"),
    ("whatsapp 923001234567", "whatsapp [phone]"),
    ("whatsapp pe +92(0)3001234567", "whatsapp pe [phone]"),
    ("0300 12 34 567 pe call karein", "[phone] pe call karein"),
    ("0 3 0 0 1 2 3 4 5 6 7 pe call karein", "[phone] pe call karein"),
    ("0300.123.4567 or 0345/7654321", "[phone] or [phone]"),
    ("O3OO1234567 par bolo", "[phone] par bolo"),
    ("3001234567 par bolo", "[phone] par bolo"),
    ("0️⃣3️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣", "[phone]"),
    ("０３００１２３４５６７", "[phone]"),
    ("zero three double zero one two three four five six seven", "[phone]"),
    ("sifar teen sifar sifar ek do teen chaar panch chay saat", "[phone]"),
    ("صفر تین صفر صفر ایک دو تین چار پانچ چھ سات", "[phone]"),
    ("office 042-35761999 in Lahore", "office [phone] in Lahore"),
    ("ghar ka number 051 9107272", "ghar ka number [phone]"),
    ("dubai wala +971 50 123 4567", "dubai wala [phone]"),
    ("00966501234567 se call aayi", "[phone] se call aayi"),
    ("number hai 5761999", "number hai [phone]"),
    # Identity cards, passports, accounts.
    ("cnic 42101-1234567-1 check karein", "cnic [cnic] check karein"),
    ("4210112345671", "[cnic]"),
    ("شناختی کارڈ نمبر 42101-1234567-1", "شناختی کارڈ نمبر [cnic]"),
    ("شناختی کارڈ ۴۲۱۰۱۱۲۳۴۵۶۷۱", "شناختی کارڈ [cnic]"),
    ("42101 1234567 1", "[cnic]"),
    ("shanakhti card no 42101 123 4567 1", "shanakhti card no [cnic]"),
    ("passport AB1234567 expired", "passport [passport] expired"),
    ("mera passport number ab 1234567 hai", "mera passport number [passport] hai"),
    ("پاسپورٹ نمبر AB1234567", "پاسپورٹ نمبر [passport]"),
    ("is XY7654321 valid", "is [passport] valid"),
    ("IBAN PK36SCBL0000001123456702 pe bhejo", "IBAN [iban] pe bhejo"),
    ("PK36 SCBL 0000 0011 2345 6702", "[iban]"),
    ("card 4111 1111 1111 1111", "card [card]"),
    ("4111111111111111", "[card]"),
    ("visa application GWF012345678", "visa application [number]"),
    ("imei 356938035643801", "imei [number]"),
    # Dates of birth.
    ("dob 12/05/1998", "dob [date of birth]"),
    ("I was born on 5 March 1995", "I was born on [date of birth]"),
    ("meri paidaish 12-05-98 ki hai", "meri paidaish [date of birth] ki hai"),
    ("تاریخ پیدائش ۱۲-۰۵-۱۹۹۸", "تاریخ پیدائش [date of birth]"),
    ("میں 5 مارچ 1995 کو پیدا ہوا", "میں [date of birth] کو پیدا ہوا"),
    ("bete ka 1999-12-31", "bete ka [date of birth]"),
    # E-mail and web.
    ("write to ali.khan+x@gmail.com", "write to [e-mail]"),
    ("ahmadk at gmail dot com", "[e-mail]"),
    ("https://www.facebook.com/profile.php?id=100012345", "[link]"),
    ("wa.me/923001234567 pe msg karo", "[link] pe msg karo"),
    ("dekho facebook.com/some.body.1", "dekho [link]"),
    ("tiktok @some_body99 fake hai?", "tiktok [account] fake hai?"),
    # Names.
    ("my name is Sharjeel Memon and I want a visa", "my name is [name] and I want a visa"),
    ("my name is sharjeel and I want a visa", "my name is [name] and I want a visa"),
    ("Name: Sharjeel Memon", "Name: [name]"),
    ("I am Sharjeel from Gujrat", "I am [name] from Gujrat"),
    ("this is Sharjeel Memon, please help", "this is [name], please help"),
    ("mera naam sharjeel memon hai mujhe visa chahiye", "mera naam [name] hai mujhe visa chahiye"),
    ("mera nam hai sharjeel", "mera nam hai [name]"),
    ("sharjeel memon mera naam hai", "[name] mera naam hai"),
    ("agent ka naam sherdil hai", "agent ka naam [name] hai"),
    ("naam sherdil hai uska", "naam [name] hai uska"),
    ("main sharjeel bol raha hun", "main [name] bol raha hun"),
    ("میرا نام گل رحیم ہے مجھے ویزا چاہیے", "میرا نام [name] ہے مجھے ویزا چاہیے"),
    ("میں گل رحیم بول رہا ہوں", "میں [name] بول رہا ہوں"),
    ("ایجنٹ کا نام شیردل ہے", "ایجنٹ کا نام [name] ہے"),
    ("Sharafat s/o Karam Din", "[name] s/o [name]"),
    ("sharafat S/O karam din", "[name] S/O [name]"),
    ("sharafat walad karam din", "[name] walad [name]"),
    ("شرافت ولد کرم دین", "[name] ولد [name]"),
    ("Zulekha d/o Sharafat ka visa", "[name] d/o [name] ka visa"),
    ("I am the son of Sharafat Ali", "I am the son of [name]"),
    ("agent Sherdil took my money", "agent [name] took my money"),
    ("Mr. Sherdil took my money", "Mr. [name] took my money"),
    ("muhammad bilal ne paise liye", "[name] ne paise liye"),
    ("محمد بلال نے پیسے لیے", "[name] نے پیسے لیے"),
]

STAYS = [
    "agent 12 lakh mang raha hai",
    "450000 rupees is too much?",
    "Rs. 1500000 diye the",
    "rs1500000 diye the",
    "agent ne ke 1500000 liye",
    "PKR450000 fee",
    "fee 45,000 aur 12,50,000",
    "100000000 rupees",
    "400000-500000 lagte hain",
    "visa 2025 mein khulega?",
    "2023 2024 2025",
    "2019-2024 tak",
    "interview 12-05-2027 ko hai",
    "meri umar 25 saal hai, 3 bache, 2 behnein",
    "میری عمر 25 سال ہے",
    "12 لاکھ روپے مانگ رہا ہے",
    "18 se 39 saal",
    "1166 pe call karun ya 15 pe",
    "mera phone 150000 ka hai",
    "I am Pakistani, can I go to Italy",
    "I am a student",
    "i am going to dubai",
    "main driver hun",
    "Main Lahore se hun",
    "kya mera naam ECL mein hai",
    "mera naam list mein hai?",
    "mera naam passport par ghalat hai",
    "agent ka naam kya hai",
    "company ka naam likha hai",
    "میرا نام لسٹ میں نہیں ہے",
    "w/o visa jana",
    "son of a farmer",
    "dera ismail khan se rahim yar khan",
    "Ghulam Khan border khula hai?",
    "www.beoe.gov.pk sahi hai?",
    "beoe.gov.pk",
    "Is The Visa Fee High",
    "کیا ایجنٹ جھوٹ بول رہا ہے",
]


@pytest.mark.parametrize(("text", "left"), GONE, ids=[text for text, _ in GONE])
def test_what_leads_to_a_person_is_taken_out(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize("text", STAYS)
def test_what_is_asked_about_stays(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("text", [text for text, _ in GONE] + STAYS)
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)


def test_marks_can_be_seen_and_taken_out() -> None:
    for mark in MARKS:
        assert has_marks(f"agent {mark} ne")
        assert without_marks(f"agent {mark} ne") == "agent ne"
    assert not has_marks("agent [kya] ne")


_FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.RFC3966,
)
_DIGITS = ("0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９")
_AROUND = st.text(st.characters(codec="utf-8", exclude_categories=("Nd", "No", "Nl")), max_size=30)


@st.composite
def _mobiles(draw: st.DrawFn) -> str:
    """A Pakistani mobile number as it may be written: one of the formats, in any digits."""
    national = f"3{draw(st.integers(0, 5))}{draw(st.integers(0, 99_999_999)):08}"
    number = phonenumbers.parse(f"+92{national}", None)
    written = phonenumbers.format_number(number, draw(st.sampled_from(_FORMATS)))
    digits = draw(st.sampled_from(_DIGITS))
    separator = draw(st.sampled_from(["", " ", "-", ".", " - ", "\u00a0", "\u2013"]))
    written = re.sub("[ -]", lambda _: separator, written)
    return written.translate(str.maketrans("0123456789", digits))


@given(before=_AROUND, number=_mobiles(), after=_AROUND)
@settings(max_examples=300, deadline=None)
def test_no_formatted_pakistani_number_survives(before: str, number: str, after: str) -> None:
    left = "".join(letter for letter in scrub(f"{before} {number} {after}") if letter.isdigit())
    assert len(left) < 4


@given(
    number=st.integers(10**12, 10**13 - 1), form=st.sampled_from(["{}-{}-{}", "{} {} {}", "{}{}{}"])
)
@settings(max_examples=100, deadline=None)
def test_no_identity_card_survives(number: int, form: str) -> None:
    digits = str(number)
    written = form.format(digits[:5], digits[5:12], digits[12:])
    assert not any(map(str.isdigit, scrub(f"mera card {written} hai")))


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_scrubbed(text: str) -> None:
    assert isinstance(scrub(text), str)


@pytest.mark.parametrize(
    "piece",
    [
        "0",
        "03 ",
        "(0",
        "a1",
        "1-",
        "naam ",
        "A",
        "mera naam ",
        "ab@",
        "a.",
        "zero ",
        "12 ",
        "+",
        " . ",
    ],
)
def test_no_text_makes_scrubbing_slow(piece: str) -> None:
    text = (piece * 2000)[:2000]
    begin = time.thread_time()
    scrub(text)
    assert time.thread_time() - begin < 0.2
