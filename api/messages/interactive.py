"""Choices and templates of a message: as they lie in its row, and as they go out."""

from typing import Any

from sqlalchemy import Row, exists, update
from sqlalchemy.orm import Session

from api.channels import content_shapes
from api.channels.base import Choice, Outgoing, Template
from api.db import now
from api.messages import templates
from api.messages.models import CONVERSATION, OUTBOUND
from api.messages.templates import Use

WITH_CONTENTS = "whatsapp"
"""The channel whose provider keeps contents; on the simulated phone choices need none."""


def choices_column(choices: tuple[Choice, ...], button: str) -> dict[str, Any] | None:
    """Choices as stored; None: there are none."""
    if not choices:
        return None
    items = [[one.id, one.title, one.description] for one in choices]
    return {"button": button, "items": items}


def stored_choices(column: dict[str, Any] | None) -> tuple[tuple[Choice, ...], str]:
    """Choices from their column, and what is on the button of a list."""
    if not column:
        return (), ""
    return tuple(Choice(*item) for item in column["items"]), column.get("button", "")


def template_column(use: Use | None) -> dict[str, Any] | None:
    """The use of a template as stored."""
    if use is None:
        return None
    return {"name": use.name, "language": use.language, "variables": list(use.variables)}


def outgoing(session: Session, row: Row[Any], address: str) -> Outgoing:
    """A row of the outbox as its channel gets it.

    Where the provider does not have the content (yet), the text goes out alone.
    """
    choices, button = stored_choices(row.choices)
    text = row.text or ""
    template = None
    if row.channel == WITH_CONTENTS and row.template:
        use = row.template
        variables = tuple(use["variables"])
        sid = templates.approved(session, use["name"], use["language"], len(variables))
        template = Template(sid, variables) if sid else None
    elif row.channel == WITH_CONTENTS and choices:
        filled = content_shapes.fill(text, choices, button)
        sid = templates.ready(session, filled.friendly_name) if filled else None
        if filled and sid:
            template = Template(sid, filled.variables, in_session=True)
    return Outgoing(
        row.id, address, text, row.attempts, choices=choices, button=button, template=template
    )


def without_choices(session: Session, outbound_id: str) -> tuple[int, str] | None:
    """Put a message that failed with its choices back in the line, as its text alone.

    Gives its conversation and channel; None: it did not fail, there is nothing to leave out, or a
    counsellor has the conversation and the bot is silent.
    """
    session.flush()  # the failure itself may just have been noted
    row = session.execute(
        update(OUTBOUND)
        .where(
            OUTBOUND.c.id == outbound_id,
            OUTBOUND.c.state.in_(("undelivered", "failed")),
            OUTBOUND.c.choices.is_not(None),
            OUTBOUND.c.text.is_not(None),
            ~exists().where(
                CONVERSATION.c.id == OUTBOUND.c.conversation_id,
                CONVERSATION.c.claimed_at.is_not(None),
            ),
        )
        .values(state="queued", choices=None, provider_id=None, due_at=now())
        .returning(OUTBOUND.c.conversation_id, OUTBOUND.c.channel)
    ).one_or_none()
    return None if row is None else (row.conversation_id, row.channel)
