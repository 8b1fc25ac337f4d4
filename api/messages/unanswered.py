"""Questions that were not understood or not helped: noted for editors, gone with their person.

What is kept is scrubbed (`scrub`), one row a person and group; nearly the same questions share a
group (`grouping`). `unanswered_inbox` is what the desk reads and decides,
`unanswered_forgetting` how questions go.

Noting runs in the transaction that answers people, so it touches a handful of rows whatever the
inbox holds: one look for the same key, one for the newest groups that share a long word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    case,
    exists,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from api.db import now
from api.messages import grouping
from api.messages.models import INBOUND, OUTBOUND
from api.messages.scrub import scrub, without_marks
from api.messages.unanswered_models import GROUP, QUESTION, WORD, index
from spelling import identify

UNKNOWN, DISLIKED = "unknown", "disliked"
NEWEST = 40  # groups a shared word that are compared
MOST_NEAREST = 5

_CHOSEN = 1.0  # confidence of a topic that was picked from a list
_LISTS = ("choice", "fallback")
_SAID_BACK = "heard"  # what became of a voice note whose words wait for a "yes"
_LOOK_BACK = 6  # messages between a question and the word that its answer did not help


@dataclass(frozen=True)
class Asked:
    """A question as it may be kept.

    Attributes:
        text: scrubbed.
        language: of the text itself where that shows it.
        keys: see `grouping.keys_in`; empty: nothing that an editor could work with.
    """

    text: str
    language: str
    keys: tuple[str, ...]


def prepare(text: str, language: str | None) -> Asked:
    """Scrub a question and find its keys. Costs nothing in the store: do it before writing.

    Args:
        language: for a text that shows none.
    """
    scrubbed = " ".join(scrub(text).split())
    guess = identify(text)
    shown = guess.language if guess.sure else None
    keys = grouping.keys_in(without_marks(scrubbed)) if _says_something(scrubbed) else ()
    return Asked(scrubbed, shown or language or guess.language or "en", keys)


def _says_something(text: str) -> bool:
    return any(letter.isalpha() for letter in without_marks(text))


def _newest_with(parameter: str) -> Select[tuple[int]]:
    newest = (
        select(WORD.c.group_id)
        .where(WORD.c.word == bindparam(parameter), WORD.c.language == bindparam("language"))
        .order_by(WORD.c.group_id.desc())
        .limit(NEWEST)
        .subquery()
    )
    return select(newest.c.group_id)


_BLOCKS = tuple(f"block_{number}" for number in range(grouping.BLOCKS))
_KNOWN = select(GROUP.c.id, GROUP.c.key).where(
    GROUP.c.key == bindparam("key"),
    GROUP.c.language == bindparam("language"),
    GROUP.c.reason == bindparam("reason"),
)
# One question to the store, not two: each costs more than the work in it.
_LIKELY = union_all(
    _KNOWN,
    select(GROUP.c.id, GROUP.c.key).where(
        GROUP.c.id.in_(union_all(*map(_newest_with, _BLOCKS))),
        GROUP.c.reason == bindparam("reason"),
    ),
)
_ASKED_BEFORE = exists().where(
    QUESTION.c.conversation_id == bindparam("person"), QUESTION.c.group_id == bindparam("group")
)
_COUNT = (
    update(GROUP)
    .where(GROUP.c.id == bindparam("group"))
    .values(
        count=GROUP.c.count + case((_ASKED_BEFORE, 0), else_=1),
        last_at=bindparam("moment"),
        nearest=case((bindparam("near") != "", bindparam("near")), else_=GROUP.c.nearest),
    )
    .returning(_ASKED_BEFORE)
)
_BEGIN = insert(GROUP).returning(GROUP.c.id)
_QUESTION = insert(QUESTION)


def note(
    session: Session,
    conversation_id: int | None,
    asked: Asked,
    *,
    reason: str,
    nearest: Sequence[str] = (),
    topic: str | None = None,
) -> int | None:
    """Keep one question. Returns its group; None when there is nothing in it to keep.

    A person counts once in a group, however often he asks again.

    Args:
        reason: `UNKNOWN` or `DISLIKED`.
        nearest: ids of the topics that it may have meant, best first.
        topic: whose answer did not help.
    """
    if not asked.keys:
        return None
    same = {
        "key": grouping.key_of(asked.keys),
        "language": asked.language,
        "reason": reason,
    }
    near = ";".join(nearest[:MOST_NEAREST])[:200]
    moment = now()
    group_id = _group_of(session, same, asked.keys)
    asked_before: bool | None = None
    if group_id is not None:
        # The row is locked by this, so nobody takes the group away before we are in it.
        asked_before = session.execute(
            _COUNT, {"group": group_id, "person": conversation_id, "moment": moment, "near": near}
        ).scalar_one_or_none()
    if asked_before:
        return group_id
    if group_id is None or asked_before is None:
        times = {"first_at": moment, "last_at": moment}
        group_id = _begin(session, {**same, "nearest": near, **times}, asked.keys)
    session.execute(
        _QUESTION,
        {
            "group_id": group_id,
            "conversation_id": conversation_id,
            "text": asked.text,
            "topic": topic,
            "at": moment,
        },
    )
    return group_id


def _group_of(session: Session, same: Mapping[str, str], keys: Sequence[str]) -> int | None:
    """The group with the same key, or the one that is nearly the same."""
    words = grouping.blocks(keys) or ("",)
    blocks = {name: words[number % len(words)] for number, name in enumerate(_BLOCKS)}
    keys_of: dict[int, str] = dict(session.execute(_LIKELY, {**same, **blocks}).tuples().all())
    known = [group_id for group_id, key in keys_of.items() if key == same["key"]]
    return min(known) if known else grouping.nearest(same["key"], keys_of)


def _begin(session: Session, group: Mapping[str, Any], keys: Sequence[str]) -> int:
    group_id: int = session.execute(_BEGIN, {**group, "state": "open", "count": 1}).scalar_one()
    index(session, group_id, group["language"], keys)
    return group_id


_EARLIER = (
    select(
        INBOUND.c.text,
        INBOUND.c.topic,
        INBOUND.c.outcome,
        INBOUND.c.confidence,
        INBOUND.c.language,
        exists()
        .where(
            OUTBOUND.c.conversation_id == INBOUND.c.conversation_id,
            OUTBOUND.c.inbound_id == INBOUND.c.id,
            OUTBOUND.c.urgent,
        )
        .label("urgent"),
    )
    .where(
        INBOUND.c.conversation_id == bindparam("conversation_id"),
        INBOUND.c.state == "done",
        INBOUND.c.id < bindparam("before"),
    )
    .order_by(INBOUND.c.id.desc())
    .limit(_LOOK_BACK)
)


def note_disliked(
    session: Session,
    conversation_id: int,
    inbound_id: int,
    topic: str,
    nearest: Sequence[str] = (),
    language: str | None = None,
) -> int | None:
    """Keep the question whose answer did not help, found among what the person wrote last.

    When the topic was picked from a list, it is the message that led to the list. None: it was
    about a danger, it is blank by now, or it cannot be found.

    Args:
        inbound_id: the message that says so.
        topic: whose answer did not help.
        language: for a question that shows none; the person's own may be none of the full ones.
    """
    earlier = session.execute(
        _EARLIER, {"conversation_id": conversation_id, "before": inbound_id}
    ).all()
    place = next((place for place, row in enumerate(earlier) if row.topic == topic), None)
    if place is None:
        return None
    asked_at = place
    if earlier[place].confidence == _CHOSEN:
        asked_at = place + 1
        if asked_at == len(earlier) or earlier[asked_at].outcome not in _LISTS:
            return None  # picked from the menu: nothing was asked
    question = earlier[asked_at]
    if not question.text or question.urgent or earlier[place].urgent:
        return None
    if asked_at + 1 < len(earlier) and earlier[asked_at + 1].topic == _SAID_BACK:
        return None  # "yes" to what was heard in a voice note: the words are gone
    asked = prepare(question.text, language or question.language)
    return note(session, conversation_id, asked, reason=DISLIKED, nearest=nearest, topic=topic)
