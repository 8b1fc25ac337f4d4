"""retention looks only at what still has its text"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = sa.text("text IS NOT NULL")
    for table, column in (("inbound", "received_at"), ("outbound", "created_at")):
        op.create_index(
            f"ix_{table}_kept", table, [column], sqlite_where=kept, postgresql_where=kept
        )
        op.drop_index(f"ix_{table}_{column}", table)


def downgrade() -> None:
    for table, column in (("inbound", "received_at"), ("outbound", "created_at")):
        op.create_index(f"ix_{table}_{column}", table, [column])
        op.drop_index(f"ix_{table}_kept", table)
