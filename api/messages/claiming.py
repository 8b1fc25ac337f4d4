"""How a message is taken out of the inbox or the outbox: both are lines with the same rule.

A row is free in one state and taken in another. The oldest free rows that are due are taken,
but never one behind a row of the same conversation that is free or taken itself: one person's
messages are handled one after the other, and one that waits to be tried again keeps its place.
Among conversations, those with something urgent go first.
"""

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    exists,
    select,
    update,
)

from api.db import UtcDateTime


def claiming(table: Table, free: str, taken: str, *returning: ColumnElement[object]) -> Update:
    """The statement that takes up to `most` rows which are due at `moment`.

    At most one row of a conversation is among them. The order in which a store returns them
    is not defined; their numbers say which is older.

    Args:
        table: numbered by age in its primary key.
        returning: columns of the taken rows.
    """
    waiting, earlier = table.alias("waiting"), table.alias("earlier")
    number = table.primary_key.columns[0]
    oldest: Select[tuple[int]] = (
        select(waiting.c[number.name])
        .where(
            waiting.c.state == free,
            waiting.c.due_at <= bindparam("moment", type_=UtcDateTime),
            ~exists().where(
                earlier.c.conversation_id == waiting.c.conversation_id,
                earlier.c.state.in_((free, taken)),
                earlier.c[number.name] < waiting.c[number.name],
            ),
        )
        .order_by(waiting.c.urgent.desc(), waiting.c[number.name])
        .limit(bindparam("most"))
    )
    return (
        update(table)
        .where(number.in_(oldest.scalar_subquery()), table.c.state == free)
        .values(state=taken, attempts=table.c.attempts + 1)
        .returning(*returning)
    )


def followed(table: Table, free: str) -> ColumnElement[bool]:
    """Whether another row of the same conversation waits: a column for RETURNING."""
    later = table.alias("later")
    return (
        exists()
        .where(later.c.conversation_id == table.c.conversation_id, later.c.state == free)
        .label("followed")
    )
