"""Messages that mean one thing as a whole: STOP, MORE, a number, the name of a language.

Only the whole message counts: "cancel my visa" is a question, "cancel" is an opt-out. The
words are content (`commands.yaml`, `languages.yaml`), so that editors can add to them.
"""

import re
from collections.abc import Mapping

from api.content.catalogue import Catalogue
from spelling import normalise, skeleton, words

_NUMBER = re.compile(
    r"(?:no\.?|number|nambar|نمبر|option|#)?\s*\(?(\d{1,2})\s*[.)\-:۔]?\s*(?:number|nambar|نمبر|wala|والا)?"
)
_NOT_LETTERS = re.compile(r"[^\w\s]|_")


def recognise(text: str, catalogue: Catalogue) -> str | None:
    """The id of the command that a whole message is, or None."""
    plain = _plain(text)
    if not plain or len(plain) > 60:
        return None
    for command in catalogue.commands.values():
        if plain in {_plain(word) for word in command.words}:
            return command.id
    return None


def number(text: str) -> int | None:
    """The number that a message consists of (Urdu digits too), or None."""
    match = _NUMBER.fullmatch(normalise(text))
    return int(match[1]) if match else None


def language(text: str, catalogue: Catalogue) -> str | None:
    """The language form that a whole message names, or None."""
    plain = _plain(text)
    for form in catalogue.languages.values():
        if plain in {_plain(word) for word in form.words}:
            return form.code
    return None


def language_within(text: str, catalogue: Catalogue) -> str | None:
    """The language form named inside a request to change it; the longest name wins."""
    padded = f" {_plain(text)} "
    found = [
        (len(_plain(word)), form.code)
        for form in catalogue.languages.values()
        for word in form.words
        if f" {_plain(word)} " in padded
    ]
    return max(found)[1] if found else None


def chosen_title(text: str, titles: Mapping[str, tuple[str, ...]]) -> str | None:
    """The one item of a list whose title a message repeats, or None.

    The words of the message must be words of exactly one title, spelling aside, two of them
    or half of it: a new question that happens to share a word stays a question.
    """
    asked = {skeleton(word) for word in words(text)} - {""}
    if not asked or len(asked) > 12:
        return None
    matching = []
    for item, forms in titles.items():
        for title in forms:
            named = {skeleton(word) for word in words(title)} - {""}
            if asked <= named and (len(asked) >= 2 or len(asked) * 2 >= len(named)):
                matching.append(item)
                break
    return matching[0] if len(matching) == 1 else None


def _plain(text: str) -> str:
    return " ".join(_NOT_LETTERS.sub(" ", normalise(text)).split())
