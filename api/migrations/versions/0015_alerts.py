"""news that people ask for, and languages that editors add"""

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = api.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_subscription_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "conversation_id", "topic", name=op.f("uq_subscription_conversation_id")
        ),
    )
    op.create_index(op.f("ix_subscription_topic"), "subscription", ["topic"])
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_state"), "alert", ["state"])
    op.create_table(
        "alert_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("outbound_id", sa.String(length=36), nullable=True),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("look_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
            name=op.f("fk_alert_copy_alert_id_alert"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_alert_copy_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_copy")),
        sa.UniqueConstraint("alert_id", "conversation_id", name=op.f("uq_alert_copy_alert_id")),
    )
    op.create_index("ix_alert_copy_counts", "alert_copy", ["alert_id", "state"])
    op.create_index("ix_alert_copy_person", "alert_copy", ["conversation_id", "queued_at"])
    op.create_index("ix_alert_copy_queued_at", "alert_copy", ["queued_at"])
    looked_at = sa.text("look_at IS NOT NULL")
    op.create_index(
        "ix_alert_copy_look",
        "alert_copy",
        ["look_at"],
        sqlite_where=looked_at,
        postgresql_where=looked_at,
    )
    op.create_table(
        "language_draft",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_language_draft")),
    )


def downgrade() -> None:
    op.drop_table("language_draft")
    op.drop_table("alert_copy")
    op.drop_table("alert")
    op.drop_table("subscription")
