"""What counsellors note for one another about a ticket: under lock, and never for long."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.errors import ReplyRefused
from api.keys import TICKET_NOTE, Keys
from api.messages.ticket_models import TicketNoteRow
from api.messages.tickets import Counsellor, mine
from spelling import clean

LONGEST = 2000
"""Characters of a note."""


@dataclass(frozen=True)
class Note:
    """One note. `text` is None when none of the secrets opens it."""

    account_id: int
    text: str | None
    at: datetime


def add(session: Session, keys: Keys, ticket_id: int, who: Counsellor, text: str) -> None:
    """Note something about a claimed ticket.

    Raises:
        TicketGone: the person has erased everything.
        TicketNotYours: it is not claimed by this counsellor (any more).
        ReplyRefused: "empty" or "too-long".
    """
    row = mine(session, ticket_id, who)
    text = clean(text, LONGEST + 1).strip()
    if not text:
        raise ReplyRefused("empty")
    if len(text) > LONGEST:
        raise ReplyRefused("too-long")
    session.add(
        TicketNoteRow(
            ticket_id=row.id,
            account_id=who.account_id,
            sealed=keys.seal_for(TICKET_NOTE, text),
            at=now(),
        )
    )


def of(session: Session, keys: Keys, ticket_id: int) -> list[Note]:
    """All notes of a ticket, oldest first."""
    rows = session.scalars(
        select(TicketNoteRow).where(TicketNoteRow.ticket_id == ticket_id).order_by(TicketNoteRow.id)
    )
    return [Note(row.account_id, _opened(keys, row.sealed), row.at) for row in rows]


def forget_older(session: Session, before: datetime) -> int:
    """Delete notes from before a moment. Returns how many."""
    gone = session.execute(delete(TicketNoteRow).where(TicketNoteRow.at < before))
    assert isinstance(gone, CursorResult)  # noqa: S101  a DELETE always gives one
    return gone.rowcount


def rekey(session: Session, keys: Keys) -> int:
    """Bring all notes under the newest secret. Returns how many were changed."""
    rows = session.execute(select(TicketNoteRow.id, TicketNoteRow.sealed)).all()
    changed = 0
    for row in rows:
        try:
            sealed = keys.resealed_for(TICKET_NOTE, row.sealed)
        except InvalidToken:
            continue
        if sealed is not None:
            session.execute(
                update(TicketNoteRow).where(TicketNoteRow.id == row.id).values(sealed=sealed)
            )
            changed += 1
    return changed


def _opened(keys: Keys, sealed: str) -> str | None:
    try:
        return keys.unseal_for(TICKET_NOTE, sealed)
    except InvalidToken:
        return None
