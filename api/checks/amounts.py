"""An amount of rupees as people write it: 15000, 15,000, "15 lakh", "1.5 lac", "paanch lakh", "2k".

What is read too small is a danger: "25" means lakhs, so a small number without its unit is none.
"""

import re
from itertools import pairwise

from api.checks.numerals import NUMERALS, numerals
from spelling import normalise, words

_FACTORS = {
    100: ("sau", "hundred", "سو"),
    1_000: ("k", "hazar", "hazaar", "hzar", "hazr", "thousand", "thousands", "ہزار"),
    100_000: ("l", "lakh", "lac", "lakhs", "lacs", "laakh", "lak", "lkh", "لاکھ", "لاک"),
    10_000_000: ("crore", "karor", "caror", "cr", "کروڑ"),
    1_000_000: ("million", "mln"),
}
_FACTOR = {normalise(word): factor for factor, units in _FACTORS.items() for word in units}
_FOREIGN_SIGN = re.compile("[$€£¥]")
_FOREIGN = frozenset(
    words(
        "dollar dollars dolar dolars usd euro euros eur riyal riyals rial rials dirham dirhams"
        " dirum aed pound pounds gbp dinar dinars denar kwd bhd omr qar lira liras ringgit myr yen"
        " yuan rmb afghani toman ڈالر ڈالرز یورو ریال درہم پاونڈ پونڈ دینار لیرا تومان رنگٹ"
    )
)
_FOREIGN_BEHIND = frozenset(words("sar sr dh dhs kd"))
"""Other money right behind a number: "sar 15 lakh" calls somebody sir."""
_RUPEES = frozenset(
    words("rs pkr rupee rupees rupay rupaye rupe rupiya rupya rupy roopay روپے روپیہ روپئے روپیے")
)
_AMOUNT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+(?![\d.])|\d{1,3}(?:\s\d{3})+(?!\d)|\d+(?:,\d{2,3})*(?:\.\d+)?)"
    r"\s*([^\W\d_]*)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_PHONE = re.compile(r"(?:\+?92|0)\d{9,}")
_HALVES = {
    normalise(word): half
    for half, written in (
        (0.5, "half adha aadha آدھا"),
        (1.25, "sawa سوا"),
        (1.5, "dedh derh ڈیڑھ"),
        (2.5, "dhai dhaai ڈھائی"),
    )
    for word in written.split()
}
_NOTHING = frozenset(
    " ".join(words(phrase))
    for phrase in (
        "nothing", "free", "no money", "zero", "muft", "mufat", "free of cost", "kuch nahi",
        "kuch nhi", "kuch bhi nahi", "koi paisa nahi", "koi paise nahi", "paise nahi", "کچھ نہیں",
        "کچھ بھی نہیں", "پیسے نہیں", "کوئی پیسے نہیں", "مفت", "فری", "صفر",
    )
)  # fmt: skip
_SAID = frozenset(
    words(
        "he she they wants want asks ask asked for is it its about around only total in all and or"
        " to me agent wo woh ye yeh us usne ne ka ki ke k ko se mujh mujhe hum ham hai hain h hy ho"
        " tha the thay maang mang maangta mangta maangte mangte maange mange maangi mangi raha rahe"
        " rahi kul sirf taqreeban taqriban qareeb kareeb paise paisa paisay money aur ya bilkul sab"
        " pehle baad mein me advance dena dene diya diye de liye liya le chuka chuke tak"
        " وہ یہ اس نے کا کی کے کو سے مجھ مجھے ہم ہے ہیں تھا تھے مانگ مانگتا مانگتے مانگے مانگا"
        " مانگی رہا رہے رہی کل صرف تقریبا قریب پیسے پیسہ اور یا بالکل سب پہلے بعد میں ایڈوانس"
        " دینا دینے دیا دیے لیے لیا تک ایجنٹ"
    )
)
"""What people write around an amount, and nobody writes to call for help."""
_AGE = frozenset(
    words(
        "saal sal year years old umar umr umer age meri my mera main mai i am im is hun hoon hu"
        " ka ki ke hai h hy of bete beti bhai سال عمر میری میرا میں ہوں کا کی کے ہے بیٹے بھائی"
    )
)
_YEARS = frozenset(words("saal sal year years yrs سال برس"))
_PARTS = re.compile(r"[^\W\d_]+|\d[\d.,]*")
LEAST = 1_000
"""Fewer rupees than this are an amount only with their unit: "25" is 25 lakh."""
MOST = 10**11
"""More rupees than anybody is asked for: such a number is something else, such as a phone."""


def rupees(text: str) -> int | None:
    """The amount that a message names, in rupees; None when there is none, or in other money."""
    said = _one_comma(normalise(text))
    parts = _PARTS.findall(said)
    if " ".join(word for word in words(text) if word not in _ASKED_FOR) in _NOTHING:
        return 0
    if _FOREIGN_SIGN.search(said) or _names_other_money(parts):
        return None
    named = not _RUPEES.isdisjoint(parts)
    found = [
        amount
        for match in _AMOUNT.finditer(said)
        if (amount := _amount(match, named=named)) is not None
    ]
    found += [
        int(half * _FACTOR[after])
        for word, after in pairwise(parts)
        if (half := _HALVES.get(word)) and after in _FACTOR
    ]
    found += [int(number * _FACTOR[after]) for number, after in numerals(parts) if after in _FACTOR]
    return max(found) if found and max(found) < MOST else None


def years(text: str) -> int | None:
    """An age in whole years, from 1 to 99; in words only before "saal"."""
    found = [int(number) for number in re.findall(r"(?<!\d)\d{1,2}(?!\d)", normalise(text))]
    if not found:
        told = numerals(_PARTS.findall(normalise(text)))
        found = [int(number) for number, after in told if after in _YEARS and number < 100]
    return found[0] if len(found) == 1 and found[0] > 0 else None


def strange(text: str, *, age: bool = False) -> int:
    """How many words of a message are no part of an amount, or of an age, and not said around one.

    An amount among such words may be a story: "they hold my son and want 15 lakh".
    """
    around = _AGE if age else _AROUND
    return sum(
        not part[0].isdigit() and part not in NUMERALS and part not in around
        for part in _PARTS.findall(normalise(text))
    )


_ASKED_FOR = _SAID - frozenset(word for phrase in _NOTHING for word in phrase.split())
_AROUND = (
    _SAID
    | _RUPEES
    | frozenset(_FACTOR)
    | frozenset(_HALVES)
    | frozenset(word for phrase in _NOTHING for word in phrase.split())
)


def _one_comma(said: str) -> str:
    """With the commas and points that Urdu keyboards put into numbers as others do."""
    return re.sub(r"(?<=\d)[،٬](?=\d)", ",", said).replace("٫", ".")


def _names_other_money(parts: list[str]) -> bool:
    return not _FOREIGN.isdisjoint(parts) or any(
        after in _FOREIGN_BEHIND and before[0].isdigit() for before, after in pairwise(parts)
    )


def _amount(match: re.Match[str], *, named: bool) -> int | None:
    """The rupees of a number and the word behind it."""
    written = re.sub(r"[,\s]", "", match[1])
    factor = _FACTOR.get(match[2])
    if _PHONE.fullmatch(written):
        return None
    # "15.000" is fifteen thousand, "1.500 lakh" is one and a half.
    if factor is None and _THOUSANDS.fullmatch(written):
        written = written.replace(".", "")
    amount = int(float(written) * (factor or 1)) if written.count(".") < 2 else None
    if amount is None or (factor is None and 0 < amount < LEAST and not named):
        return None
    return amount
