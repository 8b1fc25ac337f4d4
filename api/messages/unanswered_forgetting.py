"""How unanswered questions go: with everything their person wrote, or after the retention time.

What counts them stays right, and no word of them stays behind in a key.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from api.messages import grouping
from api.messages.scrub import without_marks
from api.messages.unanswered_models import GROUP, QUESTION, WORD, index

TEXTS_A_RUN = 500
"""Old questions taken at once, so that nobody waits long for an answer meanwhile."""


def forget(session: Session, conversation_id: int) -> None:
    """A person wants everything deleted: the questions go, and what counted them is right."""
    _take_away(session, QUESTION.c.conversation_id == conversation_id)


def forget_older(session: Session, before: datetime) -> int:
    """Questions from before that moment go, at most `TEXTS_A_RUN` of them. Returns how many."""
    oldest = (select(QUESTION.c.id).where(QUESTION.c.at < before).order_by(QUESTION.c.at)).limit(
        TEXTS_A_RUN
    )
    return _take_away(session, QUESTION.c.id.in_(oldest))


_LEFT = (
    select(QUESTION.c.text)
    .where(QUESTION.c.group_id == bindparam("group_id"))
    .order_by(QUESTION.c.id.desc())
    .limit(20)
)


def _take_away(session: Session, which: ColumnElement[bool]) -> int:
    gone = Counter(
        session.execute(delete(QUESTION).where(which).returning(QUESTION.c.group_id)).scalars()
    )
    # Locked in the order of their ids: two who delete at the same time never wait in a circle.
    session.execute(
        select(GROUP.c.id).where(GROUP.c.id.in_(gone)).order_by(GROUP.c.id).with_for_update()
    )
    for times, group_ids in _by_times(gone).items():
        session.execute(
            update(GROUP).where(GROUP.c.id.in_(group_ids)).values(count=GROUP.c.count - times)
        )
    touched = GROUP.c.id.in_(gone)
    session.execute(delete(GROUP).where(touched, GROUP.c.count <= 0, GROUP.c.state != "attached"))
    left = session.execute(
        select(GROUP.c.id, GROUP.c.count.label("questions"), GROUP.c.key, GROUP.c.language).where(
            touched
        )
    ).all()
    for group in left:
        if group.questions > 0:
            _key_of_what_is_left(session, group.id, group.key, group.language)
        else:
            _rename(session, group.id, f"#{group.id}", group.language, ())
    return gone.total()


def _by_times(gone: Mapping[int, int]) -> dict[int, list[int]]:
    """How many questions went -> the groups that lost so many: most lose one."""
    found: dict[int, list[int]] = defaultdict(list)
    for group_id, times in gone.items():
        found[times].append(group_id)
    return found


def _key_of_what_is_left(session: Session, group_id: int, key: str, language: str) -> None:
    """A key is made of somebody's words: it goes with them, unless others wrote the same."""
    texts = session.execute(_LEFT, {"group_id": group_id}).scalars().all()
    left = [grouping.keys_in(without_marks(text)) for text in texts]
    if left and all(grouping.key_of(keys) != key for keys in left):
        _rename(session, group_id, grouping.key_of(left[0]), language, left[0])


def _rename(
    session: Session, group_id: int, key: str, language: str, keys: tuple[str, ...]
) -> None:
    session.execute(update(GROUP).where(GROUP.c.id == group_id).values(key=key))
    session.execute(delete(WORD).where(WORD.c.group_id == group_id))
    if keys:
        index(session, group_id, language, keys)
