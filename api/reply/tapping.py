"""What can be tapped below a list, and what a tap means.

The titles of topics are longer than a button or a row may be. So each begins with its number, as
in the text above it, and is cut at a word; a row has the whole title below.
"""

import re
from collections.abc import Sequence

from api.channels.base import Choice, Form, Kind
from api.channels.content_shapes import (
    BUTTON_UNITS,
    DESCRIPTION_UNITS,
    MOST_BUTTONS,
    MOST_ROWS,
    ROW_UNITS,
)
from api.channels.segments import cluster_borders, utf16_units
from api.content.catalogue import Catalogue
from api.messages.inbox import Received

LANGUAGE = "language:"
"""Before the code of a language in an id; an id without it is that of a topic."""

_CUT = "…"
_NUMBER = re.compile(r"\d{1,2}\.\s+")


def choices(items: Sequence[tuple[str, str]], form: Form) -> tuple[Choice, ...]:
    """Buttons or rows for (id, title) in the order of the numbers; none by SMS."""
    if form is not Form.WHATSAPP or not 2 <= len(items) <= MOST_ROWS:
        return ()
    most = BUTTON_UNITS if len(items) <= MOST_BUTTONS else ROW_UNITS
    return tuple(
        Choice(id_, cut(f"{number}. {title}", most), cut(title, DESCRIPTION_UNITS))
        for number, (id_, title) in enumerate(items, start=1)
    )


def cut(text: str, most: int) -> str:
    """The text in at most so many units: whole words if they fit, and a mark that more follows."""
    if utf16_units(text) <= most:
        return text
    words = text.split()
    while len(words) > 1 and utf16_units(" ".join(words) + _CUT) > most:
        words.pop()
    short = " ".join(words)
    if utf16_units(short + _CUT) > most:
        borders = [end for end in cluster_borders(short) if utf16_units(short[:end]) < most]
        short = short[: max(borders, default=0)]
    return short.rstrip("،,:;.؟? ") + _CUT


def untapped(text: str) -> str:
    """The words of a row without its number and mark, as they come when only words come."""
    return _NUMBER.sub("", text, count=1).removesuffix(_CUT)


def language(message: Received, catalogue: Catalogue) -> str | None:
    """The language that was tapped, None if none was."""
    code = message.choice.removeprefix(LANGUAGE)
    return code if message.choice.startswith(LANGUAGE) and code in catalogue.languages else None


def is_ours(message: Received, catalogue: Catalogue) -> bool:
    """Whether this is a tap on something that we know: its words are ours, not the person's."""
    if message.kind is not Kind.CHOICE or not message.choice:
        return False
    return bool(catalogue.topic(message.choice) or language(message, catalogue))
