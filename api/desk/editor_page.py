"""What the page of the editor shows: fields, faults, previews, and what the others did."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from api.content import expiry, revisions
from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.content.revisions import Revision
from api.desk.fault_texts import FieldFault, Translate, field_faults
from api.desk.judging import Judge
from api.desk.topic_form import SOURCE_FIELDS, fields_of, marks_of
from api.editorial import diff, drafts, status
from api.editorial.diff import Piece
from api.editorial.drafts import Draft
from api.errors import UnknownTopic
from api.staff import accounts

SUGGESTED_DAYS = (90, 180, 365)
"""For rules and fees, for laws, and for stories: how long an answer may rest."""

_WORDING = ("title", "whatsapp", "sms")
_AROUND = 70
"""Characters of unchanged text that are shown on each side of a change."""


@dataclass(frozen=True)
class Attention:
    """A translation that may not say any more what the English says.

    Attributes:
        pieces: by field of the answer, what became of the published English.
        since: the number of the revision that changed the English, when that is published.
    """

    pieces: Mapping[str, tuple[Piece, ...]]
    since: int | None


@dataclass(frozen=True)
class Editor:
    """Everything about one topic that its editor needs to see.

    Attributes:
        version, seen, was: what a post hands back, see `topic_form.Posted`.
        document: what the fields hold.
        faults: by name of the field; `count` is their number.
        attention: by language.
        written_by: who saved last, for the line above the form.
    """

    topic_id: str
    kind: str
    group: str
    draft: Draft | None
    published: Revision | None
    document: Mapping[str, Any]
    confirmed: tuple[str, ...]
    note: str
    owner_id: int | None
    version: int
    seen: int
    was: str
    faults: Mapping[str, list[FieldFault]]
    remarks: Mapping[str, list[FieldFault]]
    attention: Mapping[str, Attention]
    written_by: str

    @property
    def fields(self) -> dict[str, str]:
        """The values of the form's fields, by name."""
        return fields_of(self.document)

    @property
    def count(self) -> int:
        """How many faults there are."""
        return sum(map(len, self.faults.values()))

    @property
    def title(self) -> tuple[str, str]:
        """A title and its language; the id and English when there is none yet."""
        for code in LANGUAGES:
            title = self.document.get("answers", {}).get(code, {}).get("title")
            if title:
                return title, code
        return self.topic_id, "en"

    def source_rows(self, more: int = 0) -> list[dict[str, str]]:
        """The sources as rows of fields; at least one row, and so many more for new ones."""
        rows = [
            {name: source.get(name) or "" for name in SOURCE_FIELDS}
            for source in self.document.get("sources", [])
        ]
        return rows + [dict.fromkeys(SOURCE_FIELDS, "")] * max(more, 0 if rows else 1)


def editor_of(session: Session, topic_id: str, judge: Judge, text: Translate) -> Editor:
    """The editor as it opens: the draft, else what is published or was last.

    Raises:
        UnknownTopic: there is neither a topic nor a draft of that id.
    """
    draft = drafts.find(session, topic_id)
    standing = status.of_topic(session, topic_id)
    last = revisions.last(session, topic_id)
    if draft is None and (last is None or standing is None):
        raise UnknownTopic(f"{topic_id} is not a topic")
    published = revisions.published(session, topic_id)
    document = draft.document if draft else last.document if last else {}
    kind = draft.kind if draft else standing.kind if standing else "topic"
    writer = accounts.by_id(session, draft.changed_by) if draft and draft.changed_by else None
    owner = draft.owner_id if draft else None
    editor = Editor(
        topic_id=topic_id,
        kind=kind,
        group=draft.group if draft else standing.group if standing else "",
        draft=draft,
        published=published,
        document=document,
        confirmed=draft.confirmed if draft else (),
        note=draft.note if draft else "",
        owner_id=owner if owner is not None else standing.owner_id if standing else None,
        version=draft.version if draft else 0,
        seen=0 if draft or last is None else last.id,
        was=marks_of(document),
        faults={},
        remarks={},
        attention={},
        written_by=writer.name if writer else "",
    )
    return judged(session, editor, judge, text)


