"""SMS through a gateway of an operator or aggregator, by HTTP, in Kannel's or Jasmin's way.

In Pakistan a helpline has a short code that an aggregator brings to all operators; there is no
international provider that offers numbers which people can write to.
"""

import hmac
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from urllib.parse import quote, urlsplit

from api.channels.base import (
    DeliveryStatus,
    Form,
    Found,
    Glance,
    Inbound,
    Kind,
    Limits,
    OptOut,
    Outgoing,
    Sent,
    StatusUpdate,
    WebhookCall,
)
from api.channels.gateway_dialect import dialect_of
from api.channels.gateway_errors import accepted, delivery_status, refusal, report_error
from api.channels.gateway_forms import Fields, message_id, number_of, report_key, text_of
from api.channels.gateway_http import GatewayHttp
from api.channels.opt_out_words import opt_out_word
from api.channels.segments import Encoding, encoding_of, measure
from api.channels.split import split
from api.errors import BadCall, BadSignature, SendError, SettingsError
from api.settings import Settings

_VALIDITY_MINUTES = "10"  # as on Twilio: an answer that comes hours late does harm
_MOST_HAND_OVERS = 3
_TIME_FOR_A_REPORT = timedelta(seconds=30)
_MARK = 6  # room for "12/34 " before a part
_MOST_REMEMBERED = 10_000


