"""who goes first, what one person sent lately, and who was told to wait

Everything is added, nothing taken away: processes of the release before go on working while they
are replaced. `urgent` says what a message smells of, `priority` where it stands in the line.
"""

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("inbound", "outbound"):
        op.add_column(
            table, sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="0")
        )
    op.execute("UPDATE inbound SET priority = 2 WHERE urgent AND state IN ('new', 'claimed')")
    op.execute("UPDATE outbound SET priority = 2 WHERE urgent AND state IN ('queued', 'sending')")
    op.add_column(
        "conversation",
        sa.Column("told_to_wait_at", api.db.UtcDateTime(timezone=True), nullable=True),
    )
    # A line is looked through from its head: thousands that wait behind cost nothing.
    for table, number in (("inbound", "id"), ("outbound", "seq")):
        op.create_index(f"ix_{table}_next", table, ["state", sa.text("priority DESC"), number])
        op.drop_index(f"ix_{table}_due", table)
    op.create_index("ix_inbound_recent", "inbound", ["conversation_id", "received_at"])


def downgrade() -> None:
    op.drop_index("ix_inbound_recent", "inbound")
    for table in ("inbound", "outbound"):
        op.create_index(f"ix_{table}_due", table, ["state", "due_at"])
        op.drop_index(f"ix_{table}_next", table)
    op.drop_column("conversation", "told_to_wait_at")
    for table in ("inbound", "outbound"):
        op.drop_column(table, "priority")
