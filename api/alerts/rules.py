"""What the words of an alert must fulfil: as short as an SMS, in every full language."""

import re
from collections.abc import Iterator, Mapping

from api.channels.base import Form
from api.channels.segments import Encoding, encoding_of, utf16_units
from api.content.documents import LANGUAGES, Helpline
from api.content.rules import TYPED_NUMBER
from api.content.words import HELPLINE, put_numbers_in, without_isolates

LIMIT = {"en": 300, "ur-Latn": 300, "ur": 160}
"""Characters; with the line on how to leave it is three SMS at most."""

_URDU = re.compile("[\u0600-\u06ff]")

Fault = tuple[str, str]
"""A language, and the word for the rule that its text breaks."""


def faults(texts: Mapping[str, str], helplines: Mapping[str, Helpline]) -> Iterator[Fault]:
    """Every rule that the texts break: "missing", "number" (typed instead of referred to),
    "helpline" (unknown), "long", "characters" (not GSM-7, so that an SMS costs twice), "script"."""
    for language in LANGUAGES:
        text = texts.get(language, "")
        if not text.strip():
            yield language, "missing"
            continue
        if TYPED_NUMBER.search(HELPLINE.sub("", text)):
            yield language, "number"
        if any(name not in helplines for name in HELPLINE.findall(text)):
            yield language, "helpline"
            continue
        shown = without_isolates(put_numbers_in(text, helplines, language, Form.SMS))
        if utf16_units(shown) > LIMIT[language]:
            yield language, "long"
        urdu = _URDU.search(shown) is not None
        if urdu != (language == "ur"):
            yield language, "script"
        elif language != "ur" and encoding_of(shown) is not Encoding.GSM_7:
            yield language, "characters"
