"""What Twilio's error codes mean for us: may we try again, must somebody look, is it over.

One table for both ways in which a code arrives: at once, in the answer to our call, and later,
in a status callback of a message that Twilio had already taken. Twilio adds codes freely, so an
unknown code is judged by the HTTP status alone and is never a reason to send again.

Source: Twilio's error dictionary, and its table of WhatsApp codes.
"""

from collections.abc import Iterable

from api.channels.base import Explanation
from api.errors import Blame, SendError

_OUR_BUG = (
    ((21602, 21619), "The message had no text."),
    ((21603,), "The message had no sender."),
    ((21604,), "The message had no recipient."),
    ((21609,), "Twilio refuses the address for status callbacks; check SAHI_PUBLIC_BASE_URL."),
    ((21617,), "The text was longer than 1600 units; it should have been split."),
    ((21620, 21623, 63019, 11751), "Twilio could not use the attached media."),
    ((21624, 90007), "The validity period is not one that Twilio accepts."),
    ((21654, 21655, 21656, 21658), "Twilio does not know the content template or its variables."),
    ((63005, 63013, 63021, 63028, 63030), "The channel refused the content or a parameter."),
)
_CONFIGURATION = (
    ((20003,), "Twilio refused our account or auth token."),
    ((20404,), "Twilio does not know what we asked for; check the account and the sender."),
    ((21212, 21217), "The sender is not a valid number; check the sender settings."),
    ((21408,), "The account may not send to this country; see Geo Permissions."),
    ((21606, 21612), "This sender cannot reach that recipient."),
    ((21608, 63015), "A trial account or sandbox reaches only numbers that joined it."),
    ((21703, 21704), "The messaging service has no number to send from."),
    ((14107,), "Too many messages between two numbers in a short time; look for a loop."),
    ((30002,), "The Twilio account is suspended."),
    ((30018,), "The sender is not registered with the operators of that country."),
    ((63001, 63007, 63008), "Twilio has no working channel for this sender."),
    ((63020, 63051), "The WhatsApp business account is not accepted or is locked."),
    ((63027, 63040, 63041, 63042), "The WhatsApp template is missing, rejected or paused."),
    (
        (11200, 11205, 11210, 11220, 11235, 11237, 11750, 12100, 12300, 57012),
        "Twilio could not use our answer to its call.",
    ),
    ((63038,), "The account has reached its number of messages for today."),
)
_LATER = (
    ((20429,), "Too many calls at once; Twilio did not process this one."),
    ((21611, 30001), "Twilio's queue of this sender is full."),
    ((30005, 30008), "The operator could not deliver, for a reason it does not tell."),
    ((30017,), "The operator's network is congested."),
    ((30410,), "The operator did not answer Twilio in time."),
    ((63009, 63010, 63012), "The channel or Twilio failed inside."),
    ((63017, 63018), "The channel limits how fast we may write."),
)
_UNREACHED = (((30003,), "The phone is switched off or out of reach."),)
_NEVER = (
    ((21211,), "The recipient is not a valid number."),
    ((21614,), "The recipient's number cannot receive messages."),
    ((30004,), "The phone does not accept messages from us."),
    ((30006,), "The number is a landline or cannot be reached."),
    ((63003,), "The recipient is not on WhatsApp."),
    ((63024,), "WhatsApp does not accept this recipient."),
    ((63033,), "The recipient has blocked us on WhatsApp."),
)


def _each(
    rows: Iterable[tuple[tuple[int, ...], str]],
    *,
    retryable: bool = False,
    alert: bool = False,
    permanent: bool = False,
    blame: Blame,
) -> dict[str, Explanation]:
    return {
        str(code): Explanation(
            text, retryable=retryable, alert=alert, permanent=permanent, blame=blame
        )
        for codes, text in rows
        for code in codes
    }


_TABLE: dict[str, Explanation] = {
    **_each(_OUR_BUG, alert=True, blame="ours"),
    **_each(_CONFIGURATION, alert=True, blame="configuration"),
    **_each(_LATER, retryable=True, blame="provider"),
    **_each(_UNREACHED, retryable=True, blame="person"),
    **_each(_NEVER, permanent=True, blame="person"),
    "21610": Explanation("The recipient has opted out of this sender.", opted_out=True),
    "30007": Explanation(
        "An operator filtered the text as spam.", alert=True, permanent=True, blame="provider"
    ),
    "30036": Explanation("The message was too old when its turn came."),
    "63016": Explanation("The recipient's last message is more than 24 hours old.", blame="ours"),
    "63032": Explanation("WhatsApp withholds business messages from this recipient for a test."),
}
CONTENT_REFUSED = frozenset(
    {"20404", "21654", "21655", "21656", "21658", "63005", "63013", "63021", "63028", "63030"}
)
"""Codes that blame a content, its id or its variables: the text alone may well be taken."""

_UNKNOWN = Explanation("Twilio reports an error that we do not know.", alert=True, blame="provider")
_BY_STATUS = {
    401: Explanation("Twilio refused our account or auth token.", alert=True),
    403: Explanation("The account may not do this.", alert=True),
    404: Explanation("Twilio does not know the account or the address we called.", alert=True),
}
_TOO_MANY = Explanation("Too many calls at once; this one was not processed.", retryable=True)
_BROKEN = Explanation("Twilio failed; it may have taken the message.")


def explain(code: str, status: int | None = None) -> Explanation:
    """What an error code means.

    Args:
        code: Twilio's code as text, or the HTTP status as text where an answer carried none.
        status: HTTP status of the answer; None for a code that came in a status callback.
    """
    if code in _TABLE:
        return _TABLE[code]
    if status is None:
        return _UNKNOWN
    if status >= 500:
        return _BROKEN
    if status == 429 and code == "429":
        return _TOO_MANY
    return _BY_STATUS.get(status, _UNKNOWN)


def send_error(code: str, status: int | None = None, retry_after: float | None = None) -> SendError:
    """The error that the outbox decides by.

    After a 5xx or a 408 nobody knows whether Twilio kept the message: there is no key against
    doubles on Twilio's side, so it is not retryable, whatever the code says.

    Args:
        code: as for `explain`.
        status: as for `explain`.
        retry_after: seconds that Twilio asked us to wait.
    """
    meaning = explain(code, status)
    unknown = status is not None and (status >= 500 or status == 408)
    return SendError(
        code,
        meaning.text,
        retryable=meaning.retryable and not unknown,
        alert=meaning.alert,
        unknown_outcome=unknown,
        opted_out=meaning.opted_out,
        retry_after=retry_after,
        blame=meaning.blame,
    )
