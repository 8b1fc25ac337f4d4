"""Changes of what people can be told. Each one makes a revision and a new content version.

These are the functions that the importer and the desk call; who may call which is decided by
the caller. The caller commits; the change is used from the next message on, and the bot's
index follows within seconds. Nothing is trained.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.content import rules
from api.content.documents import ActDocument, Helpline, TopicDocument, TopicOrAct
from api.content.models import RevisionRow, SheetRow, StoreVersionRow, TopicRow
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
) -> int:
    """Make a new published revision of a topic. Returns the revision's id.

    Args:
        based_on: the revision the editor started from; None skips the comparison.

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
    topic = session.get(TopicRow, document.id)
    if topic is None:
        kind = "act" if isinstance(document, ActDocument) else "topic"
        topic = TopicRow(id=document.id, kind=kind, group=group)
        session.add(topic)
        session.flush()
    if based_on is not None and topic.published_revision_id != based_on:
        raise StaleRevision(f"{document.id} was changed by somebody else meanwhile")
    plain = document.plain()
    last = session.scalar(
        select(func.max(RevisionRow.number)).where(RevisionRow.topic_id == document.id)
    )
    revision = RevisionRow(
        topic_id=document.id,
        number=(last or 0) + 1,
        origin=origin,
        author=author,
        note=note,
        digest=digest(plain),
        document=plain,
        review_by=document.review_by if isinstance(document, TopicDocument) else None,
        published_at=now(),
    )
    session.add(revision)
    session.flush()
    topic.published_revision_id = revision.id
    topic.group = group
    touch(session)
    return revision.id


def withdraw(session: Session, topic_id: str, *, author: str, reason: str) -> None:
    """Take a topic back: from the next message on nobody is given it.

    Raises:
        UnknownTopic: there is no such topic, or it is not published.
    """
    topic = session.get(TopicRow, topic_id)
    if topic is None or topic.published_revision_id is None:
        raise UnknownTopic(f"{topic_id} is not published")
    revision = session.get_one(RevisionRow, topic.published_revision_id)
    revision.withdrawn_at = now()
    revision.note = f"withdrawn by {author}: {reason}"[:500]
    topic.published_revision_id = None
    touch(session)


def add_variant(session: Session, topic_id: str, language: str, text: str, *, author: str) -> int:
    """Teach the bot one more way to ask a topic. Returns the new revision's id.

    Raises:
        UnknownTopic: the topic is not published.
        ContentError: the variant breaks a rule.
    """
    topic = session.get(TopicRow, topic_id)
    if topic is None or topic.published_revision_id is None:
        raise UnknownTopic(f"{topic_id} is not published")
    revision = session.get_one(RevisionRow, topic.published_revision_id)
    plain = json.loads(json.dumps(revision.document))
    plain["variants"].setdefault(language, []).append(text)
    model = ActDocument if topic.kind == "act" else TopicDocument
    return publish(
        session,
        model.model_validate(plain),
        group=topic.group,
        author=author,
        note="one more way to ask",
        based_on=revision.id,
    )


def save_sheet(session: Session, name: str, document: Any, *, origin: str) -> None:
    """Keep a list document (helplines, notices ...) and start a new content version."""
    row = session.get(SheetRow, name)
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


def touch(session: Session) -> None:
    """Start a new content version: catalogues and the bot's index follow it."""
    row = session.get(StoreVersionRow, 1)
    if row is None:
        row = StoreVersionRow(id=1, version=0)
        session.add(row)
    row.version += 1
    row.changed_at = now()
    session.flush()
