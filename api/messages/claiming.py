"""How a message is taken out of the inbox or the outbox: both are lines with the same rule.

A row is free in one state and taken in another. The oldest free rows that are due are taken,
but never one behind a row of the same conversation that is free or taken itself: one person's
messages are handled one after the other, and one that waits to be tried again keeps its place.
Among conversations, those with the highest priority go first (`api.messages.flood`).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    Update,
    bindparam,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Session

from api.db import UtcDateTime, now


def claiming(
    table: Table,
    free: str,
    taken: str,
    *returning: ColumnElement[object],
    channels: Literal["all", "these", "others"] = "all",
    least: int | None = None,
) -> Update:
    """The statement that takes up to `most` rows which are due at `moment`.

    At most one row of a conversation is among them. The order in which a store returns them
    is not defined; their numbers say which is older.

    Args:
        table: numbered by age in its primary key.
        returning: columns of the taken rows.
        channels: only those that are named in `channels` when it is executed, or all others.
        least: only those of this priority or a higher one.
    """
    waiting = table.alias("waiting")
    number = table.primary_key.columns[0]
    oldest: Select[tuple[int]] = (
        select(waiting.c[number.name])
        .where(
            waiting.c.state == free,
            waiting.c.due_at <= bindparam("moment", type_=UtcDateTime),
            ~in_front(table, waiting, (free, taken)),
        )
        .order_by(waiting.c.priority.desc(), waiting.c[number.name])  # as an index has them
        .limit(bindparam("most"))
    )
    if channels != "all":
        named = waiting.c.channel.in_(bindparam("channels", expanding=True))
        oldest = oldest.where(named if channels == "these" else ~named)
    if least is not None:
        oldest = oldest.where(waiting.c.priority >= least)
    return (
        update(table)
        .where(number.in_(oldest.scalar_subquery()), table.c.state == free)
        .values(state=taken, attempts=table.c.attempts + 1)
        .returning(*returning)
    )


LONGEST_WAIT = timedelta(minutes=15)
"""Nothing is put off for longer, whatever a provider asks for; what seems so was written by a
clock that was wrong."""


def make_due(session: Session, table: Table, states: Sequence[str]) -> int:
    """Make due what a clock that was ahead has put off. Returns how many rows."""
    moment = now()
    changed = session.execute(
        update(table)
        .where(table.c.state.in_(states), table.c.due_at > moment + LONGEST_WAIT)
        .values(due_at=moment)
        .returning(table.c.conversation_id)
    )
    return len(changed.all())


def in_front(table: Table, row: FromClause, states: Sequence[str]) -> ColumnElement[bool]:
    """Whether an earlier row of the same conversation, one that counts, is in one of the states."""
    earlier = table.alias("earlier")
    number = table.primary_key.columns[0].name
    return exists().where(
        earlier.c.conversation_id == row.c.conversation_id,
        earlier.c.state.in_(states),
        earlier.c[number] < row.c[number],
        earlier.c.priority >= 0,  # what nobody asked for holds up no answer
    )


def followed(table: Table, free: str) -> ColumnElement[bool]:
    """Whether another row of the same conversation waits: a column for RETURNING."""
    later = table.alias("later")
    return (
        exists()
        .where(later.c.conversation_id == table.c.conversation_id, later.c.state == free)
        .label("followed")
    )
