"""Numbers that lead to a person: phones, identity cards, passports, accounts, dates of birth.

Works on a text whose digits, dashes and spaces are folded to the plain ones.
"""

import re

import phonenumbers

_S = r"[\W_]{0,3}"  # what people put between the digits of a phone number

# O and 0 are one key apart and look the same.
_MOBILE = re.compile(
    rf"(?<![0-9])(?:(?:(?:\+|0{_S}0){_S})?9{_S}2{_S}(?:\({_S}0{_S}\){_S}|[0o]{_S})?|[0o]{_S})"
    rf"3(?:{_S}[0-9o]){{9}}[0-9]*"
    r"|(?<![0-9])3[0-5][0-9][ -]?[0-9]{7}(?![0-9])",
    re.IGNORECASE,
)
_ABROAD = re.compile(
    r"\+[\W_]{0,2}(?:[0-9][\W_]{0,3}){7,14}[0-9]|(?<![0-9])00[1-9](?:[ ().-]{0,2}[0-9]){7,13}"
)
_LANDLINE = re.compile(
    r"(?<![0-9.,])\(?0[1-9][0-9]{1,3}\)?[ ./-]{0,3}(?:[0-9][ .-]?){4,8}[0-9](?![0-9])"
    r"|(?<![0-9])111[ -][0-9]{3}[ -][0-9]{3}(?![0-9])"
)
_CALLED = re.compile(
    r"((?<!\[)\b(?:number|nmbr|nambar|numbr|num|no|whatsapp|watsapp|whatsap|call|contact|mobile|"
    r"mob|phone|fone|fon|cell|tel|raabta|rabta)\b|نمبر|فون|موبائل|واٹس ?ایپ|رابطہ|کال)"
    r"(\W{0,3}(?:\b(?:hai|he|h|is|pe|par|karo|kar|me)\b|ہے|پر|کریں)?\W{0,3})"
    r"([0-9](?:[ .-]{0,2}[0-9]){6,14})(?![0-9])",
    re.IGNORECASE,
)
_DIGIT_WORDS = (
    "zero|sifar|sifr|oh|one|ek|aik|two|do|three|teen|tin|four|char|chaar|five|panch|paanch|six|"
    "chay|che|chhe|chey|seven|saat|sat|eight|aath|ath|nine|nau|no|double|triple|dabal|tripple|"
    "صفر|زیرو|ون|ایک|دو|ٹو|تھری|تین|فور|چار|فائیو|پانچ|سکس|چھ|چھے|سیون|سات|ایٹ|آٹھ|نائن|نو|ڈبل|ٹرپل"
)
_SPOKEN = re.compile(
    rf"(?<!\w)(?:(?:{_DIGIT_WORDS})(?!\w)[\s,.-]{{0,3}}){{6,}}(?:{_DIGIT_WORDS})(?!\w)", re.I
)

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?[0-9]{2}[ -]?[A-Za-z0-9]{4}"
    r"(?:[ -]?(?=[A-Za-z]{0,3}[0-9])[A-Za-z0-9]{4}){2,6}(?:[ -]?[0-9]{1,3})?(?![A-Za-z0-9])"
)
_CNIC = re.compile(r"(?<![0-9])[0-9]{5}[ ./_-]{0,3}[0-9]{7}[ ./_-]{0,3}[0-9](?![0-9])")
_CARD = re.compile(r"(?<![0-9])[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{2,4}(?![0-9])")
_IDENTITY = re.compile(
    r"((?<!\[)\b(?:cnic|nicop|nic|i\.?d\.? ?card|id ?card|shan?akhti ?card|shinakhti ?card)\b"
    r"|شناختی ?کارڈ)"
    r"(\W{0,3}(?:\b(?:number|no|nmbr|num|hai|he|is|ka)\b|نمبر|ہے)?\W{0,3}(?:(?:hai|he|is)\b|ہے)?\W{0,3})"
    r"([0-9](?:[ .-]{0,2}[0-9]){6,14})(?![0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"((?<!\[)\b(?:pass?port|paspot)\b|پاسپورٹ)"
    r"(\W{0,3}(?:\b(?:number|no|nmbr|num|hai|he|is)\b|نمبر|ہے)?\W{0,3}(?:(?:hai|he|is)\b|ہے)?\W{0,3})"
    r"([A-Za-z]{1,2}[ -]?[0-9][0-9 -]{4,9}[0-9]|[0-9]{7,9})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_PASSPORT_ALONE = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:rs|sr|kd|bd|qr|dh|us)[0-9 -])"
    r"(?:[A-Za-z]{2}-?[0-9]{7}|[A-Z]{2} [0-9]{7}|[A-Z][0-9]{8})(?![A-Za-z0-9])"
)
_PASSPORT_MONEY = re.compile(r"(?:rs|sr|kd|bd|qr|dh|us|ke|ka|ki|ko|se|to|of)[ -]?[0-9]", re.I)
_MIXED = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*[A-Za-z])(?:[A-Za-z]*[0-9]){6,}[A-Za-z]*(?![A-Za-z0-9])"
)
_MONEY = (
    "pkr|rs|inr|usd|eur|euros?|sar|aed|qar|omr|gbp|kwd|bhd|myr|rupees?|rupay|rupaye|rupe|"
    "riyals?|rial|dirhams?|dinars?|dollars?|pounds?|lakhs?|lac|lacs|k|hazar|hzr|crores?|days?|din"
)
_MIXED_MONEY = re.compile(rf"(?:{_MONEY})[0-9]+|[0-9]+(?:{_MONEY})", re.IGNORECASE)

