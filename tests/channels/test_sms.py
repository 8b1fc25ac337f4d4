"""What the SMS channel makes of Twilio's calls."""

from collections.abc import Iterator

import pytest

from api.channels.base import DeliveryStatus, Form, Inbound, Kind, OptOut
from api.channels.sms import TwilioSms
from api.errors import BadCall, SettingsError
from tests.provider import forms
from tests.provider.fixtures import MakeSettings
from tests.provider.forms import PERSON, SMS_SENDER, signed_call, sms_form, status_form

_MMS = {"NumMedia": "1", "MediaUrl0": "https://x/1"}


@pytest.fixture
def sms(twilio_settings: MakeSettings) -> Iterator[TwilioSms]:
    channel = TwilioSms(twilio_settings())
    yield channel
    channel.close()


def read(channel: TwilioSms, form: forms.Form) -> Inbound:
    inbound = channel.parse_inbound(signed_call(form))
    assert inbound is not None
    return inbound


def test_an_sms_is_read_whole(sms: TwilioSms) -> None:
    assert read(sms, sms_form()) == Inbound(
        channel="sms",
        provider_id="SM" + "4" * 32,
        identity=PERSON,
        address=PERSON,
        text="visa fees",
    )


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        ({"Body": "ویزا؟"}, Kind.TEXT, "ویزا؟"),
        ({"Body": "x" * 1600}, Kind.TEXT, "x" * 1600),
        ({"Body": ""}, Kind.OTHER, ""),
        ({"Body": None}, Kind.OTHER, ""),
        ({"Body": "  "}, Kind.OTHER, ""),
        ({**_MMS, "MediaContentType0": "image/jpeg", "Body": ""}, Kind.IMAGE, ""),
        ({**_MMS, "MediaContentType0": "image/jpeg", "Body": "see"}, Kind.IMAGE, "see"),
        ({**_MMS, "MediaContentType0": "audio/amr", "Body": ""}, Kind.VOICE, ""),
        ({**_MMS, "MediaContentType0": "text/x-vcard", "Body": ""}, Kind.CONTACT_CARD, ""),
        ({"NumMedia": "1", "Body": ""}, Kind.OTHER, ""),
    ],
    ids=["urdu", "long", "blank", "none", "space", "mms", "caption", "voice", "card", "no address"],
)
def test_what_a_person_sent_is_recognised(
    sms: TwilioSms, changes: dict[str, str | None], kind: Kind, text: str
) -> None:
    inbound = read(sms, sms_form(**changes))
    assert (inbound.kind, inbound.text) == (kind, text)


_STOP = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        *((word, OptOut.STOP) for word in _STOP),
        *((word, OptOut.START) for word in ("START", "YES", "UNSTOP")),
        *((word, OptOut.HELP) for word in ("HELP", "INFO")),
        ("stop", OptOut.STOP),
        (" Stop\n", OptOut.STOP),
        ("STOP PLEASE", OptOut.NONE),
        ("cancel my order", OptOut.NONE),
        ("help me", OptOut.NONE),
        ("yes please", OptOut.NONE),
        ("ssttoopp", OptOut.NONE),
        ("بند", OptOut.NONE),
    ],
)
def test_the_words_that_twilio_answers_itself_are_marked(
    sms: TwilioSms, body: str, expected: OptOut
) -> None:
    assert read(sms, sms_form(Body=body)).answered_by_provider is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("STOP", OptOut.STOP), ("start", OptOut.START), ("HELP", OptOut.HELP), ("", OptOut.NONE)],
)
def test_what_twilio_says_it_did_is_believed(sms: TwilioSms, said: str, expected: OptOut) -> None:
    form = sms_form(Body="بند", OptOutType=said)
    assert read(sms, form).answered_by_provider is expected


@pytest.mark.parametrize(
    "form",
    [
        sms_form(From="8558"),
        sms_form(From="JazzCash"),
        sms_form(From=SMS_SENDER),
        sms_form(SmsStatus="delivered"),
        status_form("sent", From=PERSON),
    ],
    ids=["short code", "name", "our own words", "status word", "status call"],
)
def test_what_needs_no_answer_is_passed_over(sms: TwilioSms, form: forms.Form) -> None:
    assert sms.parse_inbound(signed_call(form)) is None


@pytest.mark.parametrize("sender", ["", None, f"whatsapp:{PERSON}", "rcs:brand"])
def test_a_call_from_another_channel_cannot_be_understood(
    sms: TwilioSms, sender: str | None
) -> None:
    with pytest.raises(BadCall):
        sms.parse_inbound(signed_call(sms_form(From=sender)))


def test_a_call_without_a_message_id_cannot_be_understood(sms: TwilioSms) -> None:
    form = sms_form(MessageSid=None, SmsSid=None, SmsMessageSid=None)
    with pytest.raises(BadCall):
        sms.parse_inbound(signed_call(form))


def test_a_receipt_of_the_operator_is_read(sms: TwilioSms) -> None:
    form = status_form(
        "delivered",
        To=PERSON,
        From=SMS_SENDER,
        ChannelPrefix=None,
        ChannelInstallSid=None,
        ChannelToAddress=None,
        EventType=None,
        RawDlrDoneDate="2611211200",
    )
    update = sms.parse_status(signed_call(form))
    assert update.status is DeliveryStatus.DELIVERED


def test_a_person_who_opted_out_is_known_by_a_later_status(sms: TwilioSms) -> None:
    update = sms.parse_status(signed_call(status_form("undelivered", error_code="21610")))
    assert update.error is not None
    assert update.error.opted_out


def test_an_answer_has_at_most_three_segments(sms: TwilioSms) -> None:
    limits = sms.limits
    assert (limits.form, limits.max_units, limits.max_segments) == (Form.SMS, 1600, 3)
    assert limits.window_hours is None
    assert limits.provider_handles_stop


def test_the_acknowledgement_is_an_empty_twiml_document(sms: TwilioSms) -> None:
    assert sms.acknowledgement() == ("<Response/>", "text/xml")


@pytest.mark.parametrize("sender", ["", "whatsapp:+14155238886"])
def test_a_channel_half_configured_does_not_start(
    twilio_settings: MakeSettings, sender: str
) -> None:
    with pytest.raises(SettingsError, match="SAHI_TWILIO_SMS_FROM"):
        TwilioSms(twilio_settings(twilio_sms_from=sender))
