"""News that people asked for: who wants it, writing it, the second pair of eyes, how far it is."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.alerts import copies, subscriptions, writing
from api.content.catalogue import Catalogue
from api.desk.access import Desk, Visitor, need
from api.desk.alert_words import FAULTS, few, people, rows, shown
from api.desk.pages import _
from api.desk.pakistan import pakistan_time
from api.desk.variants import title_of
from api.errors import EditorialError, NotAllowed
from api.insight.suppression import shown as figure
from api.staff import accounts
from api.staff.roles import Right

AlertId = Annotated[int, Path(ge=1, le=2**31 - 1)]

STATES = {
    "draft": _("Draft"),
    "approved": _("On its way"),
    "done": _("Done"),
    "stopped": _("Stopped"),
}
TROUBLE = {
    "changed": _("Somebody saved it meanwhile, so it is another text now. Read it again."),
    "right": _("Your account does not have the right for this."),
    "second-person": _("Somebody who did not write it has to approve it."),
    "state": _("Somebody took another step meanwhile. Look where it stands now."),
    "faults": _("There are things to repair first."),
    "topic": _("The topic is not published any more."),
}


class WordsForm(BaseModel):
    """The words of an alert, as the page sends them."""

    topic: str = Field("", max_length=64)
    version: int = 0
    en: str = Field("", max_length=2000)
    ur: str = Field("", max_length=2000)
    ur_latn: str = Field("", max_length=2000)

    def texts(self) -> dict[str, str]:
        """By language code; what is empty is left out."""
        typed = {"en": self.en, "ur": self.ur, "ur-Latn": self.ur_latn}
        texts = {code: "\n".join(text.split("\r\n")).strip() for code, text in typed.items()}
        return {code: text for code, text in texts.items() if text}


def alerts_router(desk: Desk) -> APIRouter:
    """The pages below `/alerts`."""
    router = APIRouter(prefix="/alerts")
    store = desk.services.store

    @router.get("")
    def every(request: Request, visitor: Annotated[Visitor, need(Right.READ)]) -> Response:
        catalogue = desk.services.keeper.current()
        with store.read() as session:
            alerts = writing.every(session)
            counts = copies.counts(session, [alert.id for alert in alerts])
            wanted = subscriptions.by_topic(session)
        return desk.pages.show(
            request,
            visitor,
            "alerts/list.html",
            alerts=alerts,
            people={alert_id: people(count) for alert_id, count in counts.items()},
            wanted=_most_first(wanted),
            titles=_titles(catalogue, visitor, {*wanted, *(alert.topic for alert in alerts)}),
            states=STATES,
            few=few,
        )

    @router.get("/new")
    def new(
        request: Request,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        topic: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        return _new(desk, request, visitor, WordsForm(topic=topic))

    @router.post("/new")
    def add(
        request: Request,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        form: Annotated[WordsForm, Form()],
    ) -> Response:
        if not _may_have_news(desk.services.keeper.current(), form.topic):
            return _new(desk, request, visitor, form, status=422)
        with store.write() as session:
            alert_id = writing.write(session, form.topic, form.texts(), visitor.account)
        return desk.pages.go(f"/desk/alerts/{alert_id}", said="saved")

    @router.get("/{alert_id}")
    def one(
        request: Request, alert_id: AlertId, visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        return _show(desk, request, visitor, alert_id)

    def take(
        request: Request,
        visitor: Visitor,
        alert_id: int,
        said: str,
        do: Callable[[Session], object],
        typed: Mapping[str, str] | None = None,
        to: str = "",
    ) -> Response:
        """One step; a step that is refused shows why, and keeps what was typed."""
        try:
            with store.write() as session:
                do(session)
        except EditorialError as error:
            status = 403 if isinstance(error, NotAllowed) else 409
            return _show(
                desk, request, visitor, alert_id, trouble=error.code, typed=typed, status=status
            )
        return desk.pages.go(to or f"/desk/alerts/{alert_id}", said=said)

    @router.post("/{alert_id}")
    def change(
        request: Request,
        alert_id: AlertId,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        form: Annotated[WordsForm, Form()],
    ) -> Response:
        texts, version = form.texts(), form.version
        do = partial(
            writing.change,
            alert_id=alert_id,
            texts=texts,
            actor=visitor.account,
            version=version,
        )
        return take(request, visitor, alert_id, "saved", do, texts)

    @router.post("/{alert_id}/discard")
    def discard(
        request: Request,
        alert_id: AlertId,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        version: Annotated[int, Form()] = 0,
    ) -> Response:
        do = partial(writing.discard, alert_id=alert_id, actor=visitor.account, version=version)
        return take(request, visitor, alert_id, "removed", do, to="/desk/alerts")

    @router.post("/{alert_id}/approve")
    def approve(
        request: Request,
        alert_id: AlertId,
        visitor: Annotated[Visitor, need(Right.REVIEW)],
        version: Annotated[int, Form()] = 0,
    ) -> Response:
        def do(session: Session) -> None:
            catalogue = desk.services.keeper.current(session)
            writing.approve(session, alert_id, visitor.account, catalogue, version=version)

        return take(request, visitor, alert_id, "approved", do)

    @router.post("/{alert_id}/stop")
    def stop(
        request: Request, alert_id: AlertId, visitor: Annotated[Visitor, need(Right.PUBLISH)]
    ) -> Response:
        do = partial(writing.stop, alert_id=alert_id, actor=visitor.account)
        return take(request, visitor, alert_id, "changed", do)

    return router


def _most_first(wanted: Mapping[str, int]) -> dict[str, int]:
    """By what is shown: an order by what is hidden would tell of it."""
    order = sorted(wanted, key=lambda topic: (-(figure(wanted[topic]).number or 0), topic))
    return {topic: wanted[topic] for topic in order}


def _titles(catalogue: Catalogue, visitor: Visitor, topics: set[str]) -> dict[str, str]:
    return {topic: title_of(catalogue, topic, visitor.language) or topic for topic in topics}


def _may_have_news(catalogue: Catalogue, topic_id: str) -> bool:
    published = catalogue.topic(topic_id)
    return published is not None and not published.urgent


def _new(
    desk: Desk, request: Request, visitor: Visitor, form: WordsForm, *, status: int = 200
) -> Response:
    catalogue = desk.services.keeper.current()
    with desk.services.store.read() as session:
        wanted = subscriptions.by_topic(session)
    titles = {
        topic: item.answer(visitor.language).title
        for topic, item in catalogue.topics.items()
        if _may_have_news(catalogue, topic)
    }
    asked_for = [topic for topic in _most_first(wanted) if topic in titles]
    others = sorted(titles.keys() - wanted.keys(), key=titles.__getitem__)
    return desk.pages.show(
        request,
        visitor,
        "alerts/new.html",
        status=status,
        asked_for=asked_for,
        others=others,
        titles=titles,
        wanted=wanted,
        chosen=form.topic,
        shown=shown(catalogue, form.topic, {}, form.texts(), judged=False),
        few=few,
    )


def _show(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    alert_id: int,
    *,
    trouble: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """One alert; what was typed stays in the form when it could not be saved."""
    catalogue = desk.services.keeper.current()
    with desk.services.store.read() as session:
        alert = writing.find(session, alert_id)
        if alert is None:
            raise HTTPException(404)
        counts = copies.counts(session, [alert_id])[alert_id]
        wanted = subscriptions.by_topic(session).get(alert.topic, 0)
        names = {one.id: f"{one.name}, {one.organisation}" for one in accounts.everybody(session)}
    texts = alert.texts if typed is None else typed
    return desk.pages.show(
        request,
        visitor,
        "alerts/one.html",
        status=status,
        alert=alert,
        title=_titles(catalogue, visitor, {alert.topic})[alert.topic],
        shown=shown(catalogue, alert.topic, alert.titles, texts, judged=True),
        states=STATES,
        rows=rows(counts),
        wanted=wanted,
        names=names,
        faults=FAULTS,
        trouble=TROUBLE.get(trouble, TROUBLE["state"]) if trouble else "",
        pakistan=partial(pakistan_time, language=visitor.language),
        a_minute=desk.services.settings.alerts_a_minute,
        few=few,
    )
