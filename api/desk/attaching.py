"""Attaching questions to a topic: their words become ways to ask it.

They go into the topic's draft, which is reviewed and published like every other. One person with
the right to publish may instead publish them at once, alone: a variant changes no word that people
are told, only who is told it, and a question that leads nowhere is answered within seconds.

Not for a sensitive or urgent topic: there the wrong answer does harm, and the safety check learns
danger from the variants of urgent topics, so a second pair of eyes sees each. And not while the
topic has a draft, which would be left behind by the new revision.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.content import publishing
from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES, TopicDocument
from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.desk.title_search import TitleSearch
from api.desk.variants import Variant, checked, line, title_of
from api.editorial import audit, drafts
from api.editorial.drafts import Draft
from api.errors import ContentError, EditorialError
from api.messages import unanswered_inbox
from api.messages.scrub import without_marks
from api.messages.unanswered_inbox import PAGE, Group
from api.staff.roles import Right

ADDRESS = "/desk/unanswered/attach"
OUT_OF_SCOPE = "out-of-scope"
GroupId = Annotated[int, Field(ge=1, lt=2**63)]

FAULTS = {
    "topic": _("Choose a topic."),
    "gone": _("Somebody else has decided on one of these questions meanwhile. Look again."),
    "changed": _("The topic was changed meanwhile. Try again."),
    "alone": _("This cannot be published at once. Put it into the draft."),
}


class AttachForm(BaseModel):
    """What the form sends; the lists go together by their order."""

    group: list[GroupId] = Field(..., min_length=1, max_length=PAGE)
    text: list[Annotated[str, Field(max_length=5000)]] = Field(..., max_length=PAGE)
    language: list[Annotated[str, Field(max_length=16)]] = Field(..., max_length=PAGE)
    topic: str = Field("", max_length=64)
    find: str = Field("", max_length=200)
    action: Literal["find", "draft", "publish"] = "find"

    def variants(self) -> list[Variant]:
        """One for each group."""
        rows = zip(self.group, self.text, self.language, strict=False)
        return [Variant(group, line(text), language) for group, text, language in rows]


class _Decided(Exception):
    """Somebody else has attached or dismissed one of the groups."""


def attach_address(groups: Sequence[int], topic: str = "") -> str:
    """The page on which groups are attached, with a topic chosen if one is given."""
    fields: list[tuple[str, str | int]] = [("group", group) for group in groups]
    return f"{ADDRESS}?{urlencode([*fields, *([('topic', topic)] if topic else [])])}"


def attaching_router(desk: Desk) -> APIRouter:
    """The page on which a topic is chosen and the words are put right."""
    router = APIRouter(prefix="/unanswered/attach")
    titles = TitleSearch()

    @router.get("")
    def choose(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        group: Annotated[list[GroupId], Query(max_length=PAGE)],
        topic: Annotated[str, Query(max_length=64)] = "",
        find: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        with desk.services.store.read() as session:
            chosen = unanswered_inbox.groups(session, group)
        typed = [
            Variant(one.id, line(without_marks("".join(one.samples[:1]))), one.language)
            for one in chosen
        ]
        return _show(request, visitor, typed, topic=topic, find=find)

    @router.post("")
    def attach(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        form: Annotated[AttachForm, Form()],
    ) -> Response:
        typed = form.variants()
        if form.action == "find":
            return _show(request, visitor, typed, topic=form.topic, find=form.find)
        catalogue = desk.services.keeper.current()
        faulty = checked(desk.pages, visitor, typed, form.topic, catalogue)
        fault = "" if _can_be_chosen(catalogue, form.topic) else "topic"
        if not fault and not any(variant.fault for variant in faulty):
            try:
                _attach(desk, visitor, faulty, form.topic, at_once=form.action == "publish")
            except _Decided:
                fault = "gone"
            except PermissionError:
                fault = "alone"
            except (ContentError, EditorialError):
                fault = "changed"
            else:
                said = "published" if form.action == "publish" else "attached"
                return desk.pages.go("/desk/unanswered", said=said)
        return _show(
            request, visitor, faulty, topic=form.topic, find=form.find, fault=fault, status=422
        )

    def _show(
        request: Request,
        visitor: Visitor,
        typed: Sequence[Variant],
        *,
        topic: str,
        find: str,
        fault: str = "",
        status: int = 200,
    ) -> Response:
        with desk.services.store.read() as session:
            groups = unanswered_inbox.groups(session, [variant.group for variant in typed])
            catalogue = desk.services.keeper.current(session)
            draft = drafts.find(session, topic) if topic else None
        by_id = {group.id: group for group in groups}
        offered = _offered(groups, topic, titles.matching(catalogue, find), catalogue)
        return desk.pages.show(
            request,
            visitor,
            "unanswered/attach.html",
            status=status,
            typed=[(variant, by_id[variant.group]) for variant in typed if variant.group in by_id],
            offered={one: title_of(catalogue, one, visitor.language) for one in offered},
            topic=topic,
            find=find,
            draft=draft,
            fault=desk.pages.text(visitor, FAULTS[fault]) if fault else "",
            languages={code: catalogue.languages[code].name for code in LANGUAGES},
            at_once=visitor.may(Right.PUBLISH) and _may_go_at_once(catalogue, topic, draft),
            may_publish=visitor.may(Right.PUBLISH),
            address=attach_address,
        )

    return router


def _attach(
    desk: Desk, visitor: Visitor, variants: Sequence[Variant], topic: str, *, at_once: bool
) -> None:
    """Everything in one transaction, or nothing.

    Raises:
        PermissionError: it needs a second pair of eyes, or the right to publish.
    """
    ids = [variant.group for variant in variants]
    account = visitor.account
    with desk.services.store.write() as session:
        if unanswered_inbox.attach(session, ids, topic, account.id) != sorted(set(ids)):
            raise _Decided
        if at_once:
            catalogue = desk.services.keeper.current(session)
            draft = drafts.find(session, topic)
            if not visitor.may(Right.PUBLISH) or not _may_go_at_once(catalogue, topic, draft):
                raise PermissionError
            revision = None
            for variant in variants:
                revision = publishing.add_variant(
                    session, topic, variant.language, variant.text, author=account.name
                )
            action = "variants-published"
        else:
            revision = None
            _into_draft(session, variants, topic, visitor)
            action = "variants-drafted"
        audit.record(
            session,
            account,
            action,
            topic_id=topic,
            revision_id=revision,
            detail={"groups": ids, "languages": [variant.language for variant in variants]},
        )


def _into_draft(
    session: Session, variants: Sequence[Variant], topic: str, visitor: Visitor
) -> None:
    draft = drafts.open_draft(session, topic, visitor.account)
    document = deepcopy(dict(draft.document))
    ways = document.setdefault("variants", {})
    for variant in variants:
        there = ways.setdefault(variant.language, [])
        if variant.text.casefold() not in {text.casefold() for text in there}:
            there.append(variant.text)
    drafts.save(
        session,
        topic,
        document,
        draft.confirmed,
        draft.note,
        visitor.account,
        version=draft.version,
    )


def _may_go_at_once(catalogue: Catalogue, topic: str, draft: Draft | None) -> bool:
    """See the head of this file."""
    if draft is not None or not _can_be_chosen(catalogue, topic):
        return False
    document = catalogue.topics[topic].document
    return not (isinstance(document, TopicDocument) and (document.sensitive or document.urgent))


def _can_be_chosen(catalogue: Catalogue, topic: str) -> bool:
    return catalogue.topic(topic) is not None or (
        topic == OUT_OF_SCOPE and catalogue.act(topic) is not None
    )


def _offered(
    groups: Sequence[Group], topic: str, found: Sequence[str], catalogue: Catalogue
) -> list[str]:
    """The chosen topic, what was looked for, and what was near when the questions were asked."""
    near = [one for group in groups for one in (*group.nearest, *group.topics)]
    return [
        one
        for one in dict.fromkeys([topic, *found, *near, OUT_OF_SCOPE])
        if _can_be_chosen(catalogue, one)
    ]
