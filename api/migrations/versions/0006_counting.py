"""what people asked, counted from indexes alone"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A message gets its topic when it is answered: until then it costs this index nothing.
    known = sa.text("topic IS NOT NULL")
    op.create_index(
        "ix_inbound_asked",
        "inbound",
        ["topic", "received_at"],
        sqlite_where=known,
        postgresql_where=known,
    )
    op.drop_index(op.f("ix_dislike_topic"), "dislike")
    op.create_index("ix_dislike_said", "dislike", ["topic", "at"])


def downgrade() -> None:
    op.drop_index("ix_dislike_said", "dislike")
    op.create_index(op.f("ix_dislike_topic"), "dislike", ["topic"])
    op.drop_index("ix_inbound_asked", "inbound")
