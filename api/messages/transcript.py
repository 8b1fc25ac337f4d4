"""A conversation as both sides of it would see it: bubbles in order, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.channels.base import Choice, DeliveryStatus, Kind
from api.keys import Keys
from api.messages import interactive
from api.messages.models import ContactRow, ConversationRow, InboundRow, OutboundRow


class Sender(StrEnum):
    """Who wrote a bubble."""

    PERSON = "person"
    BOT = "bot"


@dataclass(frozen=True)
class Bubble:
    """One message of either side.

    Attributes:
        id: the provider's id of a person's message, our outbound id of one of ours.
        state: how far it came. For a person's message: sent (it waits in the inbox),
            delivered (somebody works on it), read (it was answered).
        language: what it was understood as or written in, None if unknown.
        topic: what it was understood as or answers, None if nothing.
        choices: what can be tapped below it.
        button: what is on the button that opens a list of them.
    """

    id: str
    sender: Sender
    kind: Kind
    text: str
    state: DeliveryStatus
    at: datetime
    language: str | None = None
    topic: str | None = None
    choices: tuple[Choice, ...] = ()
    button: str = ""


_INBOUND_STATES = {
    "new": DeliveryStatus.SENT,
    "claimed": DeliveryStatus.DELIVERED,
    "done": DeliveryStatus.READ,
    "given_up": DeliveryStatus.READ,
}


def conversation_of(session: Session, keys: Keys, channel: str, identity: str) -> int | None:
    """The conversation of a person on a channel, None if there is none (any more)."""
    return session.scalars(
        select(ConversationRow.id)
        .join(ContactRow, ConversationRow.contact_id == ContactRow.id)
        .where(
            ContactRow.channel == channel,
            ContactRow.pseudonym == keys.pseudonym(channel, identity),
        )
    ).one_or_none()


def transcript(session: Session, conversation_id: int, most: int = 200) -> tuple[Bubble, ...]:
    """The newest `most` messages of a conversation, oldest first.

    Left out: what was blanked or erased, and replies that were dropped before they left us.
    """
    inbound = session.scalars(
        select(InboundRow)
        .where(InboundRow.conversation_id == conversation_id, InboundRow.text.is_not(None))
        .order_by(InboundRow.id.desc())
        .limit(most)
    )
    outbound = session.scalars(
        select(OutboundRow)
        .where(
            OutboundRow.conversation_id == conversation_id,
            OutboundRow.text.is_not(None),
            OutboundRow.state != "dropped",
        )
        .order_by(OutboundRow.seq.desc())
        .limit(most)
    )
    # Within one moment a question comes before its answer, and answers keep their order.
    ordered = [((row.received_at, 0, row.id), _question(row)) for row in inbound]
    ordered += [((row.created_at, 1, row.seq), _reply(row)) for row in outbound]
    ordered.sort(key=lambda item: item[0])
    return tuple(bubble for _, bubble in ordered[-most:])


def _question(row: InboundRow) -> Bubble:
    return Bubble(
        id=row.provider_id,
        sender=Sender.PERSON,
        kind=Kind(row.kind),
        text=row.text or "",
        state=_INBOUND_STATES[row.state],
        at=row.received_at,
        language=row.language,
        topic=row.topic,
    )


def _reply(row: OutboundRow) -> Bubble:
    # To an onlooker a message that is being sent still waits.
    waiting = row.state in ("queued", "sending")
    choices, button = interactive.stored_choices(row.choices)
    return Bubble(
        id=row.id,
        sender=Sender.BOT,
        kind=Kind.TEXT,
        text=row.text or "",
        state=DeliveryStatus.QUEUED if waiting else DeliveryStatus(row.state),
        at=row.created_at,
        language=row.language,
        topic=row.topic,
        choices=choices,
        button=button,
    )
