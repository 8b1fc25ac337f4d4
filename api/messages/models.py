"""Tables of people and their messages. Private to this package."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base, now

# SQLite numbers rows by itself only in a column of the type INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class ContactRow(Base):
    """A person who writes, pseudonymous: a keyed hash, and the address under encryption."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("pseudonym"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    pseudonym: Mapped[str] = mapped_column(String(64))
    sealed_address: Mapped[str | None] = mapped_column(Text)
    language_chosen: Mapped[str | None] = mapped_column(String(16))
    language_last: Mapped[str | None] = mapped_column(String(16))
    opted_out_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class ConversationRow(Base):
    """What we remember between two messages of a contact. `key` is the bot's name for it."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index(
            "ix_conversation_claimed",
            "claimed_at",
            sqlite_where=text("claimed_at IS NOT NULL"),
            postgresql_where=text("claimed_at IS NOT NULL"),
        ),
        Index(
            "ix_conversation_state_until",
            "state_until",
            sqlite_where=text("state_until IS NOT NULL"),
            postgresql_where=text("state_until IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), unique=True
    )
    key: Mapped[str] = mapped_column(String(36), unique=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    told_to_wait_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]  # a counsellor has it: the bot is silent (`tickets`)
    # Until when `state` may hold what is in it: words that were spoken are kept for an hour.
    state_until: Mapped[datetime | None]
    contact: Mapped[ContactRow] = relationship(lazy="joined")


class InboundRow(Base):
    """One message of a person."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id", name="uq_inbound_provider"),
        Index("ix_inbound_next", "state", text("priority DESC"), "id"),
        Index("ix_inbound_order", "conversation_id", "state", "id"),
        Index("ix_inbound_recent", "conversation_id", "received_at"),
        # Until a message is answered it has no topic and costs this index nothing.
        Index(
            "ix_inbound_asked",
            "topic",
            "received_at",
            sqlite_where=text("topic IS NOT NULL"),
            postgresql_where=text("topic IS NOT NULL"),
        ),
        # Only what still has its text: what was blanked long ago is never looked through again.
        Index(
            "ix_inbound_kept",
            "received_at",
            sqlite_where=text("text IS NOT NULL"),
            postgresql_where=text("text IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(32))
    provider_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    urgent: Mapped[bool] = mapped_column(default=False)  # smells of danger
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)  # in the line; see `flood`
    state: Mapped[str] = mapped_column(String(16), default="new")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    received_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))
    # What was understood, for counting; never what was written.
    outcome: Mapped[str | None] = mapped_column(String(16))
    topic: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float | None]


class OutboundRow(Base):
    """One message to a person. `id` is ours and stands in the status callback's address."""

    __tablename__ = "outbound"
    __table_args__ = (
        Index("ix_outbound_next", "state", text("priority DESC"), "seq"),
        Index("ix_outbound_order", "conversation_id", "state", "seq"),
        Index("ix_outbound_provider_id", "provider_id"),
        # One replacement of a message at most.
        Index(
            "ix_outbound_fallback_of",
            "fallback_of",
            unique=True,
            sqlite_where=text("fallback_of IS NOT NULL"),
            postgresql_where=text("fallback_of IS NOT NULL"),
        ),
        Index(
            "ix_outbound_kept",
            "created_at",
            sqlite_where=text("text IS NOT NULL"),
            postgresql_where=text("text IS NOT NULL"),
        ),
    )

    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(32))
    text: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(String(64))
    revision_id: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(16))
    urgent: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)  # in the line; see `flood`
    state: Mapped[str] = mapped_column(String(16), default="queued")
    provider_id: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    handed_over_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(32))
    # The `seq` of the message that this one goes out for, by another channel. No foreign key: an
    # erasure takes the lost message away while this one is still on its way.
    fallback_of: Mapped[int | None] = mapped_column(BigId)
    # A recording to be heard in place of a text (`api.voices`); its link is made when it is sent.
    recording: Mapped[int | None] = mapped_column(BigId)
    fleeting: Mapped[bool] = mapped_column(default=False)  # its text goes when it has been sent
    # What can be tapped, and the template that it is (`api.messages.interactive`).
    choices: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    template: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class DeliveryRow(Base):
    """One word of the provider about an outbound message, as it came; never changed."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outbound_seq: Mapped[int] = mapped_column(
        ForeignKey("outbound.seq", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(16))
    error_code: Mapped[str | None] = mapped_column(String(32))
    moved: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)


class TicketRow(Base):
    """A conversation handed to a counsellor: open, claimed, closed (`tickets`)."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_list", "state", "created_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(32))
    category: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Whose it is; no foreign keys, messages know no staff. Nobody's organisation: anybody's.
    organisation_id: Mapped[int | None]
    account_id: Mapped[int | None]
    claimed_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(String(16))
    paged_at: Mapped[datetime | None]  # whoever is on call was told
    # May the counsellor see what was written before? asked | yes | no, and when it was asked.
    earlier: Mapped[str | None] = mapped_column(String(8))
    earlier_at: Mapped[datetime | None]


def _table(row: type[Base]) -> Table:
    assert isinstance(row.__table__, Table)  # noqa: S101  none of ours is mapped to anything else
    return row.__table__


# For the statements that run for every message: a mapper's work costs more than the store's.
CONTACT = _table(ContactRow)
CONVERSATION = _table(ConversationRow)
INBOUND = _table(InboundRow)
OUTBOUND = _table(OutboundRow)
TICKET = _table(TicketRow)
