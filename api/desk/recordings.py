"""The recordings of one topic: what is read out in each language, and whether people get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Path, Request, Response, UploadFile
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from api.channels.base import Form as TextForm
from api.content.catalogue import Catalogue, Published
from api.content.documents import LANGUAGES
from api.content.words import put_numbers_in, without_marks
from api.desk import topic_words
from api.desk.access import Desk, Forbidden, Visitor, need
from api.desk.pages import _
from api.editorial import recordings as steps
from api.errors import NotAllowed, RecordingRefused, StorageAway
from api.staff import accounts
from api.staff.roles import Right
from api.voices import recordings
from api.voices.recordings import Recording, is_fresh, words_hash
from api.voices.storage import build_storage, type_of

FAULTS = {
    "empty": _("Choose a file first."),
    "too-large": _("The file is too large: at most 5 MB."),
    "no-sound": _("This is no recording that phones can play. Take OGG (Opus), MP3, M4A or AMR."),
    "changed": _("The words have changed meanwhile. Read them again, then record them anew."),
    "away": _("The file could not be kept just now. Try again in a moment."),
    "gone": _("This recording is gone, or its words have changed. Look again."),
    "second-person": _("Somebody else than the one who uploaded it has to listen and let it go."),
}
STATES = {
    "none": _("No recording"),
    "waiting": _("Waits for somebody to listen"),
    "sent": _("People get it"),
    "stale": _("The words have changed: people do not get it"),
}

TopicId = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True)
class Reading:
    """One language of a topic.

    Attributes:
        words: what is read out.
        hash: of those words, so that nobody uploads a recording of older ones.
        state: a key of `STATES`.
        may_release: this visitor may let it go.
    """

    language: str
    words: Markup
    hash: str
    recording: Recording | None
    state: str
    by: str
    may_release: bool


def recordings_router(desk: Desk) -> APIRouter:
    """The pages below `/topics/<id>/recordings`."""
    router = APIRouter(prefix="/topics/{topic_id}/recordings")
    store, storage = desk.services.store, build_storage(desk.services.settings)

    def page(
        request: Request,
        visitor: Visitor,
        topic_id: str,
        *,
        language: str = "",
        fault: str = "",
    ) -> Response:
        with store.read() as session:
            catalogue = desk.services.keeper.current(session)
            published = _published(catalogue, topic_id)
            readings = _readings(session, catalogue, published, visitor)
        return desk.pages.show(
            request,
            visitor,
            "recordings/topic.html",
            status=422 if fault else 200,
            topic_id=topic_id,
            published=published,
            readings=readings,
            faulty=language,
            fault=FAULTS.get(fault, ""),
            states=STATES,
            words=topic_words,
        )

    @router.get("")
    def shown(
        request: Request, topic_id: TopicId, visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        return page(request, visitor, topic_id)

    @router.get("/{language}/sound")
    def heard(
        topic_id: TopicId, language: str, _visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        with store.read() as session:
            found = recordings.find(session, topic_id, language)
        try:
            data = storage.get(found.key) if found else None
        except StorageAway:
            raise HTTPException(503) from None
        if found is None or data is None:
            raise HTTPException(404)
        return Response(data, media_type=type_of(found.key))

    @router.post("/{language}")
    def upload(
        request: Request,
        topic_id: TopicId,
        language: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        words: Annotated[str, Form(max_length=64)] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        catalogue = desk.services.keeper.current()
        published = _published(catalogue, topic_id, language)
        data = file.file.read(steps.MOST_BYTES + 1) if file is not None else b""
        try:
            given = steps.checked(data)
        except RecordingRefused as error:
            return page(request, visitor, topic_id, language=language, fault=error.code)
        if words != words_hash(published, language, catalogue.helplines):
            return page(request, visitor, topic_id, language=language, fault="changed")
        try:
            key = storage.put(given.data, given.sound)
        except StorageAway:
            return page(request, visitor, topic_id, language=language, fault="away")
        with store.write() as session:
            steps.upload(session, published, language, words, given, key, visitor.account)
        return desk.pages.go(f"/desk/topics/{topic_id}/recordings", said="uploaded")

    @router.post("/{language}/release")
    def release(
        request: Request,
        topic_id: TopicId,
        language: str,
        visitor: Annotated[Visitor, need(Right.READ)],
        recording: Annotated[int, Form(ge=1, lt=2**63)],
    ) -> Response:
        catalogue = desk.services.keeper.current()
        try:
            with store.write() as session:
                steps.release(session, catalogue, recording, visitor.account)
        except NotAllowed as error:
            raise Forbidden from error
        except RecordingRefused as error:
            return page(request, visitor, topic_id, language=language, fault=error.code)
        return desk.pages.go(f"/desk/topics/{topic_id}/recordings", said="released")

    @router.post("/{language}/remove")
    def remove(
        request: Request,
        topic_id: TopicId,
        language: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
    ) -> Response:
        published = _published(desk.services.keeper.current(), topic_id, language)
        try:
            with store.write() as session:
                steps.remove(session, published, language, visitor.account)
        except RecordingRefused as error:
            return page(request, visitor, topic_id, language=language, fault=error.code)
        return desk.pages.go(f"/desk/topics/{topic_id}/recordings", said="removed")

    return router


def states(session: Session, catalogue: Catalogue, topic_id: str) -> Mapping[str, str]:
    """The state of each language's recording, a key of `STATES`; none for what is not published."""
    published = catalogue.topics.get(topic_id)
    if published is None:
        return {}
    found = recordings.of_topic(session, topic_id)
    return {code: _state(found.get(code), catalogue) for code in LANGUAGES}


def _published(catalogue: Catalogue, topic_id: str, language: str = "en") -> Published:
    published = catalogue.topics.get(topic_id)
    if published is None or language not in LANGUAGES:
        raise HTTPException(404)
    return published


def _readings(
    session: Session, catalogue: Catalogue, published: Published, visitor: Visitor
) -> list[Reading]:
    found = recordings.of_topic(session, published.document.id)
    listens = visitor.may(Right.REVIEW) or visitor.may(Right.PUBLISH)
    second = steps.needs_second(published)
    readings = []
    for code in LANGUAGES:
        recording = found.get(code)
        by = recording.uploaded_by if recording else None
        account = accounts.by_id(session, by) if by is not None else None
        state = _state(recording, catalogue)
        readings.append(
            Reading(
                language=code,
                words=_words(published, code, catalogue),
                hash=words_hash(published, code, catalogue.helplines),
                recording=recording,
                state=state,
                by=account.name if account else "",
                may_release=state == "waiting"
                and listens
                and not (second and by == visitor.account.id),
            )
        )
    return readings


def _state(recording: Recording | None, catalogue: Catalogue) -> str:
    if recording is None:
        return "none"
    if not is_fresh(recording, catalogue):
        return "stale"
    return "sent" if recording.released_at else "waiting"


def _words(published: Published, language: str, catalogue: Catalogue) -> Markup:
    """What is to be read out: the answer as people see it, without marks."""
    text = published.answer(language).whatsapp
    text = put_numbers_in(text, catalogue.helplines, language, TextForm.WHATSAPP)
    return escape(without_marks(text))
