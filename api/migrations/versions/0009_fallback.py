"""an emergency answer that WhatsApp did not deliver goes out once by SMS"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outbound",
        sa.Column(
            "fallback_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
    )
    op.create_index(
        "ix_outbound_fallback_of",
        "outbound",
        ["fallback_of"],
        unique=True,
        sqlite_where=sa.text("fallback_of IS NOT NULL"),
        postgresql_where=sa.text("fallback_of IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_outbound_fallback_of", "outbound")
    with op.batch_alter_table("outbound") as batch:
        batch.drop_column("fallback_of")