def judged(session: Session, editor: Editor, judge: Judge, text: Translate) -> Editor:
    """The same with what is wrong with its document, and which translations need a look."""
    draft = editor.draft
    if draft is None:
        return replace(editor, attention=attention(session, editor))
    draft = replace(draft, document=editor.document)
    return replace(
        editor,
        faults=by_field(field_faults(judge.faults(session, draft), text)),
        remarks=by_field(field_faults(judge.remarks(session, draft), text)),
        attention=attention(session, editor),
    )


def attention(session: Session, editor: Editor) -> dict[str, Attention]:
    """Translations that did not follow the English: in this draft, or since an older revision."""
    published = editor.published
    if published is None:
        return {}
    old, new = published.document.get("answers", {}), editor.document.get("answers", {})
    pieces = _english(old, new)
    numbers = published.language_numbers
    found = {}
    for code in LANGUAGES[1:]:
        followed = any(
            old.get(code, {}).get(name) != new.get(code, {}).get(name) for name in _WORDING
        )
        since = numbers.get("en", 0) if numbers.get(code, 0) < numbers.get("en", 0) else None
        if not followed and (pieces or since):
            before = pieces or _english_since(session, editor.topic_id, numbers.get(code, 0), new)
            found[code] = Attention(before, since)
    return found


def excerpt(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces with what stayed the same cut down to a few words around each change."""
    pieces = list(pieces)
    found = []
    for index, (kind, text) in enumerate(pieces):
        if kind == "same" and len(text) > 2 * _AROUND + 20:
            before = text[:_AROUND].rsplit(" ", 1)[0] if index > 0 else ""
            after = text[-_AROUND:].split(" ", 1)[-1] if index + 1 < len(pieces) else ""
            text = f"{before} … {after}"
        found.append(Piece(kind, text))
    return tuple(found)


def by_field(faults: Iterable[FieldFault]) -> dict[str, list[FieldFault]]:
    """Faults by the field at which they show."""
    grouped: dict[str, list[FieldFault]] = {}
    for fault in faults:
        grouped.setdefault(fault.field, []).append(fault)
    return grouped


def helplines_of(catalogue: Catalogue, language: str) -> list[dict[str, str]]:
    """The phone book as the editor offers it: id, number, name, dead or not."""
    code: Any = "ur" if language == "ur" else "en"
    return [
        {
            "id": helpline.id,
            "code": "{helpline:" + helpline.id + "}",
            "number": helpline.number,
            "name": helpline.name.get(code) or helpline.name.get("en", ""),
            "language": code if code in helpline.name else "en",
            "country": helpline.country,
            "dead": "1" if helpline.dead else "",
        }
        for helpline in catalogue.helplines.values()
    ]


def review_days(checked: str | None) -> dict[int, str]:
    """The review-by days that are suggested, counted from the check (else from today)."""
    try:
        start = datetime.date.fromisoformat(checked or "")
    except ValueError:
        start = expiry.today()
    return {days: (start + datetime.timedelta(days)).isoformat() for days in SUGGESTED_DAYS}


def _english_since(
    session: Session, topic_id: str, number: int, new: Mapping[str, Any]
) -> dict[str, tuple[Piece, ...]]:
    """What became of the English since the revision that a translation was made from."""
    base = revisions.by_number(session, topic_id, number)
    return _english(base.document.get("answers", {}), new) if base else {}


def _english(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Piece, ...]]:
    before, after = old.get("en", {}), new.get("en", {})
    return {
        name: excerpt(diff.words(before.get(name, ""), after.get(name, "")))
        for name in _WORDING
        if before.get(name, "") != after.get(name, "")
    }
