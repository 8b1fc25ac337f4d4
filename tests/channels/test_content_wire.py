"""Contents on the wire: our client, Twilio's own description (in Prism), a fake Twilio."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.channels.base import Channel, Choice, Outgoing, Template
from api.channels.content_api import ContentApi
from api.channels.content_shapes import Content, contents, fill
from api.channels.twilio_errors import CONTENT_REFUSED
from api.channels.typing_indicator import NoTyping, TwilioTyping, build_typing
from api.errors import SendError, SettingsError, TemplatesError
from tests.channels.conftest import Open
from tests.provider.behaviour import Behaviour, drop, garbage, refuse
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.fixtures import MakeSettings
from tests.provider.forms import PERSON, WHATSAPP_SENDER

CHOICES = (Choice("azad-visa", "1. Azad visa", ""), Choice("agent-fee-limit", "2. Agent ki fees"))
TEXT = "Kya aap ka matlab:\n1. Azad visa\n2. Agent ki fees?\nYa likhein."
MESSAGE = Outgoing("out-1", f"whatsapp:{PERSON}", TEXT, choices=CHOICES)
ALERT = Content(
    "topic-alert",
    "ur",
    {"twilio/text": {"body": "خبر: {{1}} پڑھیں"}},
    ("کوٹا",),
    "خبر: {{1}} پڑھیں",
    "UTILITY",
)

Api = Callable[..., ContentApi]


@pytest.fixture
def api(twilio_settings: MakeSettings) -> Iterator[Api]:
    opened: list[ContentApi] = []

    def at(base: str, **changes: object) -> ContentApi:
        opened.append(ContentApi(twilio_settings(twilio_content_base=base, **changes)))
        return opened[-1]

    yield at
    for one in opened:
        one.close()


def made(api: ContentApi, message: Outgoing = MESSAGE) -> Outgoing:
    """The message with its content, made at the provider."""
    filled = fill(message.text, message.choices, message.button)
    assert filled is not None
    content = next(one for one in contents() if one.friendly_name == filled.friendly_name)
    return replace(message, template=Template(api.create(content), filled.variables, True))


def test_buttons_arrive_and_the_body_is_the_numbered_text(
    watched_whatsapp: Channel, api: Api, prism: str, fake_twilio: FakeTwilio
) -> None:
    watched_whatsapp.send(made(api(prism)))
    (form,) = fake_twilio.attempts
    assert "Body" not in form
    assert fake_twilio.messages[0].body == TEXT
    assert fake_twilio.contents.tappable(form) == [(one.id, one.title) for one in CHOICES]
    assert form["StatusCallback"].endswith("/status/out-1")


@pytest.mark.parametrize("count", [3, 4, 10])
def test_a_list_in_urdu_arrives_as_it_was_given(
    watched_whatsapp: Channel, api: Api, prism: str, fake_twilio: FakeTwilio, count: int
) -> None:
    choices = tuple(
        Choice(f"topic-{n}", f"{n}. باہر ملک میں کام…", "باہر ملک میں کام کا قانونی راستہ")
        for n in range(1, count + 1)
    )
    lines = [f"{n}. باہر ملک میں کام کا قانونی راستہ" for n in range(1, count + 1)]
    text = "\n".join(["نمبر لکھیں:", *lines, 'یا اپنے لفظوں میں پوچھیں۔ it\'s "so"'])
    message = replace(MESSAGE, text=text, choices=choices, button="یہاں سے چنیں")
    watched_whatsapp.send(made(api(prism), message))
    assert fake_twilio.messages[0].body == text
    assert len(fake_twilio.contents.tappable(fake_twilio.attempts[0])) == count


def test_a_message_with_buttons_whose_answer_was_lost_is_found_by_its_words(
    opened: Open, api: Api, prism: str, fake_twilio: FakeTwilio
) -> None:
    message = made(api(prism))
    fake_twilio.next(drop(kept=True))
    with pytest.raises(SendError) as raised:
        opened(fake_twilio.url).send(message)
    assert raised.value.unknown_outcome
    found = opened(prism).look_up(message, datetime.now(UTC))
    assert found is not None
    assert found.provider_id == fake_twilio.messages[0].sid


@pytest.mark.parametrize("body", ["", TEXT + "\n1. Azad visa 2. Agent ki fees"])
def test_it_is_found_if_twilio_tells_no_words_of_a_content_or_more_of_them(
    watched_whatsapp: Channel, api: Api, prism: str, fake_twilio: FakeTwilio, body: str
) -> None:
    fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, body)
    assert watched_whatsapp.look_up(made(api(prism)), datetime.now(UTC)) is not None
    assert watched_whatsapp.look_up(MESSAGE, datetime.now(UTC)) is None


@pytest.mark.parametrize("code", sorted(CONTENT_REFUSED))
def test_a_refused_content_is_told_from_a_refused_message(
    watched_whatsapp: Channel, api: Api, prism: str, fake_twilio: FakeTwilio, code: str
) -> None:
    message = made(api(prism))
    fake_twilio.next(refuse(int(code), 404 if code == "20404" else 400))
    with pytest.raises(SendError) as raised:
        watched_whatsapp.send(message)
    assert raised.value.code == code
    assert not raised.value.retryable
    assert not raised.value.unknown_outcome
    watched_whatsapp.send(replace(message, template=None))
    assert fake_twilio.messages[0].body == TEXT


@pytest.mark.parametrize(
    ("variables", "code"),
    [(("a", "b\nc", "2. d", "e", "x", "y", "1", "2"), "21656"), (("",) * 8, "21656")],
)
def test_the_fake_refuses_the_variables_that_twilio_refuses(
    watched_whatsapp: Channel,
    api: Api,
    prism: str,
    fake_twilio: FakeTwilio,
    variables: tuple[str, ...],
    code: str,
) -> None:
    message = made(api(prism))
    assert message.template is not None
    spoilt = replace(message, template=replace(message.template, variables=variables))
    with pytest.raises(SendError) as raised:
        watched_whatsapp.send(spoilt)
    assert raised.value.code == code
    gone = replace(message, template=replace(message.template, sid="HX" + "0" * 32))
    with pytest.raises(SendError) as raised:
        watched_whatsapp.send(gone)
    assert raised.value.code == "21655"


def test_every_content_for_choices_is_what_the_description_allows(
    api: Api, prism: str, fake_twilio: FakeTwilio
) -> None:
    client = api(prism)
    sids = [client.create(one) for one in contents()]
    assert len(set(sids)) == len(sids)
    assert {one.sid: one.friendly_name for one in client.all()} == {
        one.sid: one.friendly_name for one in fake_twilio.contents.kept
    }


def test_a_long_list_of_contents_is_read_to_its_end(
    api: Api, prism: str, fake_twilio: FakeTwilio
) -> None:
    client = api(prism)
    for one in contents():
        client.create(one)
    fake_twilio.contents.most_per_page = 5
    assert len(list(client.all())) == len(contents())
    assert sum(call[:2] == ("GET", "/v1/Content") for call in fake_twilio.contents.calls) == 5


def test_an_approval_is_asked_for_decided_and_read(
    api: Api, prism: str, fake_twilio: FakeTwilio
) -> None:
    client = api(prism)
    sid = client.create(ALERT)
    assert client.approval(sid).state == "unsubmitted"
    assert client.submit(sid, ALERT).state == "received"
    assert fake_twilio.contents.calls[-1][2] == {
        "name": ALERT.friendly_name,
        "category": "UTILITY",
    }
    fake_twilio.contents.decide("topic_alert", "rejected", "It promises too much.")
    told = client.approval(sid)
    assert (told.state, told.reason) == ("rejected", "It promises too much.")


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (refuse(20003, 401), "20003"),
        (refuse(20429, 429), "20429"),
        (refuse(63040, 400, "no such category"), "63040"),
        (garbage(503), "503"),
        (garbage(201, "not json"), "unreadable"),
        (garbage(201, "[]"), "unreadable"),
        (garbage(201, '{"sid": "oops"}'), "unreadable"),
        (drop(kept=False), "broken"),
    ],
    ids=["401", "429", "refused", "503", "not json", "a list", "no id", "broken"],
)
def test_what_the_content_api_refuses_says_why(
    api: Api, fake_twilio: FakeTwilio, behaviour: Behaviour, code: str
) -> None:
    fake_twilio.contents.next(behaviour)
    with pytest.raises(TemplatesError) as raised:
        api(fake_twilio.url).create(ALERT)
    assert raised.value.code == code
    assert sum(call[0] == "POST" for call in fake_twilio.contents.calls) == 1, "never twice"


def test_where_nobody_listens_it_is_said_so(api: Api) -> None:
    with pytest.raises(TemplatesError) as raised:
        list(api("http://127.0.0.1:1").all())
    assert raised.value.code == "unreachable"


def test_without_an_account_there_is_nothing_to_ask(twilio_settings: MakeSettings) -> None:
    with pytest.raises(SettingsError):
        ContentApi(twilio_settings(twilio_account_sid=""))


SID = "SM" + "7" * 32


def test_typing_is_shown_as_the_description_wants_it(
    twilio_settings: MakeSettings, prism: str, fake_twilio: FakeTwilio
) -> None:
    typing = TwilioTyping(twilio_settings(twilio_api_base=prism), wait=0)
    typing.begin("whatsapp", SID)
    assert fake_twilio.contents.typed.wait(10)
    assert fake_twilio.contents.typing == [SID]


def test_typing_is_not_shown_for_what_was_answered_at_once_nor_by_sms(
    twilio_settings: MakeSettings, fake_twilio: FakeTwilio
) -> None:
    typing = TwilioTyping(twilio_settings(twilio_api_base=fake_twilio.url), wait=0.2)
    typing.begin("whatsapp", "SM" + "1" * 32)
    typing.end("SM" + "1" * 32)
    typing.begin("sms", "SM" + "2" * 32)
    typing.begin("whatsapp", SID)  # came last: the others have had their turn
    assert fake_twilio.contents.typed.wait(10)
    assert fake_twilio.contents.typing == [SID]


def test_typing_never_raises_waits_or_stops_for_good(
    twilio_settings: MakeSettings, fake_twilio: FakeTwilio
) -> None:
    away = TwilioTyping(twilio_settings(twilio_api_base="http://127.0.0.1:1"), wait=0)
    for number in range(1000):
        away.begin("whatsapp", f"SM{number:032x}")
        away.end(f"SM{number:032x}")
    assert threading.active_count() < 50


def test_typing_is_off_unless_it_is_asked_for(twilio_settings: MakeSettings) -> None:
    assert isinstance(build_typing(twilio_settings()), NoTyping)
    assert isinstance(build_typing(twilio_settings(twilio_typing=True)), TwilioTyping)
    without = twilio_settings(twilio_typing=True, twilio_whatsapp_from="")
    assert isinstance(build_typing(without), NoTyping)
