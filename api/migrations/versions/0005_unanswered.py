"""questions that were not answered"""

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "unanswered_group",
        sa.Column("id", BIG, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("nearest", sa.String(length=200), nullable=False),
        sa.Column("attached_to", sa.String(length=64), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", api.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_group")),
    )
    op.create_index("ix_unanswered_group_same", "unanswered_group", ["key", "language"])
    for name, columns in (
        ("", ["state"]),
        ("language_", ["state", "language"]),
        ("reason_", ["state", "reason"]),
    ):
        op.create_index(
            f"ix_unanswered_group_{name}list", "unanswered_group", [*columns, "count", "id"]
        )
        op.create_index(
            f"ix_unanswered_group_{name}recent", "unanswered_group", [*columns, "last_at", "id"]
        )
    op.create_table(
        "unanswered_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["unanswered_group.id"],
            name=op.f("fk_unanswered_word_group_id_unanswered_group"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("word", "language", "group_id", name=op.f("pk_unanswered_word")),
    )
    op.create_index(op.f("ix_unanswered_word_group_id"), "unanswered_word", ["group_id"])
    op.create_table(
        "unanswered",
        sa.Column("id", BIG, nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_unanswered_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["unanswered_group.id"],
            name=op.f("fk_unanswered_group_id_unanswered_group"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered")),
    )
    op.create_index(op.f("ix_unanswered_at"), "unanswered", ["at"])
    op.create_index(op.f("ix_unanswered_conversation_id"), "unanswered", ["conversation_id"])
    op.create_index("ix_unanswered_group", "unanswered", ["group_id", "id"])


def downgrade() -> None:
    op.drop_table("unanswered")
    op.drop_table("unanswered_word")
    op.drop_table("unanswered_group")
