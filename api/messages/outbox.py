"""The outbox: replies wait here until a channel has taken them, in each conversation's order."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from api.channels.base import Choice, Outgoing
from api.db import now
from api.keys import Keys
from api.messages import contacts, flood, interactive, reaching
from api.messages.claiming import claiming, make_due
from api.messages.models import OUTBOUND, OutboundRow
from api.messages.templates import Use


@dataclass(frozen=True)
class Reply:
    """One message to put in the outbox, with what it was made of.

    Attributes:
        recording: id of what is to be heard; then there is no text.
        fleeting: the text repeats what somebody said: it is not kept once it was sent.
        choices: what can be tapped; the text numbers them, for phones that cannot show it.
        button: what is on the button that opens a list of them.
        template: the text is that of a template, which may go out after the window closed.
    """

    text: str
    topic: str | None = None
    revision_id: int | None = None
    language: str | None = None
    urgent: bool = False
    unasked: bool = False  # no answer: it stands in nobody's way, and comes at no hour of the night
    recording: int | None = None
    fleeting: bool = False
    choices: tuple[Choice, ...] = ()
    button: str = ""
    template: Use | None = None


@dataclass(frozen=True)
class Queued:
    """One message that was taken out to be sent.

    Attributes:
        unasked: it is no answer: it comes at no hour of the night.
        begins: it begins the talk: the person has not just written.
        with_counsellor: a counsellor has the conversation; only looked up for what is unasked.
    """

    seq: int
    conversation_id: int
    channel: str
    message: Outgoing
    last_inbound_at: datetime | None
    opted_out: bool
    urgent: bool
    attempts: int
    created_at: datetime
    unasked: bool = False
    begins: bool = False
    recording: int | None = None
    with_counsellor: bool = False


_ENQUEUE = insert(OUTBOUND)


def enqueue(
    session: Session,
    conversation_id: int,
    channel: str,
    replies: Sequence[Reply],
    inbound_id: int | None = None,
) -> list[str]:
    """Put replies in the outbox, in order. Returns our ids of them."""
    if any(reply.urgent for reply in replies):
        flood.make_way_out(session, conversation_id)
    rows = [queued_row(conversation_id, channel, reply, inbound_id) for reply in replies]
    # One by one: `seq` is the order, and a batch could number them otherwise.
    for row in rows:
        session.execute(_ENQUEUE, row)
    return [row["id"] for row in rows]


def queued_row(
    conversation_id: int, channel: str, reply: Reply, inbound_id: int | None
) -> dict[str, Any]:
    """A reply as a row that waits to be sent, under a new id."""
    moment = now()
    return {
        "id": str(uuid.uuid4()),
        "conversation_id": conversation_id,
        "inbound_id": inbound_id,
        "channel": channel,
        "text": reply.text,
        "topic": reply.topic,
        "revision_id": reply.revision_id,
        "language": reply.language,
        "urgent": reply.urgent,
        "priority": flood.leaving(urgent=reply.urgent, unasked=reply.unasked),
        "recording": reply.recording,
        "fleeting": reply.fleeting,
        "state": "queued",
        "attempts": 0,
        "due_at": moment,
        "created_at": moment,
        # Help in danger is text alone: nothing may stand between it and the phone.
        "choices": interactive.choices_column(() if reply.urgent else reply.choices, reply.button),
        "template": interactive.template_column(reply.template),
    }


_WHAT_IS_SENT = (
    OUTBOUND.c.seq,
    OUTBOUND.c.id,
    OUTBOUND.c.conversation_id,
    OUTBOUND.c.channel,
    OUTBOUND.c.text,
    OUTBOUND.c.urgent,
    OUTBOUND.c.priority,
    OUTBOUND.c.attempts,
    OUTBOUND.c.created_at,
    OUTBOUND.c.recording,
    OUTBOUND.c.choices,
    OUTBOUND.c.template,
)
_CLAIM = claiming(OUTBOUND, "queued", "sending", *_WHAT_IS_SENT)
_CLAIM_OF = claiming(OUTBOUND, "queued", "sending", *_WHAT_IS_SENT, channels="these")
_CLAIM_OF_OTHERS = claiming(OUTBOUND, "queued", "sending", *_WHAT_IS_SENT, channels="others")
CHANGE = update(OUTBOUND).where(OUTBOUND.c.seq == bindparam("row"))
"""Of one row, which is called `row`."""

BLANK = {"text": None, "choices": None, "template": None}
"""What is said no more."""


def claim(session: Session, keys: Keys) -> Queued | None:
    """Take the oldest message that may be sent now; see `take`."""
    return next(iter(take(session, keys, 1)), None)


def take(
    session: Session, keys: Keys, most: int, scarce: Mapping[str, int] | None = None
) -> list[Queued]:
    """Take the oldest messages that may be sent now, at most one of a conversation.

    They are written down as being sent. The caller commits before it sends.

    Args:
        scarce: of which channels no more than so many may go now. They come first: they are
            few, and behind the others of a long line they would never have their turn.
    """
    moment = now()
    if not scarce:
        return _queued(
            session, keys, session.execute(_CLAIM, {"moment": moment, "most": most}).all()
        )
    rows: list[Row[Any]] = []
    for channel, left in scarce.items():
        bound = min(left, most - len(rows))
        if bound > 0:
            values = {"moment": moment, "most": bound, "channels": [channel]}
            rows += session.execute(_CLAIM_OF, values).all()
    if len(rows) < most:
        values = {"moment": moment, "most": most - len(rows), "channels": list(scarce)}
        rows += session.execute(_CLAIM_OF_OTHERS, values).all()
    return _queued(session, keys, rows)


@dataclass(frozen=True)
class Waits:
    """A message that waits to be sent."""

    channel: str
    text: str
    urgent: bool


def waits(session: Session, outbound_id: str) -> Waits | None:
    """A message by our id; None: it waits no more."""
    row = session.execute(
        select(OUTBOUND.c.channel, OUTBOUND.c.text, OUTBOUND.c.priority).where(
            OUTBOUND.c.id == outbound_id, OUTBOUND.c.state == "queued"
        )
    ).one_or_none()
    return None if row is None else Waits(row.channel, row.text or "", row.priority > flood.OTHERS)


_CLAIM_ONE = (
    update(OUTBOUND)
    .where(OUTBOUND.c.id == bindparam("message"), OUTBOUND.c.state == "queued")
    .values(state="sending", attempts=OUTBOUND.c.attempts + 1)
    .returning(*_WHAT_IS_SENT)
)


def claim_one(session: Session, keys: Keys, outbound_id: str) -> Queued | None:
    """Take one message to be sent of which a queue says that nobody else has it.

    None: it does not wait to be sent (any more).
    """
    rows = session.execute(_CLAIM_ONE, {"message": outbound_id}).all()
    return next(iter(_queued(session, keys, rows)), None)


def in_hand(session: Session, keys: Keys, outbound_id: str) -> Queued | None:
    """The message if it is written down as being sent: by a worker that died, or with an
    outcome that is not known."""
    query = select(*_WHAT_IS_SENT).where(
        OUTBOUND.c.id == outbound_id, OUTBOUND.c.state == "sending"
    )
    return next(iter(_queued(session, keys, session.execute(query).all())), None)


def due(session: Session, outbound_id: str) -> datetime | None:
    """When a message is to be looked at again; None: it was sent, or it never will be."""
    return session.scalar(
        select(OutboundRow.due_at).where(
            OutboundRow.id == outbound_id, OutboundRow.state.in_(("queued", "sending"))
        )
    )


def left_over(
    session: Session, older_than: datetime, most: int = 500
) -> dict[str, tuple[int, str]]:
    """Messages that still wait to be sent although they are old: nobody was told of them.

    By id, the conversation and the channel of each.
    """
    rows = session.execute(
        select(OutboundRow.id, OutboundRow.conversation_id, OutboundRow.channel)
        .where(OutboundRow.state.in_(("queued", "sending")), OutboundRow.due_at < older_than)
        .order_by(OutboundRow.seq)
        .limit(most)
    )
    return {row.id: (row.conversation_id, row.channel) for row in rows}


WHATSAPP_NUMBER = re.compile(r"whatsapp:(\+[1-9]\d{6,14})", re.ASCII)


def reachable(address: str, channel: str) -> str:
    """The address as a channel dials it: by SMS a WhatsApp number is the number alone."""
    number = WHATSAPP_NUMBER.fullmatch(address)
    return number[1] if number and not channel.endswith("whatsapp") else address


def _queued(session: Session, keys: Keys, rows: Sequence[Row[Any]]) -> list[Queued]:
    """The rows as values, oldest first; what has no address any more is dropped."""
    found = []
    for row in sorted(rows, key=lambda row: row.seq):
        try:
            where, last_inbound_at, opted_out = contacts.address(session, keys, row.conversation_id)
        except LookupError:
            gone = {"state": "dropped", "error_code": "erased"}
            session.execute(CHANGE, {"row": row.seq, **gone, **BLANK})
            continue
        unasked = row.priority < flood.OTHERS
        found.append(
            Queued(
                seq=row.seq,
                conversation_id=row.conversation_id,
                channel=row.channel,
                message=interactive.outgoing(session, row, reachable(where, row.channel)),
                last_inbound_at=last_inbound_at,
                opted_out=opted_out,
                urgent=row.urgent,
                attempts=row.attempts,
                created_at=row.created_at,
                unasked=unasked,
                begins=unasked or row.template is not None,
                recording=row.recording,
                with_counsellor=unasked and reaching.claimed(session, row.conversation_id),
            )
        )
    return found


def unsettled(session: Session, keys: Keys, *, at_start: bool = False) -> list[Queued]:
    """Messages in `sending` that nobody is sending: after a crash, or after an unknown outcome."""
    query = select(*_WHAT_IS_SENT).where(OUTBOUND.c.state == "sending")
    if not at_start:
        query = query.where(OUTBOUND.c.error_code.is_not(None), OUTBOUND.c.due_at <= now())
    return _queued(session, keys, session.execute(query.order_by(OUTBOUND.c.seq)).all())


def bring_back(session: Session) -> int:
    """Make due what a clock that was ahead has put off. Returns how many."""
    return make_due(session, OUTBOUND, ("queued", "sending"))


def waiting(session: Session) -> tuple[int, float]:
    """How many messages wait to be sent, and the age of the oldest in seconds."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboundRow.created_at)).where(
            OutboundRow.state.in_(("queued", "sending"))
        )
    ).one()
    return count, (now() - oldest).total_seconds() if oldest else 0.0
