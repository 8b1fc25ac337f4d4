"""Programs of Twilio itself agree with ours: its Node library signs, its calculator counts."""

import random
from typing import Any

import pytest

from api.channels.base import WebhookCall
from api.channels.segments import measure
from api.channels.smart_encoding import smart_encoded
from api.channels.twilio import verify
from api.errors import BadSignature
from tests.provider.forms import (
    ACCOUNT,
    TOKEN,
    Form,
    location_form,
    media_form,
    signature,
    sms_form,
    status_form,
    tapped_form,
    whatsapp_form,
)
from tests.provider.node import ask

_BASE = "https://bot.example/channels"
_CALLS: list[tuple[str, Form]] = [
    (f"{_BASE}/whatsapp/inbound", whatsapp_form()),
    (f"{_BASE}/whatsapp/inbound", whatsapp_form(Body="سلام، ویزا کی فیس کتنی ہے؟ ہم\u200cآہنگ")),
    (f"{_BASE}/whatsapp/inbound", whatsapp_form(Body="  ", ProfileName="علی 👨\u200d👩\u200d👧")),
    (f"{_BASE}/whatsapp/inbound", tapped_form()),
    (f"{_BASE}/whatsapp/inbound", media_form("audio/ogg")),
    (f"{_BASE}/whatsapp/inbound", location_form()),
    (f"{_BASE}/whatsapp/inbound", [*whatsapp_form(), ("Extra", "b"), ("Extra", "a")]),
    (f"{_BASE}/sms/inbound", sms_form(Body="")),
    (f"{_BASE}/sms/inbound?a=1&b=%D8%B3", sms_form(Body="a+b & c=d %20")),
    ("https://bot.example:8443/channels/sms/inbound", sms_form()),
    (f"{_BASE}/whatsapp/status/out-1", status_form("failed", error_code="63016")),
]


@pytest.fixture(scope="module")
def signed() -> list[str]:
    """The signature of each call by Twilio's library for Node."""
    return ask("sign.cjs", [{"token": TOKEN, "url": url, "form": form} for url, form in _CALLS])


@pytest.mark.parametrize("number", range(len(_CALLS)))
def test_what_another_library_signs_is_accepted(signed: list[str], number: int) -> None:
    url, form = _CALLS[number]
    call = WebhookCall(url, {"x-twilio-signature": signed[number]}, form)
    verify(call, [TOKEN], ACCOUNT)
    with pytest.raises(BadSignature):
        verify(WebhookCall(url, call.headers, [*form, ("x", "")]), [TOKEN], ACCOUNT)


def test_the_fake_signs_as_twilio_does(signed: list[str]) -> None:
    assert [signature(url, form) for url, form in _CALLS] == signed


def _judged(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What we say in the form of what the calculator says."""
    answers = []
    for question in questions:
        cost = measure(smart_encoded(question["text"]) if question["smart"] else question["text"])
        answers.append(
            {"encoding": str(cost.encoding), "segments": cost.segments, "units": cost.units}
        )
    return answers


def test_every_character_is_encoded_as_twilio_encodes_it() -> None:
    characters = [chr(point) for point in range(0x10000) if not 0xD800 <= point <= 0xDFFF]
    questions = [{"text": c, "smart": smart} for c in characters for smart in (False, True)]
    assert _judged(questions) == ask("segments.cjs", questions)


_PIECES = [
    *"abcXYZ019 .,?!@£$é\n",
    *"^{}[]~|\\€",
    "\r\n",
    *"ابپتسشعکگنوہیے۔؟،۱۲",
    "ہم\u200cآہنگ",
    "بّ",
    "e\u0301",
    *"“”–…`\t",
    *"😀🙏",
    "👨\u200d👩\u200d👧",
    "👍🏽",
    "🇵🇰",
    "❤\ufe0f",
]
_SIZES = [0, 1, 5, 66, 67, 68, 70, 71, 133, 134, 135, 152, 153, 154, 160, 161, 306, 307, 460, 800]


def test_pieces_at_the_border_of_a_segment_cost_what_twilio_says() -> None:
    texts = [
        before * size + piece + after * 70
        for before, after in (("س", "س"), ("a", "a"), ("a", "س"))
        for piece in ("\r\n", "€", "e\u0301", "👨\u200d👩\u200d👧", "🇵🇰", "😀")
        for size in (*range(60, 68), 133, 145, *range(150, 154))
    ]
    questions = [{"text": text, "smart": False} for text in texts]
    assert _judged(questions) == ask("segments.cjs", questions)


@pytest.mark.parametrize("seed", range(4))
def test_generated_texts_cost_what_twilio_says(seed: int) -> None:
    chance = random.Random(seed)
    questions = []
    for _ in range(250):
        pieces = chance.sample(_PIECES, chance.randint(1, 12))
        size = max(0, chance.choice(_SIZES) + chance.randint(-3, 3))
        text = "".join(chance.choice(pieces) for _ in range(size))
        questions.append({"text": text, "smart": chance.random() < 0.3})
    for question, ours, theirs in zip(
        questions, _judged(questions), ask("segments.cjs", questions), strict=True
    ):
        assert ours == theirs, question
