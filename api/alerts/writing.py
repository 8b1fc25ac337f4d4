"""An alert from the first word to the last copy: written by one, approved by another, sent.

    draft --approve--> approved --(everybody has theirs)--> done
      \\--discard--> discarded   \\--stop--> stopped

Approval freezes words and titles, and makes one copy for everybody who wants news on the topic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, literal, select, update
from sqlalchemy.orm import Session

from api.alerts import rules
from api.alerts.models import ALERT, COPY, SUBSCRIPTION, AlertRow
from api.content.catalogue import Catalogue
from api.db import now
from api.editorial import audit
from api.errors import NotAllowed, NotReady
from api.staff.accounts import Account
from api.staff.roles import Right

WAITS = timedelta(days=3)
"""How long an alert waits for somebody who cannot be reached."""


@dataclass(frozen=True)
class Alert:
    """One alert as it stands. `texts` and `titles` are by language code."""

    id: int
    topic: str
    texts: Mapping[str, str]
    titles: Mapping[str, str]
    state: str
    version: int
    writers: tuple[int, ...]
    approved_by: int | None
    approved_at: datetime | None
    until: datetime | None
    changed_at: datetime
    finished_at: datetime | None


def every(session: Session, most: int = 100) -> list[Alert]:
    """The newest alerts first; discarded ones are left out."""
    rows = session.execute(
        select(ALERT).where(ALERT.c.state != "discarded").order_by(ALERT.c.id.desc()).limit(most)
    )
    return [_alert(row) for row in rows]


def find(session: Session, alert_id: int) -> Alert | None:
    """One alert, or None."""
    row = session.execute(select(ALERT).where(ALERT.c.id == alert_id)).one_or_none()
    return None if row is None else _alert(row)


def write(session: Session, topic: str, texts: Mapping[str, str], actor: Account) -> int:
    """Begin an alert. Returns its id.

    Raises:
        NotAllowed: "right".
    """
    _need(actor, Right.PUBLISH)
    row = AlertRow(topic=topic, texts=dict(texts), titles={}, writers=[actor.id])
    session.add(row)
    session.flush()
    audit.record(session, actor, "alert-written", topic_id=topic, detail={"alert": row.id})
    return row.id


def change(
    session: Session, alert_id: int, texts: Mapping[str, str], actor: Account, *, version: int
) -> None:
    """Write the words of a draft anew.

    Raises:
        NotAllowed: "right".
        NotReady: "state", or "changed" when somebody else saved meanwhile.
    """
    _need(actor, Right.PUBLISH)
    alert = _draft(session, alert_id, version)
    writers = list(dict.fromkeys((*alert.writers, actor.id)))
    _step(session, alert, version=version + 1, texts=dict(texts), writers=writers)
    audit.record(session, actor, "alert-changed", topic_id=alert.topic, detail={"alert": alert_id})


def discard(session: Session, alert_id: int, actor: Account, *, version: int) -> None:
    """Throw a draft away. Raises as `change`."""
    _need(actor, Right.PUBLISH)
    alert = _draft(session, alert_id, version)
    _step(session, alert, state="discarded", finished_at=now())
    detail = {"alert": alert_id, "texts": dict(alert.texts)}
    audit.record(session, actor, "alert-discarded", topic_id=alert.topic, detail=detail)


def approve(
    session: Session, alert_id: int, actor: Account, catalogue: Catalogue, *, version: int
) -> int:
    """The second pair of eyes: from now on it goes out. Returns how many people get it.

    Raises:
        NotAllowed: "right", or "second-person" for whoever wrote a part of it.
        NotReady: "state", "changed", "faults", or "topic" when it is not published any more.
    """
    _need(actor, Right.REVIEW)
    alert = _draft(session, alert_id, version)
    if actor.id in alert.writers:
        raise NotAllowed("second-person", "who wrote an alert cannot approve it")
    if any(rules.faults(alert.texts, catalogue.helplines)):
        raise NotReady("faults", "the words break a rule")
    published = catalogue.topic(alert.topic)
    if published is None:
        raise NotReady("topic", "the topic is not published")
    moment = now()
    titles = {code: answer.title for code, answer in published.document.answers.items()}
    _step(
        session,
        alert,
        state="approved",
        titles=titles,
        approved_by=actor.id,
        approved_at=moment,
        until=moment + WAITS,
    )
    wanted = select(
        literal(alert_id),
        SUBSCRIPTION.c.conversation_id,
        literal("waiting"),
        literal(False),
        literal(moment, COPY.c.look_at.type),
    ).where(SUBSCRIPTION.c.topic == alert.topic)
    session.execute(
        COPY.insert().from_select(
            ["alert_id", "conversation_id", "state", "held", "look_at"],
            wanted.order_by(SUBSCRIPTION.c.id),
        )
    )
    detail = {"alert": alert_id, "texts": dict(alert.texts)}
    audit.record(session, actor, "alert-approved", topic_id=alert.topic, detail=detail)
    made = session.execute(select(COPY.c.id).where(COPY.c.alert_id == alert_id)).all()
    if not made:
        done = update(ALERT).where(ALERT.c.id == alert_id)
        session.execute(done.values(state="done", finished_at=moment))
    return len(made)


def stop(session: Session, alert_id: int, actor: Account) -> None:
    """Nobody else gets it from now on (`copies.settle` takes back what is in the outbox).

    Raises:
        NotAllowed: "right".
        NotReady: "state".
    """
    _need(actor, Right.PUBLISH)
    stopped = session.execute(
        update(ALERT)
        .where(ALERT.c.id == alert_id, ALERT.c.state == "approved")
        .values(state="stopped", until=now(), finished_at=now())
        .returning(ALERT.c.topic)
    ).one_or_none()
    if stopped is None:
        raise NotReady("state", "it is not on its way")
    copies = update(COPY).where(COPY.c.alert_id == alert_id)
    session.execute(
        copies.where(COPY.c.state == "waiting").values(state="missed", held=False, look_at=None)
    )
    session.execute(copies.where(COPY.c.state == "queued").values(look_at=now()))
    detail = {"alert": alert_id}
    audit.record(session, actor, "alert-stopped", topic_id=stopped.topic, detail=detail)


def _need(actor: Account, right: Right) -> None:
    if right not in actor.rights:
        raise NotAllowed("right", "the roles of this account do not allow it")


def _draft(session: Session, alert_id: int, version: int) -> Alert:
    alert = find(session, alert_id)
    if alert is None or alert.state != "draft":
        raise NotReady("state", "there is no such draft")
    if alert.version != version:
        raise NotReady("changed", "somebody else saved meanwhile")
    return alert


def _step(session: Session, alert: Alert, **values: Any) -> None:
    """Change a draft that nobody else has changed since it was read. Raises `NotReady`."""
    done = session.execute(
        update(ALERT)
        .where(ALERT.c.id == alert.id, ALERT.c.state == "draft", ALERT.c.version == alert.version)
        .values(changed_at=now(), **values)
        .returning(ALERT.c.id)
    )
    if done.first() is None:
        raise NotReady("changed", "somebody else saved meanwhile")


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        topic=row.topic,
        texts=row.texts,
        titles=row.titles,
        state=row.state,
        version=row.version,
        writers=tuple(row.writers),
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        until=row.until,
        changed_at=row.changed_at,
        finished_at=row.finished_at,
    )
