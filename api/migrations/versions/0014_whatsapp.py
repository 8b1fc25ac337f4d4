"""messages with choices and templates, and the register of contents that the provider keeps"""

import sqlalchemy as sa
from alembic import op

from api.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "whatsapp_template",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("friendly_name", sa.String(120), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("content_hash", sa.String(16), nullable=False),
        sa.Column("category", sa.String(16), nullable=False, server_default=""),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(34), nullable=True),
        sa.Column("state", sa.String(16), nullable=False, server_default="new"),
        sa.Column("rejected_reason", sa.Text(), nullable=True),
        sa.Column("checked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whatsapp_template")),
        sa.UniqueConstraint("friendly_name", name=op.f("uq_whatsapp_template_friendly_name")),
    )
    op.create_index("ix_whatsapp_template_name", "whatsapp_template", ["name", "language"])
    op.add_column("outbound", sa.Column("choices", sa.JSON(), nullable=True))
    op.add_column("outbound", sa.Column("template", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("outbound") as batch:
        batch.drop_column("template")
        batch.drop_column("choices")
    op.drop_table("whatsapp_template")
