"""answers that did not help"""

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dislike",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dislike")),
    )
    op.create_index(op.f("ix_dislike_topic"), "dislike", ["topic"])


def downgrade() -> None:
    op.drop_index(op.f("ix_dislike_topic"), "dislike")
    op.drop_table("dislike")
