"""The index in use: one for the process, replaced as a whole.

Rasa builds its components by itself and can be handed nothing, so the place where the refresher
puts a new index and the matcher finds it has to be known by name.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.components.index import Index
from bot.components.variants import Published


@dataclass(frozen=True)
class Live:
    """An index with what it was made from.

    Attributes:
        titles: topic id -> language code -> title.
        published: everything it knows, or is about to learn.
    """

    index: Index
    version: str
    topics: int
    variants: int
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    published: Published | None = None


class Place:
    """Where the index in use is. Reading and replacing a reference needs no lock."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._confirmed: float | None = None

    @property
    def live(self) -> Live | None:
        """The index in use, None until there is one."""
        return self._live

    @property
    def age(self) -> float | None:
        """Seconds since the api last said that this is the newest; None if it never did."""
        return None if self._confirmed is None else time.monotonic() - self._confirmed

    def replace(self, live: Live | None) -> None:
        """Use another index from the next message on."""
        self._live = live

    def confirm(self) -> None:
        """The api says that the index in use is the newest."""
        self._confirmed = time.monotonic()


PLACE = Place()
