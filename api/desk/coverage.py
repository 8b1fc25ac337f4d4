"""The coverage matrix: every topic in every language and form, how long it is and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from api.channels.base import Form
from api.channels.segments import utf16_units
from api.content import revisions
from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES, Helpline
from api.content.rules import WHATSAPP_LIMIT
from api.content.words import HELPLINE, dialled, without_isolates
from api.desk import topic_list, topic_words
from api.desk.access import Desk, Visitor, need
from api.desk.preview import Previewer
from api.desk.topic_list import Line, Wanted
from api.desk.topic_search import TopicSearch
from api.desk.topics import all_lines
from api.editorial import drafts
from api.editorial.status import Language
from api.staff import accounts
from api.staff.roles import Right


@dataclass(frozen=True)
class Cell:
    """One language and form of a topic.

    Attributes:
        state: as of its language; a form that is not there is missing.
        characters: of the text with the numbers put in; 0 if it is missing.
        segments: of the whole SMS, source line and hint for more in it; 0 of WhatsApp.
    """

    language: str
    form: str
    state: Language
    characters: int = 0
    limit: int = 0
    segments: int = 0

    @property
    def too_long(self) -> bool:
        """Whether it could not be published like this; a draft can be."""
        return self.characters > self.limit


class _Sms(NamedTuple):
    """Everything on which the size of one SMS depends."""

    kind: str
    language: str
    checked: str
    source_short: str
    text: str


class _Size(NamedTuple):
    characters: int
    limit: int
    segments: int


_MOST_KEPT = 20_000  # texts, while drafts are written for hours without a publication


class Sizes:
    """How long texts are and what they cost.

    An SMS is composed once and remembered until something is published: numbers of the phone
    book stand in it.
    """

    def __init__(self, previewer: Previewer) -> None:
        self._previewer = previewer
        self._of_version: tuple[int, dict[_Sms, _Size]] = (0, {})

    def cell(
        self,
        catalogue: Catalogue,
        kind: str,
        document: Mapping[str, Any],
        language: str,
        form: Form,
        state: Language,
    ) -> Cell:
        """One cell. `state` is that of the language in this topic."""
        text = document.get("answers", {}).get(language, {}).get(form.value, "")
        if not text.strip():
            return Cell(language, form.value, Language.MISSING)
        # A form that is there while the other one or the title is not.
        state = Language.COMPLETE if state is Language.MISSING else state
        if form is Form.WHATSAPP:
            seen = without_isolates(_shown(text, catalogue.helplines, language, form))
            return Cell(language, form.value, state, utf16_units(seen), WHATSAPP_LIMIT)
        sms = _Sms(
            kind,
            language,
            str(document.get("checked", "")),
            document.get("source_short", ""),
            text,
        )
        known = self._known(catalogue.version)
        if sms not in known:
            known[sms] = self._composed(catalogue, sms)
        return Cell(language, form.value, state, *known[sms])

    def _known(self, version: int) -> dict[_Sms, _Size]:
        # Two threads may compose the same text; either result is the right one.
        kept, known = self._of_version
        if kept != version or len(known) > _MOST_KEPT:
            known = {}
            self._of_version = (version, known)
        return known

    def _composed(self, catalogue: Catalogue, sms: _Sms) -> _Size:
        # Without the long form, which the composer would cut into parts for whoever asks for more.
        document = {
            "checked": sms.checked,
            "source_short": sms.source_short,
            "answers": {sms.language: {"sms": sms.text}},
        }
        preview = self._previewer.one(catalogue, document, sms.kind, sms.language, Form.SMS)
        return _Size(preview.characters, preview.limit, preview.segments)


def coverage_router(desk: Desk, search: TopicSearch) -> APIRouter:
    """The matrix, with the filters of the topics list."""
    router = APIRouter()
    sizes = Sizes(Previewer(desk))

    @router.get("/coverage")
    def coverage(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        wanted: Annotated[Wanted, Query()],
    ) -> Response:
        with desk.services.store.read() as session:
            owners = accounts.organisations(session)
            found = all_lines(session, visitor, owners, {})
            shown = topic_list.in_order(topic_list.narrowed(found, wanted, search), "title")
            listed = topic_list.page_of(shown, wanted.page)
            catalogue = desk.services.keeper.current(session)
            documents = [(line, _document(session, catalogue, line)) for line in listed.lines]
        rows = [
            (
                line,
                [
                    sizes.cell(catalogue, line.status.kind, document, language, form, state)
                    for language, state in line.status.languages.items()
                    for form in Form
                ],
            )
            for line, document in documents
        ]
        return desk.pages.show(
            request,
            visitor,
            "coverage/matrix.html",
            wanted=wanted,
            listed=listed,
            rows=rows,
            languages=LANGUAGES,
            forms=[form.value for form in Form],
            owners=owners,
            nobody=topic_list.NOBODY,
            flags_of=topic_list.flags,
            groups=topic_words.groups({line.status.group for line in found}),
            words=topic_words,
            whole=_whole(shown),
        )

    return router


def _shown(text: str, helplines: Mapping[str, Helpline], language: str, form: Form) -> str:
    """A text with the numbers put in; a helpline that is not in the book stays as it is typed."""
    return HELPLINE.sub(
        lambda match: (
            dialled(helplines[match[1]].number, language, form)
            if match[1] in helplines
            else match[0]
        ),
        text,
    )


def _document(session: Session, catalogue: Catalogue, line: Line) -> Mapping[str, Any]:
    """What the line describes: what is published, else the last revision, else the draft."""
    topic_id = line.status.topic_id
    published = catalogue.topics.get(topic_id)
    if published is not None:
        return published.document.plain()
    revision = revisions.last(session, topic_id)
    if revision is not None:
        return revision.document
    draft = drafts.find(session, topic_id)
    return draft.document if draft is not None else {}


def _whole(lines: list[Line]) -> dict[str, dict[str, int]]:
    """How many topics are in which state, by language."""
    return {
        language: {
            state.value: sum(line.status.languages.get(language) == state for line in lines)
            for state in Language
        }
        for language in LANGUAGES
    }
