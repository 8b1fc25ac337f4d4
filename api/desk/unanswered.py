"""The unanswered inbox: what people asked and were not helped with, and what comes of it."""

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.desk.access import Desk, Visitor, need
from api.desk.attaching import ADDRESS as ATTACH
from api.desk.attaching import OUT_OF_SCOPE, GroupId, attach_address
from api.desk.pages import _
from api.desk.variants import title_of
from api.editorial import audit
from api.messages import unanswered_inbox
from api.messages.unanswered import DISLIKED, UNKNOWN
from api.messages.unanswered_inbox import PAGE
from api.staff.roles import Right

ADDRESS = "/desk/unanswered"
STATES = {
    "open": _("Open"),
    "attached": _("Attached"),
    "dismissed": _("Dismissed"),
}
REASONS = {UNKNOWN: _("Not understood"), DISLIKED: _("Answer did not help")}
ORDERS = {"count": _("Asked most first"), "newest": _("Newest first")}


class Wanted(BaseModel):
    """Which groups are shown, as the address says it; empty means all."""

    model_config = ConfigDict(frozen=True)

    state: Literal["open", "attached", "dismissed"] = "open"
    language: Literal["", "en", "ur", "ur-Latn"] = ""
    reason: Literal["", "unknown", "disliked"] = ""
    search: str = Field("", max_length=200)
    order: Literal["count", "newest"] = "count"
    page: int = Field(1, ge=1, le=100_000)

    def address(self, *, page: int | None = None, undo: Sequence[int] = ()) -> str:
        """The same list; another page of it, or with what was dismissed and can be undone."""
        fields = self.model_dump(exclude_defaults=True) | ({"page": page} if page else {})
        query = urlencode([*fields.items(), *(("undo", group) for group in undo)])
        return f"{ADDRESS}?{query}" if query else ADDRESS

    @property
    def query(self) -> str:
        """The address behind the question mark."""
        return urlencode(self.model_dump(exclude_defaults=True))

    def asked(self) -> unanswered_inbox.Wanted:
        """As the store is asked."""
        return unanswered_inbox.Wanted(
            state=self.state,
            language=self.language,
            reason=self.reason,
            search=self.search,
            newest_first=self.order == "newest",
            page=self.page,
        )


class ListQuery(Wanted):
    """The list, and the groups whose dismissal can be undone on it."""

    undo: list[GroupId] = Field([], max_length=PAGE)
    said: str = ""


class DecisionForm(BaseModel):
    """What the buttons of the list send."""

    group: list[GroupId] = Field([], max_length=PAGE)
    action: Literal["attach", "out-of-scope", "dismiss", "reopen"]
    back: str = Field("", max_length=1000)


def unanswered_router(desk: Desk) -> APIRouter:
    """The list, and the decisions that need no second page."""
    router = APIRouter(prefix="/unanswered")

    @router.get("")
    def inbox(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        query: Annotated[ListQuery, Query()],
    ) -> Response:
        wanted = Wanted.model_validate(query.model_dump(include=set(Wanted.model_fields)))
        with desk.services.store.read() as session:
            listing = unanswered_inbox.listing(session, wanted.asked())
            totals = unanswered_inbox.totals(session)
            catalogue = desk.services.keeper.current(session)
        return desk.pages.show(
            request,
            visitor,
            "unanswered/list.html",
            wanted=wanted,
            listing=listing,
            totals=totals,
            undo=query.undo,
            titles=_titles(listing.groups, catalogue, visitor.language),
            languages={code: catalogue.languages[code].name for code in LANGUAGES},
            states=STATES,
            reasons=REASONS,
            orders=ORDERS,
            attach=ATTACH,
        )

    @router.post("")
    def decide(
        visitor: Annotated[Visitor, need(Right.WRITE)], form: Annotated[DecisionForm, Form()]
    ) -> Response:
        wanted = _wanted(form.back)
        if not form.group:
            return desk.pages.go(wanted.address(), said="none-chosen")
        if form.action == "attach":
            return desk.pages.go(attach_address(form.group))
        if form.action == "out-of-scope":
            return desk.pages.go(attach_address(form.group, OUT_OF_SCOPE))
        decided = unanswered_inbox.dismiss if form.action == "dismiss" else unanswered_inbox.reopen
        with desk.services.store.write() as session:
            changed = decided(session, form.group, visitor.account.id)
            if changed:
                # Their ids and not their words: those can still be deleted by who wrote them.
                audit.record(
                    session,
                    visitor.account,
                    f"questions-{'dismissed' if form.action == 'dismiss' else 'reopened'}",
                    detail={"groups": changed},
                )
        if form.action == "reopen":
            return desk.pages.go(wanted.address(), said="reopened")
        return desk.pages.go(wanted.address(undo=changed), said="dismissed")

    return router


def _wanted(back: str) -> Wanted:
    """The list that somebody came from; the whole list if that is not one of ours."""
    try:
        return Wanted.model_validate(dict(parse_qsl(back)))
    except ValueError:
        return Wanted()


def _titles(
    groups: tuple[unanswered_inbox.Group, ...], catalogue: Catalogue, language: str
) -> dict[str, str]:
    """Of all topics that the groups name; those that are not published any more are left out."""
    named = {
        topic
        for group in groups
        for topic in (*group.nearest, *group.topics, group.attached_to)
        if topic
    }
    return {
        topic: title
        for topic in sorted(named)
        if (title := title_of(catalogue, topic, language)) is not None
    }