class SmsGateway:
    """The channel `gateway`. See `api.channels.base.Channel`.

    Raises:
        SettingsError: the send address or the receive secret is missing, or a header malformed.
    """

    name = "gateway"

    def __init__(self, settings: Settings) -> None:
        if not settings.sms_gateway_send_url or not settings.sms_gateway_secrets:
            raise SettingsError(
                "SAHI_SMS_GATEWAY_SEND_URL and SAHI_SMS_GATEWAY_RECEIVE_SECRET must be set"
            )
        self.limits = Limits(
            form=Form.SMS,
            max_segments=3,
            provider_handles_stop=settings.sms_gateway_answers_stop,
        )
        self._settings = settings
        self._dialect = dialect_of(settings)
        self._secrets = settings.sms_gateway_secrets
        self._callback = f"{settings.public_base_url}/channels/{self.name}/status"
        networks = settings.sms_gateway_receive_from.split(",")
        self._networks = [ip_network(one.strip(), strict=False) for one in networks if one.strip()]
        self._http = GatewayHttp(
            settings.sms_gateway_send_url,
            self._dialect.method,
            _header(settings.sms_gateway_header.get_secret_value()),
            settings.sms_gateway_timeout,
            settings.send_workers,
        )
        self._parts_taken: dict[str, int] = {}

    def glance(self, call: WebhookCall) -> Glance:
        """See `Channel`."""
        fields = Fields(call, self._dialect.received)
        who = number_of(fields.value("from"), self._settings.sms_gateway_country)
        return Glance(who, text_of(fields, self._dialect))

    def parse_inbound(self, call: WebhookCall) -> Inbound | None:
        """See `Channel`. None: a sender that is no phone (a bank, an operator's short code).

        The secret comes as a parameter, or as the password of Basic authentication, or after
        `Bearer`.
        """
        fields = self._verified(call, self._secrets)
        written = fields.value("from")
        if not written:
            raise BadCall("the call names no sender")
        number = number_of(written, self._settings.sms_gateway_country)
        if not number:
            return None
        text = text_of(fields, self._dialect)
        return Inbound(
            channel=self.name,
            provider_id=message_id(fields, number, text, self._secrets[-1]),
            identity=number,
            address=number,
            text=text if text.strip() else "",
            kind=Kind.TEXT if text.strip() else Kind.OTHER,
            answered_by_provider=opt_out_word(text)
            if self._settings.sms_gateway_answers_stop
            else OptOut.NONE,
        )

    def parse_status(self, call: WebhookCall) -> StatusUpdate:
        """See `Channel`. The call shows the key that stood in the address we gave."""
        outbound_id = urlsplit(call.url).path.rpartition("/")[2]
        fields = self._verified(call, [report_key(one, outbound_id) for one in self._secrets])
        word, detail = fields.value("status"), fields.value("error")
        if not word:
            raise BadCall("the call names no status")
        # Kannel gives every report another id; only where the yes had one does it mean ours.
        provider_id = fields.value("id") if self._dialect.gives_id else ""
        status = delivery_status(word)
        if status not in (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED):
            return StatusUpdate(provider_id, status)
        code, error = report_error(word, detail)
        return StatusUpdate(provider_id, status, code, error)

    def send(self, message: Outgoing) -> Sent:
        """See `Channel`. A long text goes whole, or in numbered parts where the settings say so.

        When a later part is refused for now, the next try goes on where this one ended.
        """
        parts = self._parts(message.text)
        begin = min(self._parts_taken.get(message.outbound_id, 0), len(parts) - 1)
        given = ""
        for number, part in enumerate(parts[begin:], start=begin + 1):
            given = self._hand_over(message, part, last=number == len(parts))
            if number < len(parts):
                self._remember(message.outbound_id, number)
        self._parts_taken.pop(message.outbound_id, None)
        return Sent(given or message.outbound_id, DeliveryStatus.QUEUED.value)

    def look_up(self, message: Outgoing, since: datetime) -> Found | None:
        """Gateways cannot be asked about a message. What we know is whether it was reported.

        A report moves a message on, so one that is looked up has had none. It gets a little time
        for it; then it counts as never arrived and is sent again, twice at most: in doubt rather
        said twice than not at all, but not without end.

        Raises:
            SendError: a report may still come.
        """
        if message.attempts >= _MOST_HAND_OVERS:
            return Found(message.outbound_id, DeliveryStatus.FAILED, message.text)
        if datetime.now(UTC) - since < timedelta(minutes=1) + _TIME_FOR_A_REPORT:
            raise SendError("no-report-yet", "A report may still come.", unknown_outcome=True)
        return None

    def acknowledgement(self) -> tuple[str, str]:
        """Nothing for Kannel, which would send it as a reply; its own words for Jasmin."""
        return self._dialect.acknowledgement, "text/plain"

    def status_acknowledgement(self) -> tuple[str, str]:
        """See `AnswersStatus`."""
        return self.acknowledgement()

    def close(self) -> None:
        """See `Channel`."""
        self._http.close()

    def _verified(self, call: WebhookCall, secrets: list[str] | tuple[str, ...]) -> Fields:
        if self._networks and not self._is_allowed(call.peer):
            raise BadSignature("the call comes from an address that is not on the list")
        try:
            fields = Fields(call, self._dialect.received)
        except BadCall as error:
            raise BadSignature(str(error)) from None
        shown = [fields.value("secret"), fields.value("key"), _credential(call)]
        # All are compared, so that the time says nothing.
        if not any([_same(one, secret) for one in shown for secret in secrets]):  # noqa: C419
            raise BadSignature("the call does not show the secret")
        return fields

    def _is_allowed(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)

    def _parts(self, text: str) -> tuple[str, ...]:
        if self._settings.sms_gateway_long == "gateway" or measure(text).segments == 1:
            return (text,)
        room = 160 if encoding_of(text) is Encoding.GSM_7 else 70
        while True:
            room -= _MARK
            parts = split(text, max_units=room, max_segments=1)
            marked = tuple(f"{i}/{len(parts)} {part}" for i, part in enumerate(parts, start=1))
            # Letters that count twice may need more room than that.
            if room <= 4 * _MARK or all(measure(part).segments == 1 for part in marked):
                return marked

    def _hand_over(self, message: Outgoing, text: str, *, last: bool) -> str:
        settings = self._settings
        words = {
            "user": settings.sms_gateway_user,
            "password": settings.sms_gateway_password.get_secret_value(),
            "from": settings.sms_gateway_from,
            "to": self._written(message.address),
            **self._dialect.text(text),
            "validity": _VALIDITY_MINUTES,
        }
        if last and self._dialect.reports != "0":
            words["report-level"] = self._dialect.reports
            words["report-method"] = self._dialect.report_method
            words["report-url"] = self._report_address(message.outbound_id)
        status, body, retry_after = self._http.call(self._dialect.parameters(words))
        given = accepted(status, body, settings.sms_gateway_accepted)
        if given is None:
            raise refusal(status, body, retry_after)
        return given

    def _written(self, address: str) -> str:
        before = {"plus": "+", "digits": "", "00": "00"}[self._settings.sms_gateway_numbers]
        return before + address.removeprefix("+")

    def _report_address(self, outbound_id: str) -> str:
        names = self._dialect.received
        key = f"{names['key']}={report_key(self._secrets[0], outbound_id)}"
        query = "&".join(filter(None, (key, self._dialect.report_query)))
        return f"{self._callback}/{quote(outbound_id, safe='')}?{query}"

    def _remember(self, outbound_id: str, parts: int) -> None:
        if len(self._parts_taken) >= _MOST_REMEMBERED:
            self._parts_taken.pop(next(iter(self._parts_taken)), None)
        self._parts_taken[outbound_id] = parts


def _same(shown: str, secret: str) -> bool:
    return hmac.compare_digest(shown.encode(), secret.encode())


def _credential(call: WebhookCall) -> str:
    """The password of Basic authentication, or what stands after `Bearer`."""
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() == "basic":
        try:
            return b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""


def _header(setting: str) -> tuple[str, str] | None:
    if not setting:
        return None
    name, colon, value = setting.partition(":")
    if not colon or not name.strip().isascii() or not value.strip():
        raise SettingsError("SAHI_SMS_GATEWAY_HEADER must look like Name: value")
    return name.strip(), value.strip()
