"""What is worked out of a catalogue once and then used until the next one: it never changes."""

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from api.content.catalogue import Catalogue

T = TypeVar("T")


def once(work: Callable[[Catalogue], T]) -> Callable[[Catalogue], T]:
    """Keep what a function made of the newest catalogue. Callers must not change the result.

    Two threads may work it out at the same time; they find the same.
    """
    kept: tuple[weakref.ref[Catalogue], T] | None = None

    @wraps(work)
    def found(catalogue: Catalogue) -> T:
        nonlocal kept
        last = kept
        if last is not None and last[0]() is catalogue:
            return last[1]
        value = work(catalogue)
        kept = (weakref.ref(catalogue), value)
        return value

    return found
