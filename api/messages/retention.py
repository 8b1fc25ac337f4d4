"""How long texts are kept: blanked after the retention time, at once on request."""

from datetime import timedelta

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from api.db import now
from api.messages import unanswered_forgetting
from api.messages.models import InboundRow, OutboundRow


def blank_old_texts(session: Session, days: int) -> int:
    """Blank the texts of messages older than `days`. Returns how many were blanked.

    A message that still waits to be answered or sent keeps its text. Questions that were not
    answered go a few hundred a run.
    """
    before = now() - timedelta(days=days)
    inbound = session.execute(
        update(InboundRow)
        .where(
            InboundRow.received_at < before,
            InboundRow.text.is_not(None),
            InboundRow.state.in_(("done", "given_up")),
        )
        .values(text=None, extra={})
    )
    outbound = session.execute(
        update(OutboundRow)
        .where(
            OutboundRow.created_at < before,
            OutboundRow.text.is_not(None),
            OutboundRow.state.not_in(("queued", "sending")),
        )
        .values(text=None)
    )
    assert isinstance(inbound, CursorResult)  # noqa: S101  an UPDATE always gives one
    assert isinstance(outbound, CursorResult)  # noqa: S101
    questions = unanswered_forgetting.forget_older(session, before)
    return inbound.rowcount + outbound.rowcount + questions
