"""What the provider says about a message after taking it: allowed moves only.

Callbacks are best effort: they come late, twice, out of order, or before our own record that
the message was sent. Each one is written down; the state of the message only moves forward.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import metrics
from api.channels.base import DeliveryStatus, StatusUpdate
from api.db import now
from api.messages import contacts
from api.messages.models import DeliveryRow, OutboundRow

_RANK = {"queued": 0, "sending": 0, "sent": 1, "delivered": 2, "read": 3}
_FAILED = ("undelivered", "failed")
_LATER = timedelta(minutes=2)


def apply(session: Session, outbound_id: str, update: StatusUpdate) -> bool:
    """Record one callback. Returns whether the state moved.

    An id we do not know (an erased conversation, another deployment) changes nothing.
    """
    row = session.scalars(select(OutboundRow).where(OutboundRow.id == outbound_id)).one_or_none()
    if row is None or update.status is None:
        return False
    if row.provider_id and update.provider_id and row.provider_id != update.provider_id:
        # A message that was handed over twice has two ids there; only the last one counts.
        return False
    moved = _may_move(row.state, update.status)
    session.add(
        DeliveryRow(
            outbound_seq=row.seq,
            status=update.status.value,
            error_code=update.error_code or None,
            moved=moved,
        )
    )
    if not moved:
        return False
    row.provider_id = row.provider_id or update.provider_id or None
    row.state = update.status.value
    row.error_code = update.error_code or None
    row.handed_over_at = row.handed_over_at or now()
    metrics.delivery(row.channel, update.status.value, update.error_code, update.error)
    if update.error is not None:
        if update.error.opted_out:
            contacts.opt_out(session, row.conversation_id)
        elif update.error.retryable and row.attempts < 2 and row.text is not None:
            row.state = "queued"
            row.provider_id = None
            row.due_at = now() + _LATER
    return True


def _may_move(state: str, status: DeliveryStatus) -> bool:
    if status.value in _FAILED:
        return state in ("sending", "sent")
    if status is DeliveryStatus.QUEUED or state in ("queued", "dropped"):
        return False
    if state in _FAILED:
        # The network sometimes takes a failure back; "delivered" is proof, "sent" is not.
        return status in (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
    return _RANK[status.value] > _RANK[state] or (state == "sending" and status.value == "sent")
