"""A store as large as the desk is meant for: thousands of topics, a hundred thousand questions.

The rows of messages are written in bulk by the names of their columns, because asking the
service to take in a hundred thousand questions takes it many minutes.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, DateTime, MetaData, Numeric, String, Table, Text, insert, text
from sqlalchemy.orm import Session

from api.content import files, importer, publishing
from api.content.catalogue import read_catalogue
from api.content.documents import TopicDocument
from api.content.files import CONTENT
from api.db import Store, now
from api.editorial import audit, comments, drafts
from api.messages import grouping
from api.staff import accounts, sessions
from api.staff.roles import Role

WEEK = 7 * 24 * 3600
BULK = 5_000
LANGUAGES = ("en", "ur", "ur-Latn")
_SYLLABLES = "ba ka la na pi ra tu de ko ha sa mi zo ju fa gi".split()


def fill(store: Store, topics: int, questions: int) -> str:
    """Put everything into a migrated store that is empty. Returns the cookie of a visitor."""
    choice = random.Random(4)
    with store.write() as session:
        importer.import_content(session, files.load(CONTENT))
    ids = _clones(store, topics)
    with store.write() as session:
        everybody = [
            accounts.create(
                session,
                email=f"person{number}@example.org",
                name=f"Person {number}",
                organisation=f"Organisation {number % 8}",
                roles=frozenset(Role),
            )
            for number in range(40)
        ]
        cookie = sessions.begin(session, everybody[0].id, second_factor=True)
    for start in range(0, 200, 50):
        with store.write() as session:
            for topic_id in choice.sample(ids, 50)[: max(1, len(ids) // 20)]:
                _draft(session, topic_id, everybody[start % 7])
    tables = MetaData()
    tables.reflect(store.engine)
    names = tables.tables
    with store.write() as session:
        _put(session, names["audit_log"], _steps(questions // 5, ids, choice))
        people = max(10, questions // 20)
        _put(session, names["contact"], ({"id": n, "pseudonym": f"p{n}"} for n in _to(people)))
        _put(
            session,
            names["conversation"],
            ({"id": n, "contact_id": n, "key": f"k{n}", "state": {}} for n in _to(people)),
        )
        _put(session, names["inbound"], _inbound(questions, ids, people, choice))
        _put(session, names["dislike"], _dislikes(questions // 20, ids, choice))
        asked = list(_asked(questions, ids, choice))
        _put(session, names["unanswered_group"], (group for group, _text in asked))
        _put(session, names["unanswered_word"], _words(asked))
        _put(session, names["unanswered"], _questions(asked, people))
        _numbers_go_on(session, names.values())
    _analyse(store)
    return cookie


def _clones(store: Store, topics: int) -> list[str]:
    """Real topics under other ids until there are enough; their reviews end on many days."""
    with store.read() as session:
        catalogue = read_catalogue(session)
    real = [item for item in catalogue.topics.values() if isinstance(item.document, TopicDocument)]
    ids = [item.document.id for item in real]
    begun = now().date() - timedelta(days=200)
    while len(ids) < topics:
        with store.write() as session:
            for item in real[: topics - len(ids)]:
                number = len(ids)
                document = _clone(item.document.plain(), number, begun)
                publishing.publish(session, document, group=item.group, author="Measure")
                ids.append(document.id)
    return ids


def _clone(plain: dict[str, Any], number: int, begun: date) -> TopicDocument:
    answers = {
        language: answer | {"title": f"{answer['title'][:52]} {number}"}
        for language, answer in plain["answers"].items()
    }
    return TopicDocument.model_validate(
        plain
        | {
            "id": f"{plain['id'][:50]}-{number}",
            "answers": answers,
            "checked": begun - timedelta(days=1),
            "review_by": begun + timedelta(days=number % 400),
        }
    )


def _draft(session: Session, topic_id: str, actor: accounts.Account) -> None:
    draft = drafts.open_draft(session, topic_id, actor)
    answers = {code: dict(answer) for code, answer in draft.document["answers"].items()}
    answers["en"]["title"] = answers["en"]["title"][:55] + " new"
    document = {**draft.document, "answers": answers}
    drafts.save(session, topic_id, document, ["ur"], "measured", actor, version=draft.version)
    comments.add(session, topic_id, "Please look at the fee.", actor)


def _to(most: int) -> range:
    return range(1, most + 1)


def _moment(choice: random.Random) -> datetime:
    return now() - timedelta(seconds=choice.uniform(0, WEEK))


def _inbound(
    most: int, ids: list[str], people: int, choice: random.Random
) -> Iterator[dict[str, Any]]:
    weights = [1 / (place + 1) for place in range(len(ids))]
    topics = choice.choices(ids, weights, k=most)
    for number, topic in enumerate(topics, start=1):
        moment = _moment(choice)
        yield {
            "id": number,
            "conversation_id": number % people + 1,
            "channel": "whatsapp",
            "provider_id": f"SM{number:032x}",
            "kind": "text",
            "text": f"question {number} about something",
            "state": "done",
            "outcome": "answer",
            "topic": topic,
            "language": LANGUAGES[number % 3],
            "received_at": moment,
            "due_at": moment,
        }


def _dislikes(most: int, ids: list[str], choice: random.Random) -> Iterator[dict[str, Any]]:
    for number in _to(most):
        yield {
            "id": number,
            "topic": choice.choice(ids),
            "language": LANGUAGES[number % 3],
            "at": _moment(choice),
        }


def _steps(most: int, ids: list[str], choice: random.Random) -> Iterator[dict[str, Any]]:
    actions = ("draft-saved", "submitted", "approved", "published", "sent-back")
    for _number in range(most):
        yield {
            "account_id": choice.randrange(1, 40),
            "actor": "Somebody",
            "organisation": "Organisation 1",
            "action": choice.choice(actions),
            "topic_id": choice.choice(ids),
            "detail": {"version": 3, audit.DOCUMENT: {"text": "x" * 2000}},
        }


def _asked(
    most: int, ids: list[str], choice: random.Random
) -> Iterator[tuple[dict[str, Any], str]]:
    """Groups of questions, each with a text: two thirds are still open."""
    vocabulary = ["".join(choice.choices(_SYLLABLES, k=3)) for _ in range(4_000)]
    for number in _to(most):
        words = " ".join(choice.choices(vocabulary, k=6))
        moment = _moment(choice)
        yield (
            {
                "id": number,
                "language": LANGUAGES[number % 3],
                "reason": choice.choice(("unknown", "unknown", "disliked")),
                "key": grouping.key_of(grouping.keys_in(words)),
                "state": choice.choice(("open", "open", "open", "open", "attached", "dismissed")),
                "count": min(500, int(choice.paretovariate(1))),
                "nearest": ";".join(choice.sample(ids, 3)),
                "first_at": moment,
                "last_at": moment,
            },
            words,
        )


def _words(asked: Iterable[tuple[dict[str, Any], str]]) -> Iterator[dict[str, Any]]:
    for group, words in asked:
        for word in grouping.blocks(grouping.keys_in(words)):
            yield {"word": word, "language": group["language"], "group_id": group["id"]}


def _questions(
    asked: Iterable[tuple[dict[str, Any], str]], people: int
) -> Iterator[dict[str, Any]]:
    for group, words in asked:
        yield {
            "id": group["id"],
            "group_id": group["id"],
            "conversation_id": group["id"] % people + 1,
            "text": words,
            "at": group["last_at"],
        }


def _put(session: Session, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows in bulk. A column that a row does not name and that must not be empty gets
    the emptiest value of its kind; a name that is no column is left out."""
    naive = session.get_bind().dialect.name == "sqlite"
    filler = {column.name: _filler(column.type) for column in table.columns
              if not column.nullable and not column.primary_key}  # fmt: skip
    known = set(table.columns.keys())
    some: list[dict[str, Any]] = []
    for row in rows:
        values = filler | {name: value for name, value in row.items() if name in known}
        if naive:
            values = {
                name: value.replace(tzinfo=None) if isinstance(value, datetime) else value
                for name, value in values.items()
            }
        some.append(values)
        if len(some) == BULK:
            session.execute(insert(table), some)
            some = []
    if some:
        session.execute(insert(table), some)


def _filler(kind: Any) -> Any:
    if isinstance(kind, DateTime):
        return now()
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, String | Text):
        return ""
    if isinstance(kind, Boolean):
        return False
    return 0.0 if isinstance(kind, Numeric) else 0


def _numbers_go_on(session: Session, tables: Iterable[Table]) -> None:
    """PostgreSQL counts ids apart from the rows: go on behind those that were given here."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        key = next(iter(table.primary_key.columns), None)
        if key is None or isinstance(key.type, String):
            continue
        session.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), "  # noqa: S608
                f"greatest(1, (SELECT coalesce(max({key.name}), 1) FROM {table.name})))"
            )
        )


def _analyse(store: Store) -> None:
    """What a server does by itself at night: look at the tables, so that plans fit them."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if store.is_sqlite else "VACUUM ANALYZE"))
