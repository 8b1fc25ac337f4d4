"""Approved words for one reply: language, form, numbers, source and date.

A `Composer` belongs to one catalogue and one conversation's channel; it only selects,
substitutes and cuts to length.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.channels.base import Form, Limits
from api.channels.segments import Encoding, measure, utf16_units
from api.channels.split import split
from api.content import expiry
from api.content.catalogue import Catalogue, Published
from api.content.documents import TopicDocument
from api.content.words import put_numbers_in, without_marks, written_date
from api.errors import ContentError
from api.messages.outbox import Reply
from api.reply import tapping

MOST_CHOICES = 3
_LEAST, _LESS = 40, 4
"""Units below which a part is not made shorter for the hint behind it, and the steps to there."""


@dataclass(frozen=True)
class Composed:
    """One reply, and the parts of it that are sent only when MORE is asked for.

    Attributes:
        own: its words are in the person's own language, also where that is not a full one.
    """

    reply: Reply
    more: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    own: bool = False


class Composer:
    """Finds the words in one language for one channel."""

    def __init__(
        self,
        catalogue: Catalogue,
        language: str,
        limits: Limits,
        today: datetime.date | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.wanted = language
        self.language = catalogue.full_language(language)
        self.limits = limits
        self.form = limits.form
        self.today = today or expiry.today()

    def notice(self, notice_id: str, **values: str) -> str:
        """A notice with its places filled. Raises `ContentError` when there is none."""
        notice = self.catalogue.notices.get(notice_id)
        if notice is None:
            raise ContentError(f"notice {notice_id!r} is missing")
        language = self.catalogue.written_in(self.wanted, notice.text)
        forms = notice.sms if self.form is Form.SMS and notice.sms else notice.text
        text = forms.get(language) or notice.text[language]
        text = put_numbers_in(
            text, self.catalogue.helplines, self.catalogue.script(language), self.form
        )
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text if self.form is Form.WHATSAPP else without_marks(text)

    def words(self, text: Mapping[Any, str], sms: Mapping[Any, str]) -> str:
        """Approved words that are no notice, in the form of the channel."""
        forms = {**text, **sms} if self.form is Form.SMS else text
        return self._body(forms[self.language])

    def fits(self, text: str) -> bool:
        """Whether a text is one message."""
        return self._fits(text)

    def in_parts(self, text: str) -> Composed:
        """A text as one reply; what does not fit is sent when MORE is asked for."""
        if self._fits(text):
            return Composed(Reply(text, language=self.language))
        return self.part(self._parts(text))

    def say(self, notice_id: str, **values: str) -> Composed:
        """A notice as a whole reply."""
        text = self.notice(notice_id, **values)
        return Composed(Reply(text, language=self.language), own=self._is_own(notice_id))

    def excused(self, composed: Composed) -> Composed | None:
        """The reply with a line that says why it is in another language than the person's own.

        None: there is nothing to excuse, or the line has no room.
        """
        if composed.own or self.wanted == self.language:
            return None
        gap = "\n\n" if self.form is Form.WHATSAPP else " "
        text = self._appended(composed.reply.text, self.notice("falls-back"), gap)
        if text == composed.reply.text:
            return None
        return replace(composed, reply=replace(composed.reply, text=text))

    def _is_own(self, notice_id: str) -> bool:
        """Whether a notice is written in the person's own language."""
        notice = self.catalogue.notices.get(notice_id)
        return notice is not None and self.wanted in notice.text

    def topic(self, published: Published, *, after: str = "", danger: bool = False) -> Composed:
        """The answer of a topic or act, with source and date; on SMS the short form.

        A topic past its review says so; one that is too old is kept back (`api.content.expiry`).

        Args:
            after: a notice that must come behind the answer, such as "a human was asked".
            danger: the person is in danger: the answer is given, however old.
        """
        document = published.document
        answer = published.answer(self.language)
        if not danger and expiry.withheld(document, self.today):
            return self._withheld(published, after)
        body = self._body(answer.whatsapp if self.form is Form.WHATSAPP else answer.sms)
        more: tuple[str, ...] = ()
        gap = "\n\n" if self.form is Form.WHATSAPP else " "
        if not isinstance(document, TopicDocument):
            body = self._appended(body, after, gap)
        elif not expiry.expired(document, self.today):
            body = self._with_source(body, answer.source, document, "source-line")
            body = self._appended(body, after, gap)
        elif danger or published.urgent:
            # Where an SMS holds only one of the two, help on its way is worth more than a date.
            body = self._appended(body, after, gap)
            body = self._with_source(body, answer.source, document, "expired-line")
        else:
            # Part of the answer: the lengths of answers leave room for it, extras come after.
            line = self._source(answer.source, document, "expired-line")
            body = self._appended(body + self._line_gap + line, after, gap)
        if self.form is Form.SMS and isinstance(document, TopicDocument):
            more = self._rest(answer.whatsapp)
            body = self._appended(body, self.notice("more-hint"), " ")
        return Composed(self._reply(published, body), more)

    def withheld(self, topic_id: str | None) -> bool:
        """Whether a published topic is too old to be given."""
        published = self.catalogue.topic(topic_id)
        return published is not None and expiry.withheld(published.document, self.today)

    def choice(self, intro: str, topic_ids: Sequence[str], outro: str) -> Composed:
        """A numbered list of titles. On SMS as many as fit.

        A title whose answer is too old to be given says so: it may be what was meant, and who
        picks it gets the helpline.
        """
        offered = [topic for topic in topic_ids if self.catalogue.topic(topic) is not None]
        while offered:
            lines = [
                f"{number}. {self._title(topic)}" for number, topic in enumerate(offered, start=1)
            ]
            text = "\n".join([self.notice(intro), *lines, self.notice(outro)])
            if self._fits(text):
                reply = self.tappable(
                    Reply(text, language=self.language),
                    [(topic, self._title(topic)) for topic in offered],
                )
                return Composed(reply, offered=tuple(offered))
            offered.pop()
        return self.say("unknown")

    def tappable(self, reply: Reply, items: Sequence[tuple[str, str]]) -> Reply:
        """A reply whose text numbers these (id, title), so that they can be tapped, too."""
        choices = tapping.choices(items, self.form)
        named = choices and "list-button" in self.catalogue.notices
        button = self.notice("list-button") if named else ""
        return replace(reply, choices=choices, button=button)

    def both(self, first: Composed, second: Composed) -> Composed:
        """Two replies in one bubble; where they do not fit, the first alone."""
        text = self._appended(first.reply.text, second.reply.text, "\n\n")
        joined = text != first.reply.text
        return replace(
            first, reply=replace(first.reply, text=text), offered=second.offered if joined else ()
        )

    def followed_by(self, replies: tuple[Reply, ...], line: str) -> tuple[Reply, ...]:
        """Replies with a line that must not be lost: in the last one, else one of its own."""
        if replies:
            gap = "\n\n" if self.form is Form.WHATSAPP else " "
            text = self._appended(replies[-1].text, line, gap)
            if text != replies[-1].text:
                return (*replies[:-1], replace(replies[-1], text=text))
        return (*replies, Reply(line, language=self.language))

    def part(self, parts: Sequence[str]) -> Composed:
        """The next part of a long answer, with a hint when there is still more."""
        text, rest = parts[0], tuple(parts[1:])
        if rest:
            text = self._appended(text, self.notice("more-hint"), " ")
        return Composed(Reply(text, language=self.language), rest)

    def _title(self, topic_id: str) -> str:
        published = self.catalogue.topic(topic_id)
        assert published is not None  # noqa: S101  `choice` has filtered
        title = published.answer(self.language).title
        return self.notice("withheld-title", title=title) if self.withheld(topic_id) else title

    def _withheld(self, published: Published, after: str) -> Composed:
        """Instead of an answer that is too old: why, and who can be asked."""
        document = published.document
        assert isinstance(document, TopicDocument)  # noqa: S101  acts never grow old
        date = written_date(document.checked, self.language, self.form)
        title = published.answer(self.language).title
        text = self.notice("withheld", title=title, date=date)
        gap = "\n\n" if self.form is Form.WHATSAPP else " "
        return Composed(self._reply(published, self._appended(text, after, gap)))

    def _reply(self, published: Published, text: str) -> Reply:
        return Reply(
            text,
            topic=published.document.id,
            revision_id=published.revision_id,
            language=self.language,
            urgent=published.urgent,
        )

    def _body(self, text: str) -> str:
        text = put_numbers_in(text, self.catalogue.helplines, self.language, self.form)
        return text if self.form is Form.WHATSAPP else without_marks(text)

    @property
    def _line_gap(self) -> str:
        return "\n\n" if self.form is Form.WHATSAPP else "\n"

    def _with_source(self, body: str, source: str, document: TopicDocument, notice: str) -> str:
        return self._appended(body, self._source(source, document, notice), self._line_gap)

    def _source(self, source: str, document: TopicDocument, notice: str) -> str:
        date = written_date(document.checked, self.language, self.form)
        if self.form is Form.SMS:
            source = document.source_short
        return self.notice(notice, source=source, date=date)

    def _rest(self, long_form: str) -> tuple[str, ...]:
        """The long form in parts, each with room for the hint that more follows."""
        return self._parts(without_marks(self._body(long_form)))

    def _parts(self, text: str) -> tuple[str, ...]:
        """A text in parts; each but the last has room for the hint that more follows.

        How much that takes depends on the letters of a part: some count twice on SMS, and one
        that is not in its alphabet makes all others longer.
        """
        hint = " " + self.notice("more-hint")
        most = self.limits.max_units
        if self.limits.max_segments is not None:
            per_segment = 153 if measure(text).encoding is Encoding.GSM_7 else 67
            most = min(most, per_segment * self.limits.max_segments)
        most -= utf16_units(hint)
        while True:
            parts = split(text, max_units=most)
            if most <= _LEAST or all(self._fits(part + hint) for part in parts[:-1]):
                return parts
            most -= _LESS

    def _appended(self, body: str, line: str, gap: str) -> str:
        """Body and line, if both fit; an extra is dropped before an answer is cut."""
        if not line:
            return body
        longer = body + gap + line
        return longer if self._fits(longer) else body

    def _fits(self, text: str) -> bool:
        if utf16_units(text) > self.limits.max_units:
            return False
        most = self.limits.max_segments
        return most is None or measure(text).segments <= most
