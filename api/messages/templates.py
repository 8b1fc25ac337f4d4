"""The register of contents that WhatsApp's provider keeps for us: which there are, how far they
are approved, under which id. Their words come from content files and are put in here at start."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, select
from sqlalchemy.orm import Session

from api.channels.content_shapes import Content
from api.db import now
from api.errors import UnknownTemplate
from api.messages.template_models import TEMPLATE, WhatsAppTemplateRow

NEW, READY, UNSUBMITTED, APPROVED = "new", "ready", "unsubmitted", "approved"
"""States that we have a use for; others are the provider's words (received, pending, rejected,
paused, disabled)."""

_PLACE = re.compile(r"\{\{(\d+)\}\}")


@dataclass(frozen=True)
class Use:
    """A template to be sent: which one, and what goes into its places."""

    name: str
    language: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Registered:
    """One content as the register has it.

    Attributes:
        state: `new` (the provider does not have it), `ready` (good within the window, needs no
            approval), or how far its approval is, in the provider's words.
        reason: why it was rejected, in the provider's words.
    """

    friendly_name: str
    name: str
    language: str
    category: str
    sid: str | None
    state: str
    reason: str | None = None
    checked_at: datetime | None = None


def register(session: Session, contents: Iterable[Content]) -> int:
    """Put in the register what is not in it yet. Returns how many."""
    known = set(session.scalars(select(TEMPLATE.c.friendly_name)))
    missing = [one for one in contents if one.friendly_name not in known]
    for content in missing:
        session.add(
            WhatsAppTemplateRow(
                friendly_name=content.friendly_name,
                name=content.name,
                language=content.language,
                content_hash=content.hash,
                category=content.category,
                body=content.body,
                places=len(content.samples),
                state=NEW,
            )
        )
        session.flush()  # in order: of two with one name the later is the newer
    return len(missing)


def registered(session: Session) -> list[Registered]:
    """All of them, by name and language."""
    rows = session.scalars(
        select(WhatsAppTemplateRow).order_by(
            WhatsAppTemplateRow.name, WhatsAppTemplateRow.language, WhatsAppTemplateRow.id
        )
    )
    return [
        Registered(
            friendly_name=row.friendly_name,
            name=row.name,
            language=row.language,
            category=row.category,
            sid=row.sid,
            state=row.state,
            reason=row.rejected_reason,
            checked_at=row.checked_at,
        )
        for row in rows
    ]


def note(
    session: Session, friendly_name: str, sid: str | None, state: str, reason: str | None = None
) -> None:
    """Keep what the provider has just said about one of them."""
    row = session.scalars(
        select(WhatsAppTemplateRow).where(WhatsAppTemplateRow.friendly_name == friendly_name)
    ).one()
    row.sid, row.state, row.rejected_reason = sid, state[:16], reason
    row.checked_at = now()


def ready(session: Session, friendly_name: str) -> str | None:
    """The provider's id of a content that needs no approval, None if it does not have it."""
    sid: str | None = session.execute(
        select(TEMPLATE.c.sid).where(
            TEMPLATE.c.friendly_name == friendly_name, TEMPLATE.c.state == READY
        )
    ).scalar_one_or_none()
    return sid


def approved(session: Session, name: str, language: str, places: int) -> str | None:
    """The provider's id of the newest approved template of that name with so many places.

    While a changed one waits for its approval the one before it is still good.
    """
    sid: str | None = session.execute(
        _approved(TEMPLATE.c.sid, name, language, places)
    ).scalar_one_or_none()
    return sid


def _approved(column: Column[Any], name: str, language: str, places: int) -> Select[Any]:
    return (
        select(column)
        .where(
            TEMPLATE.c.name == name,
            TEMPLATE.c.language == language,
            TEMPLATE.c.state == APPROVED,
            TEMPLATE.c.places == places,
        )
        .order_by(TEMPLATE.c.id.desc())
        .limit(1)
    )


def approved_words(session: Session, use: Use) -> str | None:
    """What the approved template says, its places filled; None: none is approved."""
    body: str | None = session.execute(
        _approved(TEMPLATE.c.body, use.name, use.language, len(use.variables))
    ).scalar_one_or_none()
    return None if body is None else filled(body, use.variables)


def words(session: Session, use: Use) -> str:
    """What a template says, its places filled.

    Raises:
        UnknownTemplate: there is none of that name and language with so many places.
    """
    body: str | None = session.execute(
        select(TEMPLATE.c.body)
        .where(
            TEMPLATE.c.name == use.name,
            TEMPLATE.c.language == use.language,
            TEMPLATE.c.places == len(use.variables),
            TEMPLATE.c.category != "",
        )
        .order_by(TEMPLATE.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if body is None:
        raise UnknownTemplate(
            f"no template {use.name!r} in {use.language} with {len(use.variables)} places"
        )
    return filled(body, use.variables)


def filled(body: str, variables: Sequence[str]) -> str:
    """A body with its places filled."""
    return _PLACE.sub(lambda place: variables[int(place[1]) - 1], body)
