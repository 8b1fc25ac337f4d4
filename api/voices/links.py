"""Links by which a provider fetches a recording: signed, and good for ten minutes.

Whoever has one can hear what anybody may ask for; the signature keeps people from walking through
what editors have not released yet, and the time keeps a link from being passed on for good.
"""

import re

from api.keys import Keys
from api.voices.storage import KEY

GOOD_FOR = 600
"""Seconds."""

PATH = "/media"
_TOKEN = re.compile(
    r"(?P<key>[0-9a-f]{64}\.[a-z0-9]{2,4})-(?P<until>\d{1,12})-(?P<mac>[0-9a-f]{64})"
)


def link(keys: Keys, base: str, key: str, moment: float) -> str:
    """The address of a recording.

    Args:
        base: our public address.
        moment: now, in seconds of the epoch.
    """
    signed = f"{key}-{int(moment) + GOOD_FOR}"
    return f"{base}{PATH}/{signed}-{keys.sign_link(signed)}"


def opened(keys: Keys, token: str, moment: float) -> str | None:
    """The key that a link names; None unless we made it, and not longer ago than it is good for."""
    match = _TOKEN.fullmatch(token)
    if match is None or not keys.is_our_link(f"{match['key']}-{match['until']}", match["mac"]):
        return None
    return match["key"] if KEY.fullmatch(match["key"]) and moment < int(match["until"]) else None
