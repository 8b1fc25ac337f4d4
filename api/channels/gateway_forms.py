"""What an SMS gateway's calls say: who wrote, what, and when; in whatever letters it came.

A call is GET or POST, and what belongs together may be in both: the secret in the address, the
message in the body. Values are bytes first: an operator's UTF-16 and GSM letters are no UTF-8.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from api.channels.base import WebhookCall
from api.channels.gateway_dialect import Dialect
from api.errors import BadCall

_MOST_FIELDS = 100
_ID_LENGTH = 64
_REPEAT_SECONDS = 10

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_MORE = dict(zip("\nΛ()/<=>¡e", "\f^{}\\[~]|€", strict=True))
_CONTROLS = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f]")


class Fields:
    """The values of one call, by our words for them.

    Raises:
        BadCall: the call is no form, or has too many fields.
    """

    def __init__(self, call: WebhookCall, names: Mapping[str, str]) -> None:
        try:
            query = parse_qsl(
                urlsplit(call.url).query,
                keep_blank_values=True,
                errors="surrogateescape",
                max_num_fields=_MOST_FIELDS,
            )
        except ValueError:
            raise BadCall("too many fields") from None
        self._names = names
        self._values: dict[str, str] = {}
        for name, value in (*query, *call.form):
            self._values.setdefault(name, value)

    def raw(self, word: str) -> bytes:
        """A value as the bytes that came."""
        name = self._names.get(word)
        value = self._values.get(name, "") if name else ""
        return value.encode("utf-8", "surrogateescape")

    def value(self, word: str) -> str:
        """A value as text; bytes that make no sense are replaced."""
        return self.raw(word).decode("utf-8", "replace").replace("\0", "").strip()


def number_of(written: str, country: str) -> str:
    """A phone number as `+` and digits; "" for what is none: a short code, a bank's name.

    Args:
        written: with `+`, `00`, the country's code or the national 0 before it. A `+` that was not
            escaped in an address has become a space.
        country: code of the country whose numbers begin with one 0.
    """
    digits = re.sub(r"[\s().-]", "", written)
    if digits.startswith("+"):
        digits = digits[1:]
    elif digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = country + digits[1:]
    if re.fullmatch(r"[1-9]\d{8,14}", digits, re.ASCII):
        return f"+{digits}"
    return ""


def text_of(fields: Fields, dialect: Dialect) -> str:
    """What the person wrote, from the charset that the call names, or from what the bytes show."""
    raw, wide = fields.raw("text"), fields.value("coding") == dialect.wide
    written = fields.value("hex")
    if written:
        try:
            raw = bytes.fromhex(written)
        except ValueError:
            raise BadCall("the hexadecimal text is none") from None
    charsets = [fields.value("charset"), "utf-16-be" if wide else "", "utf-8", "latin-1"]
    if not wide and written and _CONTROLS.search(raw) and max(raw) < 0x80:
        return _from_gsm(raw)
    for charset in filter(None, charsets):
        try:
            return raw.decode(charset).replace("\0", "").removeprefix("\ufeff")
        except (LookupError, ValueError):
            continue
    raise BadCall("the text is in no known charset")  # pragma: no cover  latin-1 reads anything


def _from_gsm(raw: bytes) -> str:
    """GSM 03.38 letters, one a byte, as operators hand them on unpacked."""
    text = "".join(_GSM[byte] for byte in raw)
    return re.sub("\x1b(.)", lambda match: _GSM_MORE.get(match[1], match[1]), text, flags=re.DOTALL)


def message_id(fields: Fields, sender: str, text: str, secret: str) -> str:
    """The gateway's id of the message; without one, a hash of who, what and when.

    The same call again gives the same id. Where a gateway tells neither an id nor a time, the
    same text counts as a repetition within ten seconds only: "1" is a frequent answer.

    Args:
        secret: without it a hash cannot be made from a list of phone numbers.
    """
    given = fields.value("id")
    if given and len(given) <= _ID_LENGTH:
        return given
    when = given or fields.value("time") or f"~{int(time.time() // _REPEAT_SECONDS)}"
    what = "\0".join((sender, text, when)).encode("utf-8", "replace")
    return "h-" + hmac.new(secret.encode(), what, hashlib.sha256).hexdigest()[:48]


def report_key(secret: str, outbound_id: str) -> str:
    """What a delivery report must show: good for that message alone, so that the secret itself
    need not stand in an address that gateways write into their logs."""
    message = f"status\0{outbound_id}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]
