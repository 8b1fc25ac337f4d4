"""How a topic stands now: the state that translations are compared with and put into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from api.content import revisions
from api.editorial import drafts
from api.editorial.drafts import State


@dataclass(frozen=True)
class Present:
    """The open draft of a topic, else what is published, or was last.

    Attributes:
        is_reviewed: a draft that somebody has asked to review, or has approved.
    """

    kind: str
    document: Mapping[str, Any]
    is_reviewed: bool

    def text(self, language: str, field: str) -> str:
        """One text of an answer; "" when it is not there."""
        answers: Mapping[str, Mapping[str, str]] = self.document.get("answers", {})
        return answers.get(language, {}).get(field, "")


def present(session: Session, topic_id: str) -> Present | None:
    """The state of a topic; None when there is none of that id."""
    draft = drafts.find(session, topic_id)
    if draft is not None:
        return Present(draft.kind, draft.document, draft.state is not State.DRAFT)
    head, last = revisions.head(session, topic_id), revisions.last(session, topic_id)
    if head is None or last is None:
        return None
    return Present(head.kind, last.document, is_reviewed=False)
