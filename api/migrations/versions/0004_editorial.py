"""the way to publication"""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

import api.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Whoever has the keys of the store can drop a trigger; nobody changes the log by accident or
# through the desk.
SQLITE = """
CREATE TRIGGER audit_log_{what} BEFORE {what} ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
"""
# INSERT OR REPLACE deletes without asking the trigger on DELETE.
SQLITE_REPLACE = """
CREATE TRIGGER audit_log_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_log_only_grows() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$ LANGUAGE plpgsql
"""
POSTGRESQL = """
CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()
"""


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("topic_group", sa.String(length=32), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("confirmed", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", api.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("publish_at", api.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("publish_by", sa.Integer(), nullable=True),
        sa.Column("created_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("topic_id", name=op.f("uq_draft_topic_id")),
    )
    op.create_index("ix_draft_due", "draft", ["state", "publish_at"])
    op.create_table(
        "draft_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_comment")),
    )
    op.create_index(op.f("ix_draft_comment_topic_id"), "draft_comment", ["topic_id"])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"])
    op.create_index("ix_audit_log_topic", "audit_log", ["topic_id", "id"])
    op.create_table(
        "golden_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("accept", sa.String(length=300), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_question")),
    )
    op.create_table(
        "golden_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("started_at", api.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", api.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_golden_run_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_run")),
    )
    op.create_index("ix_golden_run_topic", "golden_run", ["topic_id", "id"])
    with op.batch_alter_table("revision") as batch:
        batch.add_column(
            sa.Column("language_numbers", sa.JSON(), nullable=False, server_default="{}")
        )
    with op.batch_alter_table("topic") as batch:
        batch.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("head_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("published_at", api.db.UtcDateTime(timezone=True), nullable=True)
        )
        batch.add_column(sa.Column("review_by", sa.Date(), nullable=True))
        batch.add_column(
            sa.Column("language_numbers", sa.JSON(), nullable=False, server_default="{}")
        )
        batch.add_column(sa.Column("summary", sa.JSON(), nullable=False, server_default="{}"))
    _fill_in()
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(SQLITE.format(what=what))
        op.execute(SQLITE_REPLACE)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL)


def _fill_in() -> None:
    """Revisions that are there already: every language is current, lists know what to show."""
    revision = sa.table(
        "revision",
        sa.column("id", sa.Integer),
        sa.column("topic_id", sa.String),
        sa.column("number", sa.Integer),
        sa.column("document", sa.JSON),
        sa.column("language_numbers", sa.JSON),
        sa.column("published_at", api.db.UtcDateTime(timezone=True)),
        sa.column("review_by", sa.Date),
    )
    topic = sa.table(
        "topic",
        sa.column("id", sa.String),
        sa.column("published_revision_id", sa.Integer),
        sa.column("head_id", sa.Integer),
        sa.column("number", sa.Integer),
        sa.column("published_at", api.db.UtcDateTime(timezone=True)),
        sa.column("review_by", sa.Date),
        sa.column("language_numbers", sa.JSON),
        sa.column("summary", sa.JSON),
    )
    bind = op.get_bind()
    newest = bind.execute(
        sa.select(revision.c.topic_id, sa.func.max(revision.c.id)).group_by(revision.c.topic_id)
    ).all()
    published = {
        row.id: row.published_revision_id
        for row in bind.execute(sa.select(topic.c.id, topic.c.published_revision_id))
    }
    heads = {published.get(topic_id) or revision_id for topic_id, revision_id in newest}
    for revision_id in bind.scalars(sa.select(revision.c.id)).all():
        row = bind.execute(sa.select(revision).where(revision.c.id == revision_id)).one()
        numbers = dict.fromkeys(row.document.get("answers", {}), row.number)
        bind.execute(
            revision.update().where(revision.c.id == row.id).values(language_numbers=numbers)
        )
        if row.id in heads:
            bind.execute(
                topic.update()
                .where(topic.c.id == row.topic_id)
                .values(
                    head_id=row.id,
                    number=row.number,
                    published_at=row.published_at,
                    review_by=row.review_by,
                    language_numbers=numbers,
                    summary=_summary(row.document),
                )
            )


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    answers = document.get("answers", {})
    forms = ("whatsapp", "sms")
    texts = [answer.get(form, "") for answer in answers.values() for form in forms]
    return {
        "titles": {code: answer.get("title", "") for code, answer in answers.items()},
        "sensitive": document.get("sensitive", False),
        "urgent": document.get("urgent", False),
        "checked": document.get("checked"),
        "forms": {
            code: [form for form in forms if answer.get(form)] for code, answer in answers.items()
        },
        "variants": {
            code: len(variants) for code, variants in document.get("variants", {}).items()
        },
        "helplines": sorted(set(re.findall(r"\{helpline:([a-z0-9-]+)\}", "\n".join(texts)))),
    }


def downgrade() -> None:
    with op.batch_alter_table("topic") as batch:
        for name in (
            "summary",
            "language_numbers",
            "review_by",
            "published_at",
            "number",
            "head_id",
            "owner_id",
        ):
            batch.drop_column(name)
    with op.batch_alter_table("revision") as batch:
        batch.drop_column("language_numbers")
    op.drop_table("golden_run")
    op.drop_table("golden_question")
    op.drop_table("audit_log")
    op.drop_table("draft_comment")
    op.drop_table("draft")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_log_only_grows")
