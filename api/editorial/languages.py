"""Further languages from the desk: one person writes one, another puts it in force.

A draft holds the declaration and the notices in the language. In force it is a part of the sheet
of further languages (`api.content.further`); people are answered in it from the next message on.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.content import further, publishing, rules
from api.content.catalogue import Catalogue, read_catalogue
from api.content.documents import LANGUAGES, LanguageForm, Notice
from api.db import now
from api.editorial import audit
from api.editorial.models import LanguageDraftRow
from api.errors import NotAllowed, NotReady
from api.staff.accounts import Account
from api.staff.roles import Right
from spelling import Tongue, identify, plain

NEEDED = ("language-set", "falls-back")
"""Notices without which nobody could tell what happens to them."""

MOST_WRONG = 0.001
"""The share of our own Urdu questions that may be taken for the language."""

_PLACE = re.compile(r"\{[^}]*\}")
_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?")

Fault = tuple[str, str]
"""A field of the page, and the word for what is wrong with it."""


@dataclass(frozen=True)
class Draft:
    """A language as it is written: the fields of `LanguageForm`, and texts by notice."""

    code: str
    form: Mapping[str, Any]
    texts: Mapping[str, str]
    version: int = 0
    writers: tuple[int, ...] = ()


def is_code(code: str) -> bool:
    """Whether a further language may have this code."""
    return _CODE.fullmatch(code) is not None and code not in LANGUAGES


def drafts(session: Session) -> dict[str, Draft]:
    """Every language that is being written, by code."""
    rows = session.scalars(select(LanguageDraftRow).order_by(LanguageDraftRow.code))
    return {row.code: _draft(row) for row in rows}


def in_force(catalogue: Catalogue, code: str) -> Draft | None:
    """A further language as people have it now, as the beginning of a change."""
    form = catalogue.languages.get(code)
    if form is None or form.full:
        return None
    texts = {
        id_: notice.text[code] for id_, notice in catalogue.notices.items() if code in notice.text
    }
    return Draft(code, form.plain(), texts)


def save(session: Session, draft: Draft, actor: Account) -> None:
    """Keep what was written, complete or not.

    Raises:
        NotAllowed: "right".
        NotReady: "code", or "changed" when somebody else saved meanwhile.
    """
    if Right.PUBLISH not in actor.rights:
        raise NotAllowed("right", "the roles of this account do not allow it")
    if not is_code(draft.code):
        raise NotReady("code", "no code of a further language")
    row = session.get(LanguageDraftRow, draft.code, with_for_update=True)
    if (row.version if row else 0) != draft.version:
        raise NotReady("changed", "somebody else saved meanwhile")
    if row is None:
        row = LanguageDraftRow(code=draft.code, version=0, writers=[])
        session.add(row)
    row.document = {"form": dict(draft.form), "texts": dict(draft.texts)}
    row.version += 1
    row.writers = list(dict.fromkeys((*row.writers, actor.id)))
    row.changed_at = now()
    audit.record(session, actor, "language-written", detail={"language": draft.code})


def approve(
    session: Session, code: str, actor: Account, catalogue: Catalogue, *, version: int
) -> None:
    """The second pair of eyes: from the next message on people are answered in it.

    Raises:
        NotAllowed: "right", or "second-person" for whoever wrote a part of it.
        NotReady: "state", "changed" or "faults".
    """
    if Right.REVIEW not in actor.rights:
        raise NotAllowed("right", "the roles of this account do not allow it")
    publishing.take_turn(session)
    catalogue = read_catalogue(session, catalogue)
    row = session.get(LanguageDraftRow, code, with_for_update=True)
    if row is None:
        raise NotReady("state", "there is no such draft")
    if row.version != version:
        raise NotReady("changed", "somebody else saved meanwhile")
    if actor.id in row.writers:
        raise NotAllowed("second-person", "who wrote a language cannot approve it")
    draft = _draft(row)
    if any(faults(draft, catalogue)):
        raise NotReady("faults", "it breaks a rule")
    forms = {**catalogue.languages, code: LanguageForm.model_validate(draft.form)}
    notices = [_with(notice, draft) for notice in catalogue.notices.values()]
    sheet = further.taken_out(forms.values(), notices)
    publishing.save_sheet(session, further.SHEET, sheet, origin="desk")
    session.execute(delete(LanguageDraftRow).where(LanguageDraftRow.code == code))
    audit.record(session, actor, "language-approved", detail={"language": code, **row.document})


def discard(session: Session, code: str, actor: Account) -> None:
    """Throw a draft away. Raises `NotAllowed` "right"."""
    if Right.PUBLISH not in actor.rights:
        raise NotAllowed("right", "the roles of this account do not allow it")
    session.execute(delete(LanguageDraftRow).where(LanguageDraftRow.code == code))
    audit.record(session, actor, "language-discarded", detail={"language": code})


def faults(draft: Draft, catalogue: Catalogue) -> Iterator[Fault]:
    """What keeps a language from being put in force."""
    try:
        form = LanguageForm.model_validate(draft.form)
    except ValidationError as error:
        for one in error.errors():
            yield str(one["loc"][0]) if one["loc"] else "code", "missing"
        return
    if form.full or form.falls_back_to is None:
        yield "falls_back_to", "missing"
    if not (form.letters.strip() or form.telling):
        yield "telling", "unheard"
    elif _taken_for_it(form, catalogue) > MOST_WRONG:
        yield "telling", "urdu"
    if _taken_words(form, catalogue):
        yield "words", "taken"
    for id_ in NEEDED:
        if not draft.texts.get(id_):
            yield id_, "missing"
    languages = {**catalogue.languages, form.code: form}
    for id_, text in draft.texts.items():
        notice = catalogue.notices.get(id_)
        if notice is None:
            continue
        if sorted(_PLACE.findall(text)) != sorted(_PLACE.findall(notice.text["en"])):
            yield id_, "places"
        elif any(rules.check_notice(_with(notice, draft), catalogue.helplines, languages)):
            yield id_, "letters"


def _taken_for_it(form: LanguageForm, catalogue: Catalogue) -> float:
    """The share of published Urdu questions that would be taken for the language."""
    tongue = Tongue.of(form.code, form.letters, form.telling)
    urdu = [
        text
        for published in catalogue.topics.values()
        if published.kind == "topic"
        for text in published.document.variants.get("ur", ())
    ]
    taken = sum(identify(text, [tongue]).language == form.code for text in urdu)
    return taken / max(1, len(urdu))


def _taken_words(form: LanguageForm, catalogue: Catalogue) -> bool:
    """Whether a word that chooses it means something else already."""
    words = {plain(word) for word in form.words}
    others = {word for word, code in catalogue.language_words.items() if code != form.code}
    return not words or bool(words & (others | catalogue.command_words.keys()))


def _with(notice: Notice, draft: Draft) -> Notice:
    """A notice with the draft's text; a short form for SMS stays while the text does."""
    text = {code: words for code, words in notice.text.items() if code != draft.code}
    sms = {code: words for code, words in notice.sms.items() if code != draft.code}
    new = draft.texts.get(notice.id)
    if new:
        text[draft.code] = new
        if notice.text.get(draft.code) == new and draft.code in notice.sms:
            sms[draft.code] = notice.sms[draft.code]
    return notice.model_copy(update={"text": text, "sms": sms})


def _draft(row: LanguageDraftRow) -> Draft:
    return Draft(
        row.code,
        row.document["form"],
        row.document["texts"],
        row.version,
        tuple(row.writers),
    )
