"""What an SMS gateway's answers and delivery reports mean for us.

A gateway that says no has a sentence for it, and the HTTP status beside it is of little help:
Jasmin says 403 to a wrong password, to an empty account and to too much at once. So sentences are
looked at first. A sentence that we do not know is judged by the status; after a 5xx nobody knows.

Source: Kannel 1.4.5 (its smsbox, run), Jasmin 0.11 (`protocols/http/endpoints/send.py`), SMPP 3.4
(states of a message, command statuses).
"""

import re

from api.channels.base import DeliveryStatus, Explanation
from api.errors import SendError

_LATER = "The gateway took nothing; it may later."
_ANSWERS: tuple[tuple[str, str, Explanation], ...] = tuple(
    (pattern, code, Explanation(text, retryable=retryable, alert=alert))
    for pattern, code, text, retryable, alert in (
        # Kannel
        (r"Temporal failure, try again later", "busy", _LATER, True, False),
        (r"Authorization failed for sendsms", "auth", "It refused our user.", False, True),
        (r"Not routable", "no-route", "It has no way to that number.", False, True),
        (r"(?:misformed|missing|not allowed|too long).*rejected", "refused", "", False, True),
        (r"Invalid content-type|Unknown request", "wrong-url", "", False, True),
        # Jasmin
        (r"User throughput exceeded", "throttled", "We were too fast for it.", True, False),
        (r"Authentication failure|Authorization failed", "auth", "It refused us.", False, True),
        (r"Cannot charge submit_sm", "no-credit", "Our account there is empty.", False, True),
        (r"no bound connectors", "no-operator", "No operator is connected.", True, True),
        (r"No route found", "no-route", "It has no way to that number.", False, True),
        (r"Cannot send submit_sm", "busy", _LATER, True, False),
        (r"Interceptor\w* not (?:set|connected)", "busy", _LATER, True, True),
        (r"Argument \S+ is unknown|invalid value|Mandatory arg", "refused", "", False, True),
    )
)
_REFUSED = "The gateway does not accept our call; check the settings SAHI_SMS_GATEWAY_*."
_KNOWN_YES = (
    re.compile(r"(?:0: Accepted for delivery|3: Queued for later delivery)", re.IGNORECASE),
    re.compile(r'Success "(?P<id>[^"\s]{1,64})"'),
)


def accepted(status: int, body: str, pattern: str = "") -> str | None:
    """The gateway's id of a message that it took, "" if it names none; None: it did not take it.

    Args:
        pattern: what its yes looks like instead of Kannel's and Jasmin's.
    """
    if not 200 <= status < 300:
        return None
    for known in (re.compile(pattern),) if pattern else _KNOWN_YES:
        found = known.match(body.strip())
        if found:
            return found.groupdict().get("id") or ""
    return None


def refusal(status: int, body: str, retry_after: float | None = None) -> SendError:
    """The error that the outbox decides by, for an answer that is no yes."""
    for pattern, code, meaning in _ANSWERS if status >= 400 else ():
        if re.search(pattern, body, re.IGNORECASE):
            return SendError(
                code,
                meaning.text or _REFUSED,
                retryable=meaning.retryable,
                alert=meaning.alert,
                retry_after=retry_after,
            )
    code = f"http-{status}"
    if status == 429:
        return SendError(code, "Too many calls at once.", retryable=True, retry_after=retry_after)
    if 400 <= status < 500 and status != 408:
        return SendError(code, _REFUSED, alert=True)
    if status < 400:
        text = "The gateway's answer could not be read; it may have taken the message."
        return SendError("unreadable", text, alert=True, unknown_outcome=True)
    text = "The gateway failed; it may have taken the message."
    return SendError(code, text, unknown_outcome=True)


# Kannel's numbers are bits: 34 is "not delivered" of a message that was too old.
_BITS = (
    (1, DeliveryStatus.DELIVERED),
    (2, DeliveryStatus.UNDELIVERED),
    (16, DeliveryStatus.FAILED),
    (8, DeliveryStatus.SENT),
    (4, DeliveryStatus.QUEUED),
)
_WORDS = {
    "ESME_ROK": DeliveryStatus.SENT,
    "ENROUTE": DeliveryStatus.SENT,
    "ACCEPTD": DeliveryStatus.SENT,
    "DELIVRD": DeliveryStatus.DELIVERED,
    "UNDELIV": DeliveryStatus.UNDELIVERED,
    "EXPIRED": DeliveryStatus.UNDELIVERED,
    "DELETED": DeliveryStatus.UNDELIVERED,
    "REJECTD": DeliveryStatus.FAILED,
    "UNKNOWN": None,
}


def delivery_status(word: str) -> DeliveryStatus | None:
    """Our state for a report's word or number; None for one that says nothing."""
    word = word.strip().upper()
    if word.isascii() and word.isdigit():
        number = int(word)
        return next((status for bit, status in _BITS if number & bit), None)
    if word.startswith("ESME_") and word not in _WORDS:
        return DeliveryStatus.FAILED
    # Longer words are those of gateways that spell them out.
    longer = {"DELIVERED": "DELIVRD", "UNDELIVERED": "UNDELIV", "UNDELIVERABLE": "UNDELIV"}
    longer |= {"REJECTED": "REJECTD", "ACCEPTED": "ACCEPTD", "FAILED": "REJECTD", "SENT": "ENROUTE"}
    return _WORDS.get(longer.get(word, word))


_BUSY = re.compile(r"ESME_R(?:THROTTLED|MSGQFUL|SYSERR)|NACK/0x0*(?:58|14|8)\b", re.IGNORECASE)
_NEVER = re.compile(r"ESME_RINVDSTADR|NACK/0x0*b\b|REJECTD", re.IGNORECASE)
_OLD = re.compile(r"EXPIRED", re.IGNORECASE)


def report_error(word: str, detail: str) -> tuple[str, SendError]:
    """What a report of failure means: a short code of ours, and the error.

    Args:
        word: its status.
        detail: what it says beside it: an operator's code, Kannel's `NACK/0x00000058/...`.
    """
    said = f"{word} {detail}"
    if _BUSY.search(said):
        return "operator-busy", SendError("operator-busy", "Its queue is full.", retryable=True)
    if _OLD.search(said) or word.strip() == "34":
        return "expired", SendError("expired", "The phone was out of reach until it was too old.")
    if _NEVER.search(said):
        return "bad-number", SendError("bad-number", "The operator does not accept that number.")
    return "undelivered", SendError("undelivered", "The operator could not deliver it.")
