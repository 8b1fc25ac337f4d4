"""Numbers in words, as people write them before "lakh" or "saal" in each of the three forms."""

from collections.abc import Iterator, Sequence

from spelling import normalise

_WRITTEN = {
    1: "one ek aik aek ik ایک اک",
    2: "two do دو",
    3: "three teen tin تین",
    4: "four char chaar چار",
    5: "five paanch panch panj پانچ پنج",
    6: "six chhe che chay chey chhay چھ چھے چھہ",
    7: "seven saat sat سات",
    8: "eight aath ath ath آٹھ",
    9: "nine nau naw نو",
    10: "ten das dus دس",
    11: "eleven gyarah gyara giyarah giyara گیارہ",
    12: "twelve barah bara baara بارہ",
    13: "thirteen terah tera تیرہ",
    14: "fourteen chaudah chauda choda chodah چودہ",
    15: "fifteen pandrah pandra pandarah پندرہ",
    16: "sixteen solah sola سولہ",
    17: "seventeen satrah satra satarah سترہ",
    18: "eighteen atharah athara atthara اٹھارہ",
    19: "nineteen unnis unees unnees انیس",
    20: "twenty bees bis بیس",
    25: "pachees pachis pacchees پچیس",
    30: "thirty tees tis تیس",
    40: "forty fourty chalees chalis چالیس",
    50: "fifty pachas pachaas پچاس",
    60: "sixty saath ساٹھ",
    70: "seventy sattar ستر",
    80: "eighty assi اسی",
    90: "ninety nabbe navvay nawway نوے",
    100: "hundred sau سو",
}
NUMERALS = {normalise(word): number for number, forms in _WRITTEN.items() for word in forms.split()}
_TENS = frozenset(normalise(word) for word in "twenty thirty forty fourty fifty sixty seventy"
                  " eighty ninety".split())  # fmt: skip


def numerals(said: Sequence[str]) -> Iterator[tuple[float, str]]:
    """Each number in words with the word behind it; "twenty five" is one number."""
    before = ["", *said]
    for first, word, after in zip(before, said, said[1:], strict=False):
        number = NUMERALS.get(word)
        if number is not None:
            # "twenty five thousand" is not five thousand.
            tens = NUMERALS[first] if first in _TENS and number < 10 else 0
            yield tens + number, after
