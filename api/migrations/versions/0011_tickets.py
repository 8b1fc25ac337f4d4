"""counsellors claim, answer and close tickets; hours of duty"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_TICKET = (
    ("organisation_id", sa.Integer()),
    ("account_id", sa.Integer()),
    ("claimed_at", _MOMENT),
    ("first_reply_at", _MOMENT),
    ("closed_at", _MOMENT),
    ("close_reason", sa.String(16)),
    ("paged_at", _MOMENT),
    ("earlier", sa.String(8)),
    ("earlier_at", _MOMENT),
)


def upgrade() -> None:
    op.add_column("conversation", sa.Column("claimed_at", _MOMENT, nullable=True))
    claimed = sa.text("claimed_at IS NOT NULL")
    op.create_index(
        "ix_conversation_claimed",
        "conversation",
        ["claimed_at"],
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
    for name, kind in _TICKET:
        op.add_column("ticket", sa.Column(name, kind, nullable=True))
    op.create_index("ix_ticket_list", "ticket", ["state", "created_at"])
    # Whoever is on call is not woken for what was there before anybody could be.
    op.execute("UPDATE ticket SET paged_at = created_at")
    op.create_table(
        "ticket_note",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_note_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_note")),
    )
    op.create_index("ix_ticket_note_ticket_id", "ticket_note", ["ticket_id"])
    op.create_index("ix_ticket_note_at", "ticket_note", ["at"])
    op.create_table(
        "ticket_reply",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("outbound_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_reply_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_reply")),
        sa.UniqueConstraint("ticket_id", "key", name="uq_ticket_reply_key"),
    )
    op.create_index("ix_ticket_reply_outbound_id", "ticket_reply", ["outbound_id"])
    op.create_table(
        "duty_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("begins", sa.SmallInteger(), nullable=False),
        sa.Column("ends", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_duty_hours_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_hours")),
        sa.UniqueConstraint("organisation_id", "weekday", "begins", name="uq_duty_hours_begin"),
    )


def downgrade() -> None:
    for table in ("duty_hours", "ticket_reply", "ticket_note"):
        op.drop_table(table)
    op.drop_index("ix_ticket_list", "ticket")
    with op.batch_alter_table("ticket") as batch:
        for name, _ in _TICKET:
            batch.drop_column(name)
    op.drop_index("ix_conversation_claimed", "conversation")
    with op.batch_alter_table("conversation") as batch:
        batch.drop_column("claimed_at")
