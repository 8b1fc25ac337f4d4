"""The interface in Urdu: whole, and with the same places for values."""

import re

import pytest
from babel.messages.pofile import read_po

from api.content.files import CONTENT
from api.desk import ticket_words
from api.safety.phrases import load
from setup.interface_texts import LOCALE, gathered

_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.fixture(scope="module")
def translated() -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    with (LOCALE / "ur" / "desk.po").open("rb") as lines:
        catalogue = read_po(lines, locale="ur")
    return {message.id: message.string for message in catalogue if message.id}  # type: ignore[misc]


def test_every_text_of_the_interface_is_translated(translated: dict[str, str]) -> None:
    missing = [text for text in gathered() if not all(_each(translated.get(text)))]  # type: ignore[arg-type]
    assert not missing


def test_no_translation_is_left_over(translated: dict[str, str]) -> None:
    assert not set(translated) - set(gathered())


def test_a_translation_has_the_places_of_the_text(translated: dict[str, str]) -> None:
    for text, translation in translated.items():
        wanted = {place for part in _each(text) for place in _PLACES.findall(part)}
        for part in _each(translation):
            assert set(_PLACES.findall(part)) <= wanted, text


def test_what_a_ticket_is_about_has_words() -> None:
    danger = {one.id for one in load(CONTENT / "safety").categories if one.kind == "danger"}
    checks = {file.stem for file in (CONTENT / "checks").glob("*.yaml")}
    assert danger | checks == set(ticket_words.CATEGORIES)


def _each(text: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if text is None:
        return ("",)
    return (text,) if isinstance(text, str) else text
