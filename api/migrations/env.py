"""Alembic's entry: it opens the store that `upgrade` names."""

from alembic import context
from sqlalchemy import create_engine

import api.alerts.models
import api.checks.models
import api.content.models
import api.editorial.models
import api.insight.models
import api.messages.dislikes
import api.messages.feedback
import api.messages.models
import api.messages.template_models
import api.messages.ticket_models
import api.messages.unanswered
import api.staff.models
import api.voices.models  # noqa: F401  all of them fill the metadata
from api.db import Base

url = context.config.get_main_option("sqlalchemy.url") or ""
engine = create_engine(url)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite cannot alter a table in place
        compare_type=True,
        # Each step by itself: processes that still run wait for one table at a time.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