_RUN = re.compile(r"(?<![0-9])[0-9]{9,}(?![0-9])")
_JOINED = re.compile(r"(?<![0-9])[0-9]{2,}(?:[./_-][0-9]{1,}){1,6}(?![0-9])")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")

_MONTH = (
    "jan(?:uary|uari|wari)?|feb(?:ruary|rwari)?|mar(?:ch)?|apr(?:il|ail)?|may|mayi|june?|july?|"
    "jul(?:ai)?|aug(?:ust)?|agast|sep(?:t(?:ember|ambar)?)?|oct(?:ober)?|aktubar|nov(?:ember|ambar)?|"
    "dec(?:ember)?|disambar|جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر"
)
_NAMED_DAY = (
    rf"[0-9]{{1,2}}(?:st|nd|rd|th)?[ ,.-]{{0,2}}(?:{_MONTH})(?!\w)(?:[ ,.-]{{0,2}}[0-9]{{2,4}})?"
    rf"|(?:{_MONTH})[ ,.-]{{0,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?(?:[ ,.-]{{1,2}}(?:19|20)[0-9]{{2}})?"
)
_DAY = (
    r"[0-9]{1,2}[ ./-][0-9]{1,2}[ ./-](?:19|20)?[0-9]{2}"
    rf"|(?:19|20)[0-9]{{2}}[ ./-][0-9]{{1,2}}[ ./-][0-9]{{1,2}}|{_NAMED_DAY}"
)
_BIRTH = (
    r"(?:(?<!\[)\b(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?da(?:te|y)|born|birth|"
    r"pa?ida?[iy]?e?sh|peda?[iy]?e?sh|paida h[uo]\w{0,3}|janam|saa?l ?gira\w{0,2})\b|"
    r"پیدائش|پیدایش|پیدا ہو\w{0,2}|سالگرہ)"
)
_BORN_ON = re.compile(rf"({_BIRTH}[^0-9\n]{{0,25}}?)(?<![0-9])(?:{_DAY})(?![0-9])", re.I)
_ON_BORN = re.compile(rf"(?<![0-9])(?:{_DAY})(?![0-9])(?=[^0-9\n]{{0,25}}{_BIRTH})", re.I)
# Nobody asks for a visa for a day before 2013: it is when somebody was born.
_LONG_AGO = re.compile(
    r"(?<![0-9./-])(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19[3-9][0-9]|200[0-9]|201[0-2])"
    r"|(?:19[3-9][0-9]|200[0-9]|201[0-2])[./-][0-9]{1,2}[./-][0-9]{1,2})(?![0-9])"
)


def scrub_numbers(text: str) -> str:
    """A mark in the place of each number that leads to a person."""
    text = _SPOKEN.sub("[phone]", text)
    if not any(map(str.isdigit, text)):
        return text
    text = _IBAN.sub(_iban, text)
    text = _IDENTITY.sub(r"\1\2[cnic]", text)
    text = _CNIC.sub("[cnic]", text)
    text = _CARD.sub(_card, text)
    text = _PASSPORT.sub(r"\1\2[passport]", text)
    text = _PASSPORT_ALONE.sub(_passport, text)
    text = _MOBILE.sub("[phone]", text)
    text = _ABROAD.sub(_abroad, text)
    text = _LONG_AGO.sub("[date of birth]", text)
    text = _BORN_ON.sub(r"\1[date of birth]", text)
    text = _ON_BORN.sub("[date of birth]", text)
    text = _MIXED.sub(_mixed, text)
    text = _LANDLINE.sub("[phone]", text)
    text = _CALLED.sub(r"\1\2[phone]", text)
    text = _RUN.sub(_run, text)
    return _JOINED.sub(_joined, text)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _iban(match: re.Match[str]) -> str:
    return "[iban]" if len(_digits(match[0])) >= 10 else match[0]


def _card(match: re.Match[str]) -> str:
    groups = match[0].split(match[1])
    return match[0] if all(map(_YEAR.fullmatch, groups)) else "[card]"


def _passport(match: re.Match[str]) -> str:
    return match[0] if _PASSPORT_MONEY.match(match[0]) else "[passport]"


def _abroad(match: re.Match[str]) -> str:
    return "[phone]" if len(_digits(match[0])) >= 8 else match[0]


def _mixed(match: re.Match[str]) -> str:
    return match[0] if _MIXED_MONEY.fullmatch(match[0]) else "[number]"


def _run(match: re.Match[str]) -> str:
    digits = match[0]
    if _is_pakistani(digits):
        return "[phone]"
    if len(digits) == 13:
        return "[cnic]"
    if len(digits) <= 12 and digits[0] != "0" and digits.endswith("00000"):
        return digits  # an amount
    return "[card]" if len(digits) in (16, 19) and _luhn(digits) else "[number]"


def _joined(match: re.Match[str]) -> str:
    groups = re.split("[./_-]", match[0])
    if sum(map(len, groups)) < 9:
        return match[0]
    if all(_YEAR.fullmatch(group) or len(group) <= 2 for group in groups):
        return match[0]  # years, or days with them
    if len(groups) == 2 and all(group.endswith("000") for group in groups):
        return match[0]  # from an amount to an amount
    if len(groups) == 2 and len(groups[1]) <= 2 and "." in match[0]:
        return match[0]  # an amount and its hundredths
    return "[number]"


def _is_pakistani(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "PK"))
    except phonenumbers.NumberParseException:
        return False


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
