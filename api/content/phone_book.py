"""The phone book: numbers that people can call, where answers use them, and changes of them.

A number stands in one place, and every answer that names it says the new one from the next
message on. So a change is refused when it would break the length of an answer. Who may change
what is decided by the caller, who also writes it into the audit log and commits.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.orm import Session

from api.channels.base import Form
from api.content import publishing, rules
from api.content.catalogue import Catalogue
from api.content.derived import once
from api.content.documents import Helpline
from api.content.models import SheetRow
from api.content.words import HELPLINE
from api.errors import ContentError, Fault, StaleRevision, UnknownHelpline

SHEET = "helplines"
VERIFY_AFTER = datetime.timedelta(days=90)
"""How long a number may rest before somebody compares it with its source again."""

UseKind = Literal["topic", "act", "notice"]
Place = tuple[str, str]


@dataclass(frozen=True)
class Use:
    """One topic, act or notice whose words name a number.

    Attributes:
        titles: by language; of a notice, nothing.
        places: (language, form) of each text that names it.
    """

    kind: UseKind
    id: str
    titles: Mapping[str, str]
    places: tuple[Place, ...]
    sensitive: bool = False
    urgent: bool = False

    @property
    def languages(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(language, its forms), in the order of the places."""
        found: dict[str, list[str]] = {}
        for language, form in self.places:
            found.setdefault(language, []).append(form)
        return tuple((language, tuple(forms)) for language, forms in found.items())


@dataclass
class _Found:
    """Uses while they are gathered, by helpline and then by what uses it."""

    places: dict[str, dict[tuple[UseKind, str], list[Place]]] = field(default_factory=dict)

    def add(self, kind: UseKind, of: str, place: Place, text: str) -> None:
        if "{helpline:" not in text:  # the pattern is ten times as dear
            return
        for name in dict.fromkeys(HELPLINE.findall(text)):
            self.places.setdefault(name, {}).setdefault((kind, of), []).append(place)


@once
def usage(catalogue: Catalogue) -> Mapping[str, tuple[Use, ...]]:
    """For each helpline that is used at all, what uses it: urgent first, then by id."""
    found = _Found()
    for item in catalogue.topics.values():
        kind: UseKind = "act" if item.kind == "act" else "topic"
        for language, answer in item.document.answers.items():
            for form in Form:
                place = (language, form.value)
                found.add(kind, item.document.id, place, getattr(answer, form.value))
    for notice in catalogue.notices.values():
        for texts, form in ((notice.text, Form.WHATSAPP), (notice.sms, Form.SMS)):
            for code, text in texts.items():
                found.add("notice", notice.id, (code, form.value), text)
    return {
        helpline_id: tuple(
            sorted(
                (_use(catalogue, kind, of, tuple(places)) for (kind, of), places in uses.items()),
                key=lambda use: (not use.urgent, use.kind == "notice", use.id),
            )
        )
        for helpline_id, uses in found.places.items()
    }


def used_by(catalogue: Catalogue, helpline_id: str) -> tuple[Use, ...]:
    """What uses one helpline."""
    return usage(catalogue).get(helpline_id, ())


def dead_in_use(catalogue: Catalogue) -> list[tuple[Helpline, tuple[Use, ...]]]:
    """Dead numbers that something still names, and what that is."""
    dead = [helpline for helpline in catalogue.helplines.values() if helpline.dead]
    if not dead:
        return []
    uses = usage(catalogue)
    return [(helpline, uses[helpline.id]) for helpline in dead if helpline.id in uses]


def verify_by(helpline: Helpline) -> datetime.date:
    """The last day on which a number counts as verified."""
    return helpline.checked + VERIFY_AFTER


def mark(helpline: Helpline) -> str:
    """What a form carries to say which state of a helpline it showed."""
    return publishing.digest(helpline.plain())


def verify(
    session: Session, helpline_id: str, *, by: str, day: datetime.date, seen: str
) -> Helpline:
    """Somebody found that a number is still right; nothing else of it changes.

    Raises:
        UnknownHelpline: there is none of that id.
        StaleRevision: it was changed since `seen`.
        ContentError: it is marked dead; then a change has to bring it back.
    """
    book = _locked(session)
    helpline = _find(book, helpline_id, seen)
    if helpline.dead:
        raise ContentError(f"{helpline_id} is marked dead")
    verified = helpline.model_copy(update={"checked": day, "verified_by": by})
    _save(session, {**book, helpline_id: verified})
    return verified


def change(session: Session, catalogue: Catalogue, new: Helpline, *, seen: str) -> Helpline:
    """Put a helpline in the place of the one with its id. Returns what it was before.

    Raises:
        UnknownHelpline: there is none of that id; ids never change.
        StaleRevision: it was changed since `seen`.
        ContentError: an answer with the new number would break a rule; `faults` names each.
    """
    book = _locked(session)
    old = _find(book, new.id, seen)
    after = {**book, new.id: new}
    if new.number != old.number:
        faults = tuple(_broken(catalogue, new.id, book, after))
        if faults:
            raise ContentError(f"{new.id}: the number does not fit everywhere", faults)
    _save(session, after)
    return old


def add(session: Session, helpline: Helpline) -> None:
    """Put a new helpline at the end of the book.

    Raises:
        ContentError: there is one of that id already.
    """
    book = _locked(session)
    if helpline.id in book:
        raise ContentError(f"{helpline.id} is in the phone book already")
    _save(session, {**book, helpline.id: helpline})


def _locked(session: Session) -> dict[str, Helpline]:
    """The book; who else wants to change it waits until the end of the transaction."""
    publishing.take_turn(session)
    session.get(SheetRow, SHEET, populate_existing=True)
    return publishing.helplines(session)


def _find(book: Mapping[str, Helpline], helpline_id: str, seen: str) -> Helpline:
    helpline = book.get(helpline_id)
    if helpline is None:
        raise UnknownHelpline(f"no helpline {helpline_id}")
    if mark(helpline) != seen:
        raise StaleRevision(f"{helpline_id} was changed by somebody else meanwhile")
    return helpline


def _save(session: Session, book: Mapping[str, Helpline]) -> None:
    document: list[Any] = [helpline.plain() for helpline in book.values()]
    publishing.save_sheet(session, SHEET, document, origin="desk")


def _broken(
    catalogue: Catalogue,
    helpline_id: str,
    before: Mapping[str, Helpline],
    after: Mapping[str, Helpline],
) -> Iterator[Fault]:
    """The rules that answers break with the new book and did not break with the old one."""
    for use in used_by(catalogue, helpline_id):
        if use.kind == "notice":
            continue  # notices have no limit of their own; what is cut to fit is never a number
        document = catalogue.topics[use.id].document
        known = {path for path, _ in rules.check_topic(document, before)}
        for path, message in rules.check_topic(document, after):
            if path not in known:
                yield Fault(use.id, 0, f"{'.'.join(map(str, path))}: {message}")


def _use(catalogue: Catalogue, kind: UseKind, of: str, places: tuple[Place, ...]) -> Use:
    if kind == "notice":
        return Use(kind, of, {}, places)
    item = catalogue.topics[of]
    return Use(
        kind,
        of,
        {code: answer.title for code, answer in item.document.answers.items()},
        places,
        sensitive=bool(getattr(item.document, "sensitive", False)),
        urgent=item.urgent,
    )
