"""What the WhatsApp channel makes of Twilio's calls."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from api.channels.base import DeliveryStatus, Form, Inbound, Kind, OptOut
from api.channels.whatsapp import TwilioWhatsApp
from api.errors import BadCall, SettingsError
from tests.provider import forms
from tests.provider.fixtures import MakeSettings
from tests.provider.forms import (
    BSUID,
    PERSON,
    WHATSAPP_SENDER,
    location_form,
    media_form,
    signed_call,
    status_form,
    tapped_form,
    whatsapp_form,
)

PHONE = f"whatsapp:{PERSON}"
PARENT = "whatsapp:PK.ENT.1000000000000001"


@pytest.fixture
def whatsapp(twilio_settings: MakeSettings) -> Iterator[TwilioWhatsApp]:
    channel = TwilioWhatsApp(twilio_settings())
    yield channel
    channel.close()


def read(channel: TwilioWhatsApp, form: forms.Form) -> Inbound:
    inbound = channel.parse_inbound(signed_call(form))
    assert inbound is not None
    return inbound


def test_a_text_message_is_read_whole(whatsapp: TwilioWhatsApp) -> None:
    assert read(whatsapp, whatsapp_form()) == Inbound(
        channel="whatsapp",
        provider_id="SM" + "1" * 32,
        identity=PHONE,
        address=PHONE,
        text="visa ki fees kitni hai",
    )


def test_a_tap_on_a_button_is_read_whole(whatsapp: TwilioWhatsApp) -> None:
    assert read(whatsapp, tapped_form()) == Inbound(
        channel="whatsapp",
        provider_id="SM" + "1" * 32,
        identity=BSUID,
        alias=PHONE,
        address=PHONE,
        text="Confirm",
        kind=Kind.CHOICE,
        choice="/confirm",
        replied_to="MM" + "2" * 32,
    )


def test_a_voice_note_is_read_whole(whatsapp: TwilioWhatsApp) -> None:
    form = media_form("audio/ogg", ExternalUserId=BSUID)
    assert read(whatsapp, form) == Inbound(
        channel="whatsapp",
        provider_id="SM" + "1" * 32,
        identity=BSUID,
        alias=PHONE,
        address=PHONE,
        text="",
        kind=Kind.VOICE,
        media=(("audio/ogg", dict(form)["MediaUrl0"]),),
    )


@dataclass(frozen=True)
class Case:
    """One call and what it says."""

    name: str
    form: forms.Form
    kind: Kind
    text: str = ""
    choice: str = ""


_TEXT = "visa ki fees kitni hai"
CASES = [
    Case("text of 2024, without newer fields", whatsapp_form(MessageType=None), Kind.TEXT, _TEXT),
    Case("urdu", whatsapp_form(Body="ویزا؟"), Kind.TEXT, "ویزا؟"),
    Case("longest", whatsapp_form(Body="x" * 4096), Kind.TEXT, "x" * 4096),
    Case("white space is kept", whatsapp_form(Body=" 1\n"), Kind.TEXT, " 1\n"),
    Case("no profile name", whatsapp_form(ProfileName=None), Kind.TEXT, _TEXT),
    Case("from an advertisement", whatsapp_form(ReferralCtwaClid="x"), Kind.TEXT, _TEXT),
    Case("type that is new to us", whatsapp_form(MessageType="poem"), Kind.TEXT, _TEXT),
    Case("button", tapped_form(), Kind.CHOICE, "Confirm", "/confirm"),
    Case("button without payload", tapped_form(ButtonPayload=None), Kind.TEXT, "Confirm"),
    Case(
        "row of a list",
        whatsapp_form(MessageType="interactive", ListId="t:2", ListTitle="Visa", Body="Visa"),
        Kind.CHOICE,
        "Visa",
        "t:2",
    ),
    Case("voice note with codec", media_form("audio/ogg; codecs=opus"), Kind.VOICE),
    Case("audio file", media_form("audio/mpeg"), Kind.VOICE),
    Case("picture", media_form("image/jpeg"), Kind.IMAGE),
    Case(
        "picture with caption", media_form("image/png", Body="is it real"), Kind.IMAGE, "is it real"
    ),
    Case("type in capitals", media_form("IMAGE/JPEG"), Kind.IMAGE),
    Case("body left out", media_form("image/jpeg", Body=None), Kind.IMAGE),
    Case("sticker", media_form("image/webp"), Kind.STICKER),
    Case("video", media_form("video/mp4"), Kind.VIDEO),
    Case("pdf", media_form("application/pdf"), Kind.DOCUMENT),
    Case("text file", media_form("text/plain"), Kind.DOCUMENT),
    Case("contact card", media_form("text/vcard", Body="Agent"), Kind.CONTACT_CARD, "Agent"),
    Case("contact card, older", media_form("text/x-vcard"), Kind.CONTACT_CARD),
    Case("named type helps", media_form("", MessageType="document"), Kind.DOCUMENT),
    Case("unknown media", media_form("chemical/x-pdb"), Kind.OTHER),
    Case("count is garbage", media_form("image/jpeg", NumMedia="many"), Kind.IMAGE),
    Case("count says none", media_form("image/jpeg", NumMedia="0"), Kind.IMAGE),
    Case("media without address", whatsapp_form(Body="", NumMedia="1"), Kind.OTHER),
    Case("location", location_form(), Kind.LOCATION),
    Case("half a location", location_form(Longitude=None), Kind.OTHER),
    Case(
        "contacts by name only", whatsapp_form(Body="", MessageType="contacts"), Kind.CONTACT_CARD
    ),
    Case("nothing at all", whatsapp_form(Body=""), Kind.OTHER),
    Case("only white space", whatsapp_form(Body=" \n"), Kind.OTHER),
    Case(
        "kind that cannot be shown", whatsapp_form(Body="", MessageType="unsupported"), Kind.OTHER
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_person_sent_is_recognised(whatsapp: TwilioWhatsApp, case: Case) -> None:
    inbound = read(whatsapp, case.form)
    assert (inbound.kind, inbound.text, inbound.choice) == (case.kind, case.text, case.choice)


def test_every_attachment_is_listed(whatsapp: TwilioWhatsApp) -> None:
    form = media_form("image/jpeg", NumMedia="2", MediaUrl1="https://x/2", MediaContentType1="a/b")
    assert read(whatsapp, form).media[1] == ("a/b", "https://x/2")


@pytest.mark.parametrize("field", ["Forwarded", "FrequentlyForwarded"])
@pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False), (None, False)])
def test_a_forwarded_message_is_marked(
    whatsapp: TwilioWhatsApp, field: str, value: str | None, expected: bool
) -> None:
    assert read(whatsapp, whatsapp_form(**{field: value})).forwarded is expected


def test_a_quoted_message_is_named(whatsapp: TwilioWhatsApp) -> None:
    form = whatsapp_form(OriginalRepliedMessageSid="SM" + "9" * 32)
    assert read(whatsapp, form).replied_to == "SM" + "9" * 32


@pytest.mark.parametrize(
    ("changes", "identity", "alias", "address"),
    [
        ({}, PHONE, "", PHONE),
        ({"ExternalUserId": BSUID}, BSUID, PHONE, PHONE),
        ({"ExternalUserId": PARENT}, PARENT, PHONE, PHONE),
        ({"ExternalUserId": BSUID, "From": BSUID, "WaId": None}, BSUID, "", BSUID),
        ({"ExternalUserId": BSUID, "From": BSUID}, BSUID, PHONE, BSUID),
        ({"ExternalUserId": None, "From": BSUID, "WaId": ""}, BSUID, "", BSUID),
        ({"ExternalUserId": "whatsapp:nonsense!"}, PHONE, "", PHONE),
        ({"ExternalUserId": ""}, PHONE, "", PHONE),
        ({"From": PERSON}, PHONE, "", PHONE),
    ],
    ids=[
        "phone",
        "both",
        "linked portfolio",
        "hidden phone",
        "hidden phone, known digits",
        "no field",
        "broken id",
        "blank id",
        "prefix missing",
    ],
)
def test_a_person_is_known_by_the_id_that_lasts(
    whatsapp: TwilioWhatsApp,
    changes: dict[str, str | None],
    identity: str,
    alias: str,
    address: str,
) -> None:
    inbound = read(whatsapp, whatsapp_form(**changes))
    assert (inbound.identity, inbound.alias, inbound.address) == (identity, alias, address)


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "whatsapp:",
        "whatsapp:+0123456789",
        "whatsapp:+92",
        "whatsapp:923001234567",
        "whatsapp:+92300 1234567",
        "whatsapp:+923001234567\n",
        "whatsapp:+۹۲۳۰۰۱۲۳۴۵۶۷",
        "whatsapp:PK.",
        "whatsapp:pk.123",
        "whatsapp:PK." + "1" * 129,
        "messenger:123",
        "WhatsApp:+923001234567",
    ],
)
def test_a_call_from_no_whatsapp_address_cannot_be_understood(
    whatsapp: TwilioWhatsApp, sender: str
) -> None:
    with pytest.raises(BadCall) as raised:
        whatsapp.parse_inbound(signed_call(whatsapp_form(From=sender)))
    assert "300" not in str(raised.value)


def test_an_sms_at_the_address_of_whatsapp_cannot_be_understood(whatsapp: TwilioWhatsApp) -> None:
    with pytest.raises(BadCall):
        whatsapp.parse_inbound(signed_call(forms.sms_form()))


def test_a_call_without_a_message_id_cannot_be_understood(whatsapp: TwilioWhatsApp) -> None:
    form = whatsapp_form(MessageSid=None, SmsSid=None, SmsMessageSid="")
    with pytest.raises(BadCall):
        whatsapp.parse_inbound(signed_call(form))


@pytest.mark.parametrize(
    "form",
    [
        whatsapp_form(MessageType="reaction", Body="👍"),
        whatsapp_form(From=WHATSAPP_SENDER),
        whatsapp_form(SmsStatus="delivered"),
        status_form("delivered", From=PHONE),
    ],
    ids=["reaction", "our own words", "status word", "status call"],
)
def test_what_needs_no_answer_is_passed_over(whatsapp: TwilioWhatsApp, form: forms.Form) -> None:
    assert whatsapp.parse_inbound(signed_call(form)) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Body": "STOP"}, OptOut.NONE),
        ({"Body": "STOP", "OptOutType": "STOP"}, OptOut.STOP),
        ({"Body": "band", "OptOutType": "stop"}, OptOut.STOP),
        ({"Body": "START", "OptOutType": "START"}, OptOut.START),
        ({"Body": "HELP", "OptOutType": "HELP"}, OptOut.HELP),
        ({"Body": "x", "OptOutType": "NEW"}, OptOut.NONE),
    ],
)
def test_twilio_answers_opt_out_words_only_where_it_says_so(
    whatsapp: TwilioWhatsApp, changes: dict[str, str | None], expected: OptOut
) -> None:
    assert read(whatsapp, whatsapp_form(**changes)).answered_by_provider is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("accepted", DeliveryStatus.QUEUED),
        ("scheduled", DeliveryStatus.QUEUED),
        ("queued", DeliveryStatus.QUEUED),
        ("sending", DeliveryStatus.QUEUED),
        ("sent", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("partially_delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.READ),
        ("undelivered", DeliveryStatus.UNDELIVERED),
        ("failed", DeliveryStatus.FAILED),
        ("canceled", DeliveryStatus.FAILED),
        ("received", None),
        ("teleported", None),
    ],
)
def test_each_status_word_has_a_state(
    whatsapp: TwilioWhatsApp, word: str, expected: DeliveryStatus | None
) -> None:
    update = whatsapp.parse_status(signed_call(status_form(word)))
    assert (update.provider_id, update.status) == ("SM" + "5" * 32, expected)
    assert (update.error_code, update.error) == ("", None)


def test_a_failed_message_says_why(whatsapp: TwilioWhatsApp) -> None:
    update = whatsapp.parse_status(signed_call(status_form("failed", error_code="63016")))
    assert update.status is DeliveryStatus.FAILED
    assert update.error_code == "63016"
    assert update.error is not None
    assert "24 hours" in update.error.explanation


def test_an_error_code_of_zero_is_none(whatsapp: TwilioWhatsApp) -> None:
    update = whatsapp.parse_status(signed_call(status_form("sent", ErrorCode="0")))
    assert update.error is None


def test_an_older_status_call_is_read_by_its_older_fields(whatsapp: TwilioWhatsApp) -> None:
    form = status_form("read", MessageSid=None, MessageStatus=None, ChannelInstallSid=None)
    update = whatsapp.parse_status(signed_call(form))
    assert (update.provider_id, update.status) == ("SM" + "5" * 32, DeliveryStatus.READ)


def test_a_status_call_without_a_status_cannot_be_understood(whatsapp: TwilioWhatsApp) -> None:
    form = status_form("sent", MessageStatus=None, SmsStatus=None)
    with pytest.raises(BadCall):
        whatsapp.parse_status(signed_call(form))


def test_the_acknowledgement_is_an_empty_twiml_document(whatsapp: TwilioWhatsApp) -> None:
    assert whatsapp.acknowledgement() == ("<Response/>", "text/xml")


def test_free_text_is_for_24_hours_and_1600_units(whatsapp: TwilioWhatsApp) -> None:
    limits = whatsapp.limits
    assert (limits.form, limits.window_hours, limits.max_units) == (Form.WHATSAPP, 24, 1600)
    assert limits.max_segments is None
    assert not limits.provider_handles_stop


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"twilio_whatsapp_from": ""}, "SAHI_TWILIO_WHATSAPP_FROM"),
        ({"twilio_whatsapp_from": "+14155238886"}, "SAHI_TWILIO_WHATSAPP_FROM"),
        ({"twilio_account_sid": ""}, "SAHI_TWILIO_ACCOUNT_SID"),
    ],
)
def test_a_channel_half_configured_does_not_start(
    twilio_settings: MakeSettings, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        TwilioWhatsApp(twilio_settings(**changes))
