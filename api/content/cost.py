"""What sending an answer a thousand times costs, as an estimate for editors.

The prices are settings, because they differ by contract and change every few months. Without
one the pages show messages and segments only.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SENDS = 1000
"""The number of sends that an estimate is for."""

_PRICE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ([^\s\d]{1,8})")


@dataclass(frozen=True)
class Price:
    """Of one unit: a segment of an SMS, or one WhatsApp message. `currency` as it is shown."""

    amount: Decimal
    currency: str

    def of(self, units: int) -> str:
        """What so many units cost when they are sent a thousand times: "83.50 USD"."""
        total = self.amount * units * SENDS
        places = Decimal("1") if total >= 1000 else Decimal("0.01")
        return f"{total.quantize(places, ROUND_HALF_UP):,} {self.currency}"


def read_price(text: str) -> Price | None:
    """The price that a setting holds, such as "0.0473 USD"; None for an empty one.

    Raises:
        ValueError: it is not an amount, a space and a currency.
    """
    if not text.strip():
        return None
    match = _PRICE.fullmatch(text.strip())
    if match is None:
        raise ValueError("must be an amount, a space and a currency, such as `0.05 USD`")
    return Price(Decimal(match[1]), match[2])
