"""Numbers, months and currencies of a text, comparable between the language forms."""

import re
from collections.abc import Iterator
from decimal import Decimal

from api.channels.base import Form
from api.content.documents import TopicOrAct
from api.content.lint.remark import Remark
from api.content.words import spoken
from spelling import normalise

_UNITS = {
    **dict.fromkeys("thousand hazar hazaar hazzar ہزار".split(), 1_000),
    **dict.fromkeys("lakh lakhs lac lacs لاکھ".split(), 100_000),
    **dict.fromkeys("million ملین".split(), 1_000_000),
    **dict.fromkeys("crore crores karor کروڑ".split(), 10_000_000),
    **dict.fromkeys("billion arab ارب".split(), 1_000_000_000),
}
# From three on: one and two are also articles and verbs (ایک, do).
_WORDS = {
    word: value
    for value, spellings in {
        3: "three third teen teesra teesri teesre تین تیسرا تیسری تیسرے",
        4: "four fourth chaar char chautha chauthi چار چوتھا چوتھی",
        5: "five fifth paanch panch paanchwan پانچ پانچوان پانچواں",
        6: "six sixth chhe cheh che چھ چھٹا",
        7: "seven seventh saat سات",
        8: "eight eighth aath آٹھ",
        9: "nine ninth nau نو",
        10: "ten tenth das دس",
        20: "twenty bees بیس",
        50: "fifty pachas پچاس",
    }.items()
    for word in map(normalise, spellings.split())
}
_MONTHS = {
    normalise(word): number
    for number, spellings in enumerate(
        (
            "january jan جنوری", "february feb فروری", "march mar مارچ", "april apr اپریل",
            "may مئی", "june jun جون", "july jul جولائی", "august aug اگست",
            "september sep sept ستمبر", "october oct اکتوبر", "november nov نومبر",
            "december dec دسمبر",
        ),
        1,
    )
    for word in spellings.split()
}  # fmt: skip
# Without a number beside them these are other words: may, mar (die), jun.
_NEEDS_NUMBER = frozenset({"may", "mar", "jan", "jun", "sep", "dec"})
# Rupees go without saying ("42 lakh"); a text that swaps them shows by the other currency.
_CURRENCIES = {
    normalise(word): name
    for name, spellings in {
        "euro": "euro euros eur € یورو",
        "dollar": "dollar dollars usd $ ڈالر",
        "pound": "pound pounds gbp £ پاؤنڈ",
        "riyal": "riyal riyals sar sr ریال",
        "dirham": "dirham dirhams aed درہم",
        "dinar": "dinar dinars kwd دینار",
    }.items()
    for word in spellings.split()
}
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[^\W\d_]+|[€$£]")
_FORM_NAMES = {form: form.value for form in Form}


def same_amounts(file: str, document: TopicOrAct) -> Iterator[Remark]:
    """What a form says in numbers in one language and not in English."""
    if "en" not in document.answers:
        return
    for form, name in _FORM_NAMES.items():
        english = _Said(getattr(document.answers["en"], form.value))
        for language, answer in document.answers.items():
            said = _Said(getattr(answer, form.value))
            place = ("answers", language, name)
            differences = {
                "amounts": (said.amounts - english.whole, english.amounts - said.whole),
                "months": (said.months - english.months, english.months - said.months),
                "currencies": (
                    said.currencies - english.currencies,
                    english.currencies - said.currencies,
                ),
            }
            for what, (here, there) in differences.items():
                if here or there:
                    message = f"{what} differ from the English: {_both_sides(here, there)}"
                    yield Remark("amounts", file, place, message, is_fault=True)
            spelt = said.spelt - english.whole, english.spelt - said.whole
            if any(spelt):
                message = f"number words differ from the English: {_both_sides(*spelt)}"
                yield Remark("number-words", file, place, message)


def _both_sides(here: set[str], there: set[str]) -> str:
    sides = (("only here", here), ("only there", there))
    return "; ".join(f"{side} {', '.join(sorted(found))}" for side, found in sides if found)


class _Said:
    """The numbers of one text."""

    def __init__(self, text: str) -> None:
        self.amounts: set[str] = set()
        self.spelt: set[str] = set()
        self.months: set[str] = set()
        self.currencies: set[str] = set()
        tokens = _TOKEN.findall(normalise(spoken(text)))
        for index, token in enumerate(tokens):
            before = tokens[index - 1] if index else ""
            after = tokens[index + 1] if index + 1 < len(tokens) else ""
            number = token[0].isdigit()
            if number or (token in _WORDS and after in _UNITS):
                value = Decimal(token.replace(",", "")) if number else Decimal(_WORDS[token])
                self.amounts.add(f"{value * _UNITS.get(after, 1):f}")
            elif token in _WORDS:
                self.spelt.add(str(_WORDS[token]))
            elif token in _MONTHS:
                if token not in _NEEDS_NUMBER or before[:1].isdigit() or after[:1].isdigit():
                    self.months.add(str(_MONTHS[token]))
            elif token in _CURRENCIES and any(map(_counts, tokens[max(0, index - 2) : index + 3])):
                self.currencies.add(_CURRENCIES[token])
        self.whole = self.amounts | self.spelt


def _counts(token: str) -> bool:
    """Whether a currency near this token names an amount ("39 US dollars", not "no dollars")."""
    return token[:1].isdigit() or token in _UNITS or token in _WORDS
