"""How people spell: one view of a word across misspellings, keyboards and scripts.

Both sides use it (the safety check in `api/`, the matcher in `bot/`), so it is plain Python
from 3.10 on without dependencies. Keys made here are for comparing only: they are never
stored as somebody's words and never shown.
"""

from spelling.language import Guess, Tongue, identify
from spelling.normalise import clean, normalise, plain, words
from spelling.repeating import said_once
from spelling.skeleton import skeleton

__all__ = [
    "Guess",
    "Tongue",
    "clean",
    "identify",
    "normalise",
    "plain",
    "said_once",
    "skeleton",
    "words",
]
