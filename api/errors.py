"""Everything that can go wrong, as a tree. Nothing here knows of HTTP; `api.main` maps it once.

SahiError
├── SettingsError          a setting is missing or unsafe (names the setting)
├── BadSignature           a webhook call that the provider did not sign
├── BadCall                a signed call that cannot be understood
├── ContentError           content files or edits that break a rule (file and line)
│   ├── UnknownTopic       no topic with that id
│   ├── UnknownHelpline    no number with that id in the phone book
│   └── StaleRevision      somebody else published meanwhile
├── EditorialError         a step on the way to publication that is refused (has a code)
│   ├── NotAllowed         this account may not take the step
│   ├── NotReady           the draft is not in the state, or not of the quality, for the step
│   ├── DraftChanged       somebody else saved meanwhile (holds both documents)
│   └── FileRefused        a translators' file that is not taken in
├── StaffError             a log-in, or a change to an account, that a rule forbids
│   ├── UnknownAccount     no account with that id
│   ├── WrongDetail        a field that breaks a rule (names field and rule)
│   │   └── EmailTaken     somebody has that e-mail address already
│   ├── LastAdministrator  nobody would be left to administer
│   ├── Throttled          too many wrong tries (says how long to wait)
│   └── ForeignLogIn       the organisation's own log-in gave no usable answer
├── TicketError            a step with a ticket that is refused
│   ├── TicketGone         there is none: the person has erased everything
│   ├── TicketTaken        somebody else has claimed it (says who)
│   ├── TicketNotYours     it is closed, or in other hands
│   └── ReplyRefused       a counsellor's words cannot be sent or noted (has a code)
├── VoiceError             a voice note that could not be listened to (has a code)
│   ├── VoiceRefused       and never will be: not ours, too large, no sound
│   ├── VoiceUnavailable   not now: trying again may help
│   └── VoicesBusy         as many as may be are being listened to
├── RecordingRefused       a recording of an answer that is not taken in, or not found (has a code)
├── StorageAway            the bytes of recordings cannot be read or written now
├── SpoolFull             the store is away and no more can be kept beside it
├── UnknownTemplate        no WhatsApp template of that name and language with so many places
├── TemplatesError         Twilio's Content API could not be asked, or refused a content
├── BotUnavailable         the bot process did not give a usable answer
│   └── TrialGone          the trial of a draft is not, or not any more, there to be asked
├── BackupError            a copy of the store could not be made, or does not hold what it must
├── MailError              no letter to the people of the desk could be sent
└── SendError              a message was not handed to the provider
"""

from dataclasses import dataclass
from typing import Any, Literal

Blame = Literal["ours", "configuration", "provider", "person"]


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


class UnknownHelpline(ContentError):
    """No helpline of the phone book has that id."""


class StaleRevision(ContentError):
    """The edit started from a revision that is no longer the published one."""


class StaffError(SahiError):
    """A log-in, or a change to an account, that a rule forbids."""


class UnknownAccount(StaffError):
    """No account has that id."""


class WrongDetail(StaffError):
    """What was given for a field of an account breaks a rule.

    Args:
        field: name of the field ("email", "name", "organisation", "password" ...).
        reason: a word for the rule ("empty", "too-short" ...); pages have a sentence for each.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class EmailTaken(WrongDetail):
    """Somebody has that e-mail address already."""


class LastAdministrator(StaffError):
    """Nobody would be left who can administer accounts."""


class Throttled(StaffError):
    """Too many wrong tries. `wait` is the number of seconds until the next may be made."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} seconds")
        self.wait = wait


class ForeignLogIn(StaffError):
    """The log-in of another organisation (OIDC) gave no answer that we can use.

    Args:
        reason: a word ("unreachable", "refused", "forged", "unverified-email", "unknown").
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EditorialError(SahiError):
    """A step on the way to publication that is refused. `code` tells a page what to say."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotAllowed(EditorialError):
    """This account may not take the step.

    Codes: "right" (its roles do not allow it), "second-person" (who wrote it cannot be the
    second pair of eyes), "withdrawn-revision" (what was withdrawn goes through a draft).
    """


class NotReady(EditorialError):
    """The step does not fit the state or the quality of the draft.

    Codes: "no-draft", "state", "faults", "unchanged", "reason" (one must be given), "moment" (it
    has passed), "dates", "taken" (a topic has that id), "bad-id", "kind" (not possible for acts),
    "comment" (empty or too long), "published" (only possible for what never was).

    Args:
        faults: for "faults": what is wrong, as (path, message).
    """

    def __init__(
        self, code: str, message: str, faults: tuple[tuple[tuple[str | int, ...], str], ...] = ()
    ) -> None:
        super().__init__(code, message)
        self.faults = faults


