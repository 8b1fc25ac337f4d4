"""How SMS gateways speak: the names of their parameters, and how they put a text on the wire.

Two ways are known, Kannel's and Jasmin's; most aggregators have copied one of them and changed
names, which the settings can say.

Source: Kannel's user guide ("Using the HTTP interface to send SMS messages", "Delivery reports")
and a Kannel 1.4.5 that was run; Jasmin's HTTP API guide and its source (0.11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from api.channels.segments import Encoding, encoding_of
from api.settings import Settings


@dataclass(frozen=True)
class Dialect:
    """One gateway's way of speaking.

    Attributes:
        method: GET or POST.
        sent: our word for a parameter -> its name in a call of ours; a name of "" is left out.
        received: our word -> its name in a call of the gateway.
        coding: value of the parameter `coding` for each encoding.
        hex_text: a UCS-2 text goes as hexadecimal UTF-16BE in the parameter `hex`.
        gives_id: its yes names the message, and its reports name it in the same way.
        reports: value of the level parameter for every report that says something new.
        report_query: what it is to write into the address of a report, in its own placeholders.
        report_method: how it calls that address; "" where it knows one way only.
        wide: value of an incoming `coding` that means UTF-16BE where no charset is named.
        acknowledgement: the body that it wants to hear.
    """

    method: str
    sent: Mapping[str, str]
    received: Mapping[str, str]
    coding: Mapping[Encoding, str]
    hex_text: bool
    gives_id: bool
    reports: str
    report_query: str
    report_method: str
    wide: str
    acknowledgement: str

    def parameters(self, words: Mapping[str, str]) -> list[tuple[str, str]]:
        """What a call of ours carries: values by the gateway's names, empty ones left out."""
        return [
            (self.sent[word], value)
            for word, value in words.items()
            if value and self.sent.get(word)
        ]

    def text(self, text: str) -> dict[str, str]:
        """A text in our words for its parameters, as the gateway wants it."""
        encoding = encoding_of(text)
        words = {"coding": self.coding[encoding], "charset": "UTF-8"}
        if self.hex_text and encoding is Encoding.UCS_2:
            return {**words, "hex": text.encode("utf-16-be").hex()}
        return {**words, "text": text}


KANNEL = Dialect(
    method="GET",  # 1.4.5 answers a form by POST with "Invalid content-type"
    sent={
        "user": "username",
        "password": "password",
        "from": "from",
        "to": "to",
        "text": "text",
        "coding": "coding",
        "charset": "charset",
        "validity": "validity",
        "report-level": "dlr-mask",
        "report-url": "dlr-url",
    },
    received={
        **{word: word for word in ("from", "to", "text", "id", "time", "coding", "charset")},
        **{word: word for word in ("status", "error", "secret", "key", "hex")},
    },
    coding={Encoding.GSM_7: "0", Encoding.UCS_2: "2"},
    hex_text=False,
    gives_id=False,
    reports="27",  # delivered, not delivered, taken by the operator, refused by it
    report_query="status=%d&error=%A",
    report_method="",
    wide="2",
    acknowledgement="",
)

JASMIN = Dialect(
    method="POST",
    # It refuses a call with a parameter that it does not know.
    sent={
        "user": "username",
        "password": "password",
        "from": "from",
        "to": "to",
        "text": "content",
        "hex": "hex-content",
        "coding": "coding",
        "validity": "validity-period",
        "report-level": "dlr-level",
        "report-url": "dlr-url",
        "report-method": "dlr-method",
    },
    received={
        **{word: word for word in ("from", "to", "id", "time", "coding", "charset")},
        **{word: word for word in ("secret", "key")},
        "text": "content",
        "hex": "binary",
        "status": "message_status",
        "error": "err",
    },
    coding={Encoding.GSM_7: "0", Encoding.UCS_2: "8"},
    hex_text=True,
    gives_id=True,
    reports="3",
    report_query="",
    report_method="POST",
    wide="8",
    acknowledgement="ACK/Jasmin",
)


def dialect_of(settings: Settings) -> Dialect:
    """The dialect that the settings choose, with the names that they change."""
    chosen = {"kannel": KANNEL, "jasmin": JASMIN}[settings.sms_gateway_style]
    gives_id = chosen.gives_id
    if settings.sms_gateway_accepted:
        gives_id = "(?P<id>" in settings.sms_gateway_accepted
    return replace(
        chosen,
        method=settings.sms_gateway_method or chosen.method,
        sent={**chosen.sent, **_names(settings.sms_gateway_names)},
        received={**chosen.received, **_names(settings.sms_gateway_receive_names)},
        reports=settings.sms_gateway_reports or chosen.reports,
        gives_id=gives_id,
    )


def _names(setting: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in setting.split(",") if pair.strip())
    return {word.strip(): name.strip() for word, _, name in pairs}
