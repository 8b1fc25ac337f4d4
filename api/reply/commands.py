"""Messages that mean one thing as a whole: STOP, MORE, a number, the name of a language.

Only the whole message counts: "cancel my visa" is a question, "cancel" is an opt-out. The
words are content (`commands.yaml`, `languages.yaml`), so that editors can add to them.
"""

import re
from collections.abc import Mapping

from api.content.catalogue import Catalogue
from spelling import normalise, plain, skeleton, words

_NUMBER = re.compile(
    r"(?:no\.?|number|nambar|نمبر|option|#)?\s*\(?(\d{1,2})\s*[.)\-:۔]?\s*(?:number|nambar|نمبر|wala|والا)?"
)


RIGHTS = ("export", "erase")
"""What people may ask about themselves at any time, whatever else is silent towards them."""


_ANSWERS = {"yes": True, "no": False}


def recognise(text: str, catalogue: Catalogue) -> str | None:
    """The id of the command that a whole message is, or None."""
    found = _whole(text, catalogue)
    return None if found in _ANSWERS else found


def yes_or_no(text: str, catalogue: Catalogue) -> bool | None:
    """What a whole message says to a question of ours, 1 for yes and 2 for no; else None."""
    said = number(text)
    if said is not None:
        return {1: True, 2: False}.get(said)
    return _ANSWERS.get(_whole(text, catalogue) or "")


def _whole(text: str, catalogue: Catalogue) -> str | None:
    return catalogue.command_words.get(plain(text)) if len(text) <= 100 else None


def wishes_news(text: str, catalogue: Catalogue) -> bool:
    """Whether a message asks to be told later, whatever it names: "tell me when ... opens".

    A phrase with `...` in it fits what begins and ends with its parts.
    """
    command = catalogue.commands.get("tell-news")
    if command is None or len(text) > 300:
        return False
    padded = f" {plain(text)} "
    for phrase in command.words:
        begins, _, ends = phrase.partition("...")
        first, last = f" {plain(begins)}".rstrip(), f"{plain(ends)} ".lstrip()
        if padded.startswith(f"{first} ") and padded.endswith(f" {last}" if last else " "):
            return True
    return False


def number(text: str) -> int | None:
    """The number that a message consists of (Urdu digits too), or None."""
    match = _NUMBER.fullmatch(normalise(text))
    return int(match[1]) if match else None


def language(text: str, catalogue: Catalogue) -> str | None:
    """The language form that a whole message names, or None."""
    return catalogue.language_words.get(plain(text)) if len(text) <= 100 else None


def language_within(text: str, catalogue: Catalogue) -> str | None:
    """The language form named inside a request to change it; the longest name wins."""
    padded = f" {plain(text)} "
    found = [
        (len(word), code)
        for word, code in catalogue.language_words.items()
        if f" {word} " in padded
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
