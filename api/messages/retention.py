"""How long texts are kept: blanked after the retention time, at once on request."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.db import now
from api.messages import ticket_notes, unanswered_forgetting
from api.messages.models import InboundRow, OutboundRow
from api.messages.outbox import BLANK
from api.messages.ticket_models import TicketNoteRow
from api.messages.unanswered_models import UnansweredRow

TEXTS_A_RUN = 5000
"""Old texts blanked at once, so that nobody waits long for an answer meanwhile."""


def blank_old_texts(session: Session, days: int) -> int:
    """Blank the texts of messages older than `days`. Returns how many were blanked.

    A message that still waits to be answered or sent keeps its text. At most `TEXTS_A_RUN` of
    each side go in one run, and a few hundred of the questions that were not answered; who wants
    all of them gone calls again until it is 0.
    """
    before = now() - timedelta(days=days)
    some_inbound = (
        select(InboundRow.id)
        .where(
            InboundRow.received_at < before,
            InboundRow.text.is_not(None),
            # Not "one of those that are done": SQLite would go through all of them by that.
            InboundRow.state.not_in(("new", "claimed")),
        )
        .order_by(InboundRow.received_at)
        .limit(TEXTS_A_RUN)
    )
    inbound = session.execute(
        update(InboundRow).where(InboundRow.id.in_(some_inbound)).values(text=None, extra={}),
        execution_options={"synchronize_session": False},
    )
    some_outbound = (
        select(OutboundRow.seq)
        .where(
            OutboundRow.created_at < before,
            OutboundRow.text.is_not(None),
            OutboundRow.state.not_in(("queued", "sending")),
        )
        .order_by(OutboundRow.created_at)
        .limit(TEXTS_A_RUN)
    )
    outbound = session.execute(
        update(OutboundRow).where(OutboundRow.seq.in_(some_outbound)).values(**BLANK),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(inbound, CursorResult)  # noqa: S101  an UPDATE always gives one
    assert isinstance(outbound, CursorResult)  # noqa: S101
    questions = unanswered_forgetting.forget_older(session, before)
    notes = ticket_notes.forget_older(session, before)
    return inbound.rowcount + outbound.rowcount + questions + notes


def oldest_text(session: Session) -> datetime | None:
    """The moment of the oldest text that is kept, None when there is none.

    With retention at work it is hardly older than the retention time.
    """
    moments = [
        _oldest(session, InboundRow.received_at, InboundRow.text),
        _oldest(session, OutboundRow.created_at, OutboundRow.text),
        _oldest(session, UnansweredRow.at, UnansweredRow.text),
        _oldest(session, TicketNoteRow.at, TicketNoteRow.sealed),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _oldest(
    session: Session,
    moment: InstrumentedAttribute[datetime],
    text: InstrumentedAttribute[str | None] | InstrumentedAttribute[str],
) -> datetime | None:
    return session.scalar(select(moment).where(text.is_not(None)).order_by(moment).limit(1))
