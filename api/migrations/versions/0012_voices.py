"""voice notes that are listened to, and answers that can be heard"""

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = api.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    # Processes that still run use both tables in one transaction: whoever locks both, too, may
    # wait for them while they wait for it. So one is done for good before the other is begun.
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            _conversation()
    else:
        _conversation()
    op.create_table(
        "recording",
        sa.Column("id", BIG, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("topic", "language", name=op.f("uq_recording_topic")),
        sqlite_autoincrement=True,
    )
    op.add_column("outbound", sa.Column("recording", BIG, nullable=True))
    op.add_column(
        "outbound",
        sa.Column("fleeting", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _conversation() -> None:
    """May have been done before, by a process that died behind it."""
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("conversation")}
    if "state_until" not in known:
        op.add_column("conversation", sa.Column("state_until", MOMENT, nullable=True))
    until = sa.text("state_until IS NOT NULL")
    op.create_index(
        "ix_conversation_state_until",
        "conversation",
        ["state_until"],
        sqlite_where=until,
        postgresql_where=until,
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_index("ix_conversation_state_until", "conversation")
    with op.batch_alter_table("conversation") as batch:
        batch.drop_column("state_until")
    with op.batch_alter_table("outbound") as batch:
        batch.drop_column("fleeting")
        batch.drop_column("recording")
    op.drop_table("recording")
