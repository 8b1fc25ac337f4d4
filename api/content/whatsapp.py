"""WhatsApp templates: what may be said to somebody who has not written for 24 hours.

WhatsApp approves each by hand. What it is known to refuse is found here before it is sent there.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import StringConstraints

from api.channels.segments import utf16_units
from api.content.documents import LANGUAGES, Document, Id, Language, Line
from api.content.rules import TYPED_NUMBER, Broken, script_faults

BODY_LIMIT = 1024
PLACE = re.compile(r"\{\{([^{}]*)\}\}")

_NUMBERED = re.compile(r"[1-9]\d?")
_ADJACENT = re.compile(r"\}\}[\s،,.:;!?؟۔-]*\{\{")
_EDGES = " \n\t.,:;!?،؟۔*_~-"
_MANY_SPACES = re.compile(r" {5,}|\t")
_FEWEST_WORDS_EACH = 3


class WhatsAppTemplate(Document):
    """One template in every language. `{{1}}`, `{{2}}` in `body` are places to be filled.

    `category`: UTILITY for what somebody asked for, MARKETING for everything else.
    `samples`: what stands in the places when WhatsApp's people look at it.
    """

    id: Id
    when: Line
    category: Literal["UTILITY", "MARKETING"]
    body: dict[Language, Annotated[str, StringConstraints(min_length=1)]]
    samples: dict[Language, list[Line]] = {}  # noqa: RUF012  pydantic copies it


def check_template(template: WhatsAppTemplate) -> Iterator[Broken]:
    """Every rule that one template breaks."""
    for code in LANGUAGES:
        if code not in template.body:
            yield ("body",), f"no text in {code}"
    counts = set()
    for code, body in template.body.items():
        places = PLACE.findall(body)
        counts.add(len(set(places)))
        for fault in _body_faults(body, places):
            yield ("body", code), fault
        yield from script_faults(PLACE.sub("", body), code, ("body", code))
        samples = template.samples.get(code, [])
        if len(samples) != len(set(places)):
            where = ("samples", code) if code in template.samples else ("samples",)
            yield where, f"{len(samples)} samples in {code}, {len(set(places))} places"
    if len(counts) > 1:
        yield ("body",), "has not the same number of places in every language"


def _body_faults(body: str, places: list[str]) -> Iterator[str]:
    """What WhatsApp refuses, and what our own rules do."""
    if utf16_units(body) > BODY_LIMIT:
        yield f"has {utf16_units(body)} characters, at most {BODY_LIMIT}"
    if any(not _NUMBERED.fullmatch(place) for place in places) or "{" in PLACE.sub("", body):
        yield "a place is written {{1}}, {{2}} and so on"
    elif list(dict.fromkeys(places)) != [str(n) for n in range(1, len(set(places)) + 1)]:
        yield "places are numbered 1, 2, 3 in the order in which they stand"
    shown = body.strip(_EDGES)
    if shown.startswith("{{") or shown.endswith("}}"):
        yield "a place may not stand at the beginning or the end; put a word there"
    if _ADJACENT.search(body):
        yield "two places may not stand side by side; put a word between them"
    if places and len(PLACE.sub(" ", body).split()) < _FEWEST_WORDS_EACH * len(places) + 2:
        yield "has too few words for so many places"
    if _MANY_SPACES.search(body):
        yield "more than four spaces, or a tab"
    if TYPED_NUMBER.search(body):
        yield "a phone number is typed; a template has none, for it cannot be changed"
