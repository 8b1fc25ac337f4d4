"""what helped, and what is counted day by day"""

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("revision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("yes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("no", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint(
            "topic", "revision_id", "language", "channel", "day", name=op.f("pk_feedback")
        ),
    )
    op.create_index("ix_feedback_day", "feedback", ["day"])
    op.create_table(
        "asked_by_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day",
            "channel",
            "language",
            "outcome",
            "topic",
            "urgent",
            name=op.f("pk_asked_by_day"),
        ),
    )
    op.create_index("ix_asked_by_day_topic", "asked_by_day", ["topic", "day"])
    op.create_table(
        "waited_by_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("band", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "urgent", "band", name=op.f("pk_waited_by_day")),
    )
    op.create_table(
        "tickets_by_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", name=op.f("pk_tickets_by_day")),
    )
    op.create_table(
        "counted_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counted_day")),
    )
    op.create_index(
        "ix_revision_published", "revision", ["published_at", "topic_id", "number", "origin"]
    )


def downgrade() -> None:
    op.drop_index("ix_revision_published", "revision")
    for table in ("counted_day", "tickets_by_day", "waited_by_day"):
        op.drop_table(table)
    op.drop_index("ix_asked_by_day_topic", "asked_by_day")
    op.drop_table("asked_by_day")
    op.drop_index("ix_feedback_day", "feedback")
    op.drop_table("feedback")