class DraftChanged(EditorialError):
    """Somebody else saved meanwhile; nothing was written, nothing is lost.

    Args:
        mine: the document that was to be saved.
        theirs: the document as it stands in the store now.
        version: the number of theirs; 0 when the draft was published or discarded meanwhile,
            then `theirs` is what is published, or was last ({} for a topic that never was).
        changed_by: the account that saved theirs, when it is known.
    """

    def __init__(
        self,
        topic_id: str,
        mine: dict[str, Any],
        theirs: dict[str, Any],
        version: int,
        changed_by: int | None = None,
    ) -> None:
        super().__init__("changed", f"{topic_id} was saved by somebody else meanwhile")
        self.mine = mine
        self.theirs = theirs
        self.version = version
        self.changed_by = changed_by


class FileRefused(EditorialError):
    """A translators' file that is not taken in, or cannot be made.

    Codes: "empty", "too-large", "not-readable", "macros", "entities", "version" (of XLIFF),
    "columns", "rows" (too many).
    """


class TicketError(SahiError):
    """A step with a ticket that is refused; nothing was changed."""


class TicketGone(TicketError):
    """There is no such ticket: the person has had everything erased, or there never was one."""


class TicketTaken(TicketError):
    """Somebody else has claimed it: an account of an organisation, both by number."""

    def __init__(self, account_id: int, organisation_id: int | None) -> None:
        super().__init__("claimed by somebody else")
        self.account_id = account_id
        self.organisation_id = organisation_id


class TicketNotYours(TicketError):
    """It is closed, was handed to others, or a colleague has it."""


class ReplyRefused(TicketError):
    """A counsellor's words that cannot be sent, or noted.

    Codes: "empty", "too-long", "window" (the channel takes no free text any more), "opted-out",
    "no-channel", "changed" (the same press of the button has sent another text already), "asked"
    (the person was asked this before).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VoiceError(SahiError):
    """A voice note that could not be listened to. `code` is a word for logs and counters."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VoiceRefused(VoiceError):
    """It will never be listened to.

    Codes: "address" (not one of the provider's for our account), "private" (it leads into a
    network of ours), "redirects", "denied", "gone", "status", "encoding", "type", "too-large",
    "no-sound" (the bytes are no recording), "speech-refused" (the engine does not want it).
    """


class VoiceUnavailable(VoiceError):
    """Not now. Codes: "slow", "broken", "not-there-yet", "provider", "speech"."""


class VoicesBusy(VoiceError):
    """As many voice notes as may be are being listened to; its turn comes."""


class RecordingRefused(SahiError):
    """A recording of an answer is not taken in, or a step with it is refused.

    Codes: "empty", "too-large", "no-sound", "not-published", "gone", "second-person".
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StorageAway(SahiError):
    """The disk or the bucket with the recordings takes or gives nothing now."""


class SpoolFull(SahiError):
    """The store is away, and the spool takes no more messages."""


class UnknownTemplate(SahiError):
    """No WhatsApp template of that name and language with so many places."""


class TemplatesError(SahiError):
    """Twilio's Content API could not be asked, or it refused a content.

    Args:
        code: Twilio's own code as text, or a word for what the network did.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class BotUnavailable(SahiError):
    """The bot process is down, slow, refused us or answered with nothing."""


class TrialGone(BotUnavailable):
    """The bot has no such trial (any more), or it has not learnt yet; begin it again."""


class BackupError(SahiError):
    """A copy of the store was not made, or one does not hold what a service needs."""


class MailError(SahiError):
    """The mail server did not take a single letter; the message names the kind of failure."""


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
        blame: who has to mend it: our code, our settings and accounts, the provider (and the
            network to it), or nobody but the person (opted out, a phone that takes no messages).
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
        blame: Blame | None = None,
    ) -> None:
        super().__init__(f"{code}: {explanation}")
        self.code = code
        self.explanation = explanation
        self.retryable = retryable
        self.alert = alert
        self.unknown_outcome = unknown_outcome
        self.opted_out = opted_out
        self.retry_after = retry_after
        likely: Blame = "configuration" if alert else "provider"
        self.blame: Blame = blame or ("person" if opted_out else likely)
