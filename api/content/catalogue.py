"""Everything people can be told now, in memory, as of one content version.

A catalogue is immutable: one reply is made from one catalogue, so it never mixes two
revisions. `CatalogueKeeper.current` compares the version number in the store (one small read)
and reads the content again only when it has changed.
"""

import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content import further
from api.content.documents import (
    LANGUAGES,
    ActDocument,
    Answer,
    Command,
    CommandId,
    Document,
    Helpline,
    LanguageForm,
    Menu,
    Notice,
    TopicDocument,
    TopicOrAct,
)
from api.content.models import RevisionRow, SheetRow, StoreVersionRow, TopicRow
from api.db import Store
from spelling import Tongue, plain

D = TypeVar("D", bound=Document)

FALLBACK = "ur"


@dataclass(frozen=True)
class Published:
    """One published topic or act with the revision it is in."""

    kind: str
    group: str
    revision_id: int
    document: TopicOrAct

    @property
    def urgent(self) -> bool:
        """The person asking may be in danger now."""
        return isinstance(self.document, TopicDocument) and self.document.urgent

    def answer(self, language: str) -> Answer:
        """The answer in a language; every published topic has all of them."""
        return self.document.answers[language]  # type: ignore[index]  # codes come from the store


@dataclass(frozen=True)
class Catalogue:
    """What can be said, by id.

    Attributes:
        tongues: how the languages that are not full are told.
        command_words, language_words: a whole message in plain form -> the id of the command,
            or the code of the language, that it is.
    """

    version: int
    topics: Mapping[str, Published]
    helplines: Mapping[str, Helpline]
    notices: Mapping[str, Notice]
    languages: Mapping[str, LanguageForm]
    commands: Mapping[str, Command]
    menu: tuple[str, ...]
    command_words: Mapping[str, str]
    language_words: Mapping[str, str]
    tongues: tuple[Tongue, ...] = ()

    def full_language(self, code: str) -> str:
        """The language itself, or the full one that it falls back to; Urdu for an unknown one."""
        form = self.languages.get(code)
        if form is None:
            return code if code in LANGUAGES else FALLBACK
        return code if form.full else form.falls_back_to or FALLBACK

    def written_in(self, code: str, texts: Container[str]) -> str:
        """In which language a text is given to somebody who wants this one."""
        return code if code in texts else self.full_language(code)

    def script(self, code: str) -> str:
        """The full language whose way of showing numbers fits: Urdu for what runs as it does."""
        form = self.languages.get(code)
        return "ur" if form is not None and form.direction == "rtl" else code

    def topic(self, topic_id: str | None) -> Published | None:
        """A published topic (not an act), or None."""
        found = self.topics.get(topic_id) if topic_id else None
        return found if found is not None and found.kind == "topic" else None

    def act(self, act_id: str) -> Published | None:
        """A published act, or None."""
        found = self.topics.get(act_id)
        return found if found is not None and found.kind == "act" else None


def version(session: Session) -> int:
    """The content version of the store; 0 while it is empty."""
    return session.scalar(select(StoreVersionRow.version)) or 0


def read_catalogue(session: Session, known: Catalogue | None = None) -> Catalogue:
    """Read everything that is published.

    Args:
        known: an older catalogue; revisions never change, so what it has is not read again.
    """
    while True:
        begun = version(session)
        catalogue = _read(session, begun, known)
        # PostgreSQL shows every statement the newest state: a change between two of them would
        # mix two versions. (SQLite shows a transaction one state.)
        if version(session) == begun:
            return catalogue
        known = catalogue


