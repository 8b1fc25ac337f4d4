"""What people would see of a text that is still being written: bubble, length, segments, cost.

The words come from the same composer as a reply, so source line, date and the hint for more are
in it. Nothing is stored here.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup, escape

from api.channels.base import Form, Limits
from api.channels.segments import Encoding, encoding_of, measure, utf16_units
from api.content import expiry
from api.content.catalogue import Catalogue, Published
from api.content.cost import Price, read_price
from api.content.documents import LANGUAGES, ActDocument, Answer, Language, TopicDocument
from api.content.rules import SMS_LIMIT, WHATSAPP_LIMIT
from api.content.words import BOLD, HELPLINE, ITALIC, put_numbers_in, without_isolates
from api.desk.access import Desk, Visitor, need
from api.desk.topic_form import posted_fields, read_document
from api.reply.compose import Composer
from api.settings import Settings
from api.staff.roles import Right

# Never past any review day: what is written now is seen as it will be, not as too old.
_FRESH = datetime.date.min
_DEFAULT_LIMITS = {
    Form.WHATSAPP: Limits(form=Form.WHATSAPP, max_units=1600),
    Form.SMS: Limits(form=Form.SMS, max_units=1600, max_segments=3),
}


@dataclass(frozen=True)
class Preview:
    """One text as people would see it.

    Attributes:
        bubble: the whole message as HTML; empty while there is no text.
        characters, limit: of the text alone, as the rules of content count it.
        encoding, segments: of the whole message when it goes out as SMS.
        dear: a letter outside GSM-7 makes the SMS twice as dear though the language needs none.
        more: messages that follow when somebody asks for MORE.
        cost: of 1,000 sends of the message, in words; "" without a price.
        unknown: helplines that are not in the phone book.
    """

    language: str
    form: Form
    bubble: Markup
    characters: int
    limit: int
    encoding: Encoding
    segments: int
    dear: bool
    more: int
    cost: str
    unknown: tuple[str, ...]

    @property
    def too_long(self) -> bool:
        """Whether the text breaks the limit of its form and language."""
        return self.characters > self.limit


class Previewer:
    """Makes previews for one desk: its channels' limits and its prices."""

    def __init__(self, desk: Desk) -> None:
        settings: Settings = desk.services.settings
        self._keeper = desk.services.keeper
        self._limits = dict(_DEFAULT_LIMITS)
        for channel in desk.services.channels.values():
            self._limits[channel.limits.form] = channel.limits
        self._prices: dict[Form, Price | None] = {
            Form.WHATSAPP: read_price(settings.whatsapp_price),
            Form.SMS: read_price(settings.sms_price),
        }

    def all_of(self, document: Mapping[str, Any], kind: str) -> dict[str, Preview]:
        """The previews of a whole document, by the name of the form's field: "sms.ur"."""
        catalogue = self._keeper.current()
        return {
            f"{form.value}.{language}": self.one(catalogue, document, kind, language, form)
            for language in LANGUAGES
            for form in Form
        }

    def one(
        self,
        catalogue: Catalogue,
        document: Mapping[str, Any],
        kind: str,
        language: str,
        form: Form,
    ) -> Preview:
        """The preview of one text of a document, which may be incomplete.

        The catalogue is the caller's: who asks for many texts asks the store once.
        """
        answer = document.get("answers", {}).get(language, {})
        text = answer.get(form.value, "")
        known, unknown = _known_helplines(text, catalogue)
        limit = WHATSAPP_LIMIT if form is Form.WHATSAPP else SMS_LIMIT[language]
        bare = without_isolates(put_numbers_in(known, catalogue.helplines, language, form))
        shown, more = bare, 0
        if text:
            composer = Composer(catalogue, language, self._limits[form], _FRESH)
            composed = composer.topic(_as_published(catalogue, document, kind, language))
            shown, more = composed.reply.text, len(composed.more)
        cost = measure(shown)
        price = self._prices[form]
        units = cost.segments if form is Form.SMS else 1
        return Preview(
            language=language,
            form=form,
            bubble=rich(shown) if form is Form.WHATSAPP else escape(shown),
            characters=utf16_units(bare),
            limit=limit,
            encoding=cost.encoding,
            segments=cost.segments,
            dear=form is Form.SMS and language != "ur" and encoding_of(bare) is Encoding.UCS_2,
            more=more,
            cost=price.of(units) if price and text else "",
            unknown=unknown,
        )


def preview_router(desk: Desk) -> APIRouter:
    """The preview of one text while somebody types it, as a fragment."""
    router = APIRouter()
    previewer = Previewer(desk)

    @router.post("/topics/{topic_id}/preview")
    def preview(
        request: Request,
        topic_id: str,
        language: Language,
        form: Form,
        kind: Literal["topic", "act"],
        visitor: Annotated[Visitor, need(Right.WRITE)],
        fields: Annotated[dict[str, str], Depends(posted_fields)],
    ) -> Response:
        document = read_document(fields, topic_id, kind)
        catalogue = desk.services.keeper.current()
        shown = previewer.one(catalogue, document, kind, language, form)
        return desk.pages.show(request, visitor, "editing/preview.html", preview=shown)

    return router


def rich(text: str) -> Markup:
    """A WhatsApp text as HTML: *bold* and _italic_; all else is only ever text."""
    html = str(escape(text))
    html = ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", html))
    return Markup(html)  # noqa: S704  escaped above; only our own tags were added since


def _known_helplines(text: str, catalogue: Catalogue) -> tuple[str, tuple[str, ...]]:
    """The text with references to unknown helplines as plain words, and their ids."""
    unknown = tuple(
        dict.fromkeys(name for name in HELPLINE.findall(text) if name not in catalogue.helplines)
    )
    for name in unknown:
        text = text.replace("{helpline:" + name + "}", f"({name}?)")
    return text, unknown


def _as_published(
    catalogue: Catalogue, document: Mapping[str, Any], kind: str, language: str
) -> Published:
    """A document as the composer takes it, with something in every place it looks at."""

    def words(name: str) -> str:
        text = document.get("answers", {}).get(language, {}).get(name, "")
        return _known_helplines(text, catalogue)[0]

    answer = Answer.model_construct(
        title=words("title"),
        source=words("source"),
        whatsapp=words("whatsapp") or "…",
        sms=words("sms") or "…",
    )
    common: dict[str, Any] = {"id": document.get("id", ""), "answers": {language: answer}}
    if kind == "act":
        return Published("act", "", 0, ActDocument.model_construct(**common, variants={}))
    checked = _day(document.get("checked")) or expiry.today()
    topic = TopicDocument.model_construct(
        **common,
        variants={},
        sensitive=False,
        urgent=False,
        checked=checked,
        review_by=datetime.date.max,
        source_short=document.get("source_short", ""),
        sources=[],
    )
    return Published("topic", "", 0, topic)


def _day(text: Any) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
