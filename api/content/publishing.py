"""Changes of what people can be told. Each one makes a revision and a new content version.

These are the functions that the importer and the desk call; who may call which is decided by
the caller. The caller commits; the change is used from the next message on, and the bot's
index follows within seconds. Nothing is trained.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.content import rules
from api.content.documents import ActDocument, Helpline, TopicDocument, TopicOrAct
from api.content.models import RevisionRow, SheetRow, StoreVersionRow, TopicRow
from api.content.summary import changed_languages, summarise
from api.db import now
from api.errors import ContentError, Fault, StaleRevision, UnknownTopic


def digest(document: Any) -> str:
    """What two documents of the same content have in common (SHA-256 of their plain values)."""
    return hashlib.sha256(
        json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()


def publish(
    session: Session,
    document: TopicOrAct,
    *,
    group: str,
    author: str,
    origin: str = "desk",
    note: str = "",
    based_on: int | None = None,
    confirmed: Collection[str] = (),
    language_numbers: Mapping[str, int] | None = None,
    owner_id: int | None = None,
) -> int:
    """Make a new published revision of a topic. Returns the revision's id.

    Args:
        based_on: the revision the editor started from; None skips the comparison.
        confirmed: languages whose words an editor declared still right.
        language_numbers: in which revision each language was last changed or confirmed. None
            finds out: what differs from the revision before, or is confirmed, is of the new
            one; from the files everything is.
        owner_id: the organisation that answers for the topic; None leaves it as it is.

    Raises:
        ContentError: the document breaks a rule.
        StaleRevision: another revision was published meanwhile.
    """
    faults = tuple(
        Fault(document.id, 0, f"{'.'.join(map(str, path))}: {message}")
        for path, message in rules.check_topic(document, helplines(session))
    )
    if faults:
        raise ContentError(f"{document.id} cannot be published", faults)
    take_turn(session)
    topic = session.get(TopicRow, document.id, populate_existing=True)
    if based_on is not None and (topic is None or topic.published_revision_id != based_on):
        raise StaleRevision(f"{document.id} was changed by somebody else meanwhile")
    if topic is None:
        kind = "act" if isinstance(document, ActDocument) else "topic"
        topic = TopicRow(id=document.id, kind=kind, group=group)
        session.add(topic)
        session.flush()
    plain = document.plain()
    before = _before(session, topic)
    number = _last_number(session, topic.id) + 1
    if language_numbers is None:
        everything = before is None or origin == "files"
        current = {*confirmed, *changed_languages(before.document if before else {}, plain)}
        language_numbers = {
            code: number
            if before is None or everything or code in current
            else before.language_numbers.get(code, number)
            for code in plain["answers"]
        }
    revision = RevisionRow(
        topic_id=document.id,
        number=number,
        origin=origin,
        author=author[:64],
        note=note[:500],
        digest=digest(plain),
        document=plain,
        language_numbers=dict(language_numbers),
        review_by=document.review_by if isinstance(document, TopicDocument) else None,
        published_at=now(),
    )
    session.add(revision)
    session.flush()
    topic.published_revision_id = topic.head_id = revision.id
    topic.number = number
    topic.published_at = revision.published_at
    topic.review_by = revision.review_by
    topic.language_numbers = revision.language_numbers
    topic.summary = summarise(plain)
    topic.group = group
    if owner_id is not None:
        topic.owner_id = owner_id
    touch(session)
    return revision.id


def _before(session: Session, topic: TopicRow) -> RevisionRow | None:
    """The revision that a new one follows: the published one, else the newest."""
    if topic.published_revision_id is not None:
        return session.get(RevisionRow, topic.published_revision_id)
    return session.scalar(
        select(RevisionRow)
        .where(RevisionRow.topic_id == topic.id)
        .order_by(RevisionRow.number.desc())
        .limit(1)
    )


def _last_number(session: Session, topic_id: str) -> int:
    query = select(func.max(RevisionRow.number)).where(RevisionRow.topic_id == topic_id)
    return session.scalar(query) or 0


def withdraw(session: Session, topic_id: str, *, author: str, reason: str) -> None:
    """Take a topic back: from the next message on nobody is given it.

    Raises:
        UnknownTopic: there is no such topic, or it is not published.
    """
    take_turn(session)
    topic = session.get(TopicRow, topic_id, populate_existing=True)
    if topic is None or topic.published_revision_id is None:
        raise UnknownTopic(f"{topic_id} is not published")
    revision = session.get_one(RevisionRow, topic.published_revision_id)
    revision.withdrawn_at = now()
    taken_back = f"withdrawn by {author}: {reason}"
    revision.note = (f"{revision.note} ({taken_back})" if revision.note else taken_back)[:500]
    topic.published_revision_id = None
    touch(session)


def add_variant(session: Session, topic_id: str, language: str, text: str, *, author: str) -> int:
    """Teach the bot one more way to ask a topic. Returns the new revision's id.

    Raises:
        UnknownTopic: the topic is not published.
        ContentError: the variant breaks a rule.
    """
    take_turn(session)
    topic = session.get(TopicRow, topic_id, populate_existing=True)
    if topic is None or topic.published_revision_id is None:
        raise UnknownTopic(f"{topic_id} is not published")
    revision = session.get_one(RevisionRow, topic.published_revision_id)
    plain = json.loads(json.dumps(revision.document))
    plain["variants"].setdefault(language, []).append(text)
    model = ActDocument if topic.kind == "act" else TopicDocument
    try:
        document = model.model_validate(plain)
    except ValidationError as error:
        raise ContentError(f"{topic_id}: {error.errors()[0]['msg']}") from None
    return publish(
        session,
        document,
        group=topic.group,
        author=author,
        note="one more way to ask",
        based_on=revision.id,
    )


def save_sheet(session: Session, name: str, document: Any, *, origin: str) -> None:
    """Keep a list document (helplines, notices ...) and start a new content version.

    Whoever makes it from the one that is there calls `take_turn` before reading that.
    """
    take_turn(session)
    row = session.get(SheetRow, name, populate_existing=True)
    if row is None:
        row = SheetRow(id=name)
        session.add(row)
    row.origin = origin
    row.digest = digest(document)
    row.document = document
    session.flush()
    touch(session)


def helplines(session: Session) -> dict[str, Helpline]:
    """The phone book as it is in the store."""
    row = session.get(SheetRow, "helplines")
    return {item["id"]: Helpline.model_validate(item) for item in (row.document if row else [])}


def take_turn(session: Session) -> None:
    """Until the end of the transaction nobody else changes what people can be told.

    One lock for all: publishing is rare and short, and with a lock for each topic two who
    publish several could wait for each other. (SQLite has one writer at a time anyway.)
    """
    session.get(StoreVersionRow, 1, with_for_update=True, populate_existing=True)


def touch(session: Session) -> None:
    """Start a new content version: catalogues and the bot's index follow it."""
    row = session.get(StoreVersionRow, 1, with_for_update=True, populate_existing=True)
    if row is None:
        row = StoreVersionRow(id=1, version=0)
        session.add(row)
    row.version += 1
    row.changed_at = now()
    session.flush()