def _read(session: Session, begun: int, known: Catalogue | None) -> Catalogue:
    rows = session.execute(
        select(TopicRow.id, TopicRow.kind, TopicRow.group, TopicRow.published_revision_id)
        .where(TopicRow.published_revision_id.is_not(None))
        .order_by(TopicRow.id)
    ).all()
    had = {item.revision_id: item for item in known.topics.values()} if known else {}
    missing = [row.published_revision_id for row in rows if row.published_revision_id not in had]
    documents = _documents(session, missing)
    topics = {}
    for row in rows:
        revision_id = row.published_revision_id
        if revision_id in had:
            topics[row.id] = had[revision_id]
        elif revision_id in documents:
            plain_document = documents[revision_id]
            document: TopicOrAct = (
                _valid(ActDocument, plain_document)
                if row.kind == "act"
                else _valid(TopicDocument, plain_document)
            )
            topics[row.id] = Published(row.kind, row.group, revision_id, document)
    sheets = further.joined({row.id: row.document for row in session.scalars(select(SheetRow))})
    menu = _valid(Menu, sheets["menu"]).topics if "menu" in sheets else []
    commands = {
        item["id"]: _valid(Command, item)
        for item in sheets.get("commands", [])
        if item["id"] in get_args(CommandId)
    }
    languages = {item["code"]: _valid(LanguageForm, item) for item in sheets.get("languages", [])}
    return Catalogue(
        version=begun,
        topics=topics,
        helplines={item["id"]: _valid(Helpline, item) for item in sheets.get("helplines", [])},
        notices={item["id"]: _valid(Notice, item) for item in sheets.get("notices", [])},
        languages=languages,
        commands=commands,
        command_words={
            plain(word): command.id for command in commands.values() for word in command.words
        },
        language_words={
            plain(word): form.code for form in languages.values() for word in form.words
        },
        menu=tuple(menu),
        tongues=tuple(
            Tongue.of(form.code, form.letters, form.telling)
            for form in languages.values()
            if not form.full
        ),
    )


def _valid(model: type[D], document: Any) -> D:
    """A document of the store. While processes are restarted one after the other, a newer one may
    have written it: what this one does not know of it is passed over."""
    return model.model_validate(document, extra="ignore")


def _documents(session: Session, revision_ids: Sequence[int]) -> dict[int, Any]:
    """The documents of revisions, by id; a few hundred a statement."""
    found = {}
    for start in range(0, len(revision_ids), 500):
        some = revision_ids[start : start + 500]
        rows = session.execute(
            select(RevisionRow.id, RevisionRow.document).where(RevisionRow.id.in_(some))
        )
        found.update({row.id: row.document for row in rows})
    return found


class CatalogueKeeper:
    """Keeps the newest catalogue of a store."""

    def __init__(self, store: Store, known: Catalogue | None = None) -> None:
        """Start with what is known.
        known: what was read from this store, or a copy of it, before.
        """
        self._store = store
        self._lock = threading.Lock()
        self._catalogue = known

    def current(self, session: Session | None = None) -> Catalogue:
        """The catalogue of the newest committed content version.

        Args:
            session: one that is open already, to save a transaction.
        """
        if session is None:
            with self._store.read() as own:
                return self.current(own)
        newest = version(session)
        known = self._catalogue
        if known is not None and known.version == newest:
            return known
        if not is_reading(session):
            return read_catalogue(session, known)  # it may never be committed: not kept
        with self._lock:
            if self._catalogue is None or self._catalogue.version != newest:
                self._catalogue = read_catalogue(session, self._catalogue)
            return self._catalogue


def is_reading(session: Session) -> bool:
    """Whether it comes from `Store.read`, so that it sees nothing but what was committed."""
    return bool(session.get_bind().get_execution_options().get("sahi_read", False))


def published_variants(catalogue: Catalogue) -> dict[str, Any]:
    """What the bot's matcher needs, as JSON values: ids and ways to ask, no answers."""

    def entry(item: Published) -> dict[str, Any]:
        return {
            "topic": item.document.id,
            "kind": item.kind,
            "urgent": item.urgent,
            "titles": {code: answer.title for code, answer in item.document.answers.items()},
            "variants": [
                {"language": code, "text": text}
                for code, texts in item.document.variants.items()
                for text in texts
            ],
        }

    items = catalogue.topics.values()
    outside = catalogue.act("out-of-scope")
    return {
        "version": str(catalogue.version),
        "topics": [entry(item) for item in items if item.kind == "topic"],
        "acts": [entry(item) for item in items if item.kind == "act"],
        "out_of_scope": entry(outside)["variants"] if outside else [],
    }
