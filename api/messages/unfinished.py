"""Guided checks that nobody finished: taken out of what is remembered of a conversation.

An old one counts as forgotten from the person's next message on (`api.checks.running`); here it
goes from the store as well, for those who never write again.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from api.messages.models import ConversationRow

MOST_A_RUN = 500


def forget(session: Session, *, begun_before: float, kept_until: float) -> int:
    """Forget checks and lists that are over. Returns how many conversations had one.

    Args:
        begun_before: seconds of the epoch; a check begun before then is over.
        kept_until: seconds of the epoch; a list that was kept until then is over.
    """
    begun = ConversationRow.state["check"]["started"].as_float()
    until = ConversationRow.state["ticked"]["until"].as_float()
    rows = session.scalars(
        select(ConversationRow)
        .where(or_(begun < begun_before, until < kept_until))
        .limit(MOST_A_RUN)
        .with_for_update(of=ConversationRow)
    ).all()
    for row in rows:
        state = dict(row.state)
        if _is_before(state.get("check"), "started", begun_before):
            del state["check"]
        if _is_before(state.get("ticked"), "until", kept_until):
            del state["ticked"]
        row.state = state
        flag_modified(row, "state")
    session.flush()
    return len(rows)


def _is_before(part: object, name: str, moment: float) -> bool:
    if not isinstance(part, dict):
        return False
    value = part.get(name)
    return isinstance(value, int | float) and value < moment
