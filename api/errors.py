"""Everything that can go wrong, as a tree. Nothing here knows of HTTP; `api.main` maps it once.

SahiError
├── SettingsError          a setting is missing or unsafe (names the setting)
├── BadSignature           a webhook call that the provider did not sign
├── BadCall                a signed call that cannot be understood
├── ContentError           content files or edits that break a rule (file and line)
│   ├── UnknownTopic       no topic with that id
│   └── StaleRevision      somebody else published meanwhile
├── BotUnavailable         the bot process did not give a usable answer
└── SendError              a message was not handed to the provider
"""

from dataclasses import dataclass


class SahiError(Exception):
    """Base of all errors that this project raises on purpose."""


class SettingsError(SahiError):
    """A setting is missing, malformed or unsafe; the message names it."""


class BadSignature(SahiError):
    """The call does not carry a valid signature of the provider."""


class BadCall(SahiError):
    """The call is signed but lacks what every call of its kind has."""


@dataclass(frozen=True)
class Fault:
    """One broken rule in a content file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ContentError(SahiError):
    """Content that breaks a rule. `faults` lists every one found, not only the first."""

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__("\n".join([message, *map(str, faults)]))
        self.faults = faults


class UnknownTopic(ContentError):
    """No topic has that id."""


class StaleRevision(ContentError):
    """The edit started from a revision that is no longer the published one."""


class BotUnavailable(SahiError):
    """The bot process is down, slow, refused us or answered with nothing."""


class SendError(SahiError):
    """A message that was not handed over, or that the provider could not deliver.

    Args:
        code: the provider's own code as text (Twilio: "63016"), or one of our words
            ("timeout", "unreachable", "window-closed").
        explanation: one sentence for an operator.
        retryable: sending the same message again later may succeed and cannot double it.
        alert: somebody has to repair an account, a setting or our code.
        unknown_outcome: the provider may have accepted it; look it up before sending again.
        opted_out: the person blocked us; never write again until START.
        retry_after: seconds the provider asked us to wait, when it said so.
    """

    def __init__(
        self,
        code: str,
        explanation: str,
        *,
        retryable: bool = False,
        alert: bool = False,
        unknown_outcome: bool = False,
        opted_out: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {explanation}")
        self.code = code
        self.explanation = explanation
        self.retryable = retryable
        self.alert = alert
        self.unknown_outcome = unknown_outcome
        self.opted_out = opted_out
        self.retry_after = retry_after
