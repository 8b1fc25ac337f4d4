"""Hands a topic to the organisation that answers for it from now on."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.content import ownership, revisions
from api.editorial import audit
from api.editorial.models import DraftRow
from api.errors import NotAllowed, UnknownTopic
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Right

MAY = frozenset({Right.PUBLISH, Right.ADMINISTER})
"""Whoever has one of these rights may hand a topic over."""


def hand_over(session: Session, topic_id: str, owner_id: int | None, actor: Account) -> bool:
    """Hand a topic, and its open draft, to an organisation; None: to nobody.

    Nothing that people are told changes, so it needs no review. Returns whether it was another's.

    Raises:
        UnknownTopic: there is neither a topic nor a draft of that id.
        NotAllowed: the account has none of the rights ("right").
    """
    if not actor.rights & MAY:
        raise NotAllowed("right", "only publishers and administrators hand topics over")
    draft = session.execute(
        select(DraftRow.owner_id).where(DraftRow.topic_id == topic_id)
    ).one_or_none()
    if revisions.head(session, topic_id) is not None:
        before = ownership.set_owner(session, topic_id, owner_id)
    elif draft is not None:
        before = draft.owner_id
    else:
        raise UnknownTopic(f"no topic {topic_id}")
    # Else the draft would hand the topic back when it is published.
    session.execute(update(DraftRow).where(DraftRow.topic_id == topic_id).values(owner_id=owner_id))
    if before == owner_id:
        return False
    names = accounts.organisations(session)
    audit.record(
        session,
        actor,
        "handed-over",
        topic_id=topic_id,
        detail={"from": _name(names, before), "to": _name(names, owner_id)},
    )
    return True


def _name(names: dict[int, str], owner_id: int | None) -> str:
    return names.get(owner_id, "") if owner_id is not None else ""
