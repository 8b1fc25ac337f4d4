"""What counsellors call a person: two words and a number, made of the keyed hash.

The same person has the same one as long as the secret is not exchanged; nobody gets from it to a
number. Plain things, which fit everybody.
"""

import hashlib

_FIRST = (
    "amber azure bright broad calm clear copper coral crimson dawn deep early emerald even fair "
    "fresh gentle golden grand green honest indigo ivory keen kind large light lively lucky mild "
    "misty new noble noon olive open pearl plain proud quick quiet rapid ready rosy round royal "
    "ruby sandy scarlet silent silver simple small smooth snowy soft spring steady summer sunny "
    "swift tall teal true"
).split()
_SECOND = (
    "almond apple apricot bamboo barley basil bay beach birch bridge brook canal cedar cherry "
    "cliff clover cotton cove creek cypress dune eagle falcon fern field fig garden grove harbour "
    "hazel hill island jasmine lake lemon lily mango maple meadow mint orchard palm peach pine "
    "plum poplar quince reed river rose saffron shore spruce stone stream sugar tulip valley "
    "walnut water wheat willow wood yarrow"
).split()


def nickname(pseudonym: str) -> str:
    """ "Golden Walnut 42"."""
    digest = hashlib.sha256(f"nickname\0{pseudonym}".encode()).digest()
    first = _FIRST[digest[0] % len(_FIRST)]
    second = _SECOND[digest[1] % len(_SECOND)]
    number = int.from_bytes(digest[2:4], "big") % 100
    return f"{first.capitalize()} {second.capitalize()} {number:02}"
