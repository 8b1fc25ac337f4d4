"""Recorded answers: which there are, and which may be sent.

A recording belongs to the words that were read out. When the answer changes, or a phone number in
it, the recording is stale: it is not sent any more, and the desk says so.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.channels.base import Form
from api.content.catalogue import Catalogue, Published
from api.content.documents import Helpline
from api.content.words import put_numbers_in
from api.db import now
from api.voices.models import RecordingRow

SPOKEN_ALIKE = {"ur-Latn": "ur"}
"""Who writes Urdu in Latin letters hears the same Urdu: its recording will do."""


@dataclass(frozen=True)
class Recording:
    """One recording.

    Attributes:
        text_hash: of the words that were read out (`words_hash`).
        key: where its bytes lie (`api.voices.storage`).
        uploaded_by: the account, None if it is not known.
        released_at: since when people may get it, None: nobody has let it go yet.
    """

    id: int
    topic: str
    language: str
    text_hash: str
    content_type: str
    size: int
    seconds: float | None
    sha256: str
    key: str
    uploaded_by: int | None
    uploaded_at: datetime
    released_at: datetime | None


def words_hash(published: Published, language: str, helplines: Mapping[str, Helpline]) -> str:
    """What changes when the words of an answer change, or a number in them."""
    text = published.answer(language).whatsapp
    spoken = put_numbers_in(text, helplines, language, Form.WHATSAPP)
    return hashlib.sha256(" ".join(spoken.split()).encode()).hexdigest()


def is_fresh(recording: Recording, catalogue: Catalogue) -> bool:
    """Whether it still says what people are told in writing."""
    published = catalogue.topics.get(recording.topic)
    if published is None:
        return False
    now_told = words_hash(published, recording.language, catalogue.helplines)
    return now_told == recording.text_hash


def for_answer(
    session: Session, catalogue: Catalogue, topic: str, language: str
) -> Recording | None:
    """The recording that may be sent with an answer; None: there is none."""
    for spoken in (language, SPOKEN_ALIKE.get(language)):
        found = find(session, topic, spoken) if spoken else None
        if found is not None and found.released_at is not None and is_fresh(found, catalogue):
            return found
    return None


def find(session: Session, topic: str, language: str) -> Recording | None:
    """The recording of an answer, whatever its state."""
    row = session.scalars(
        select(RecordingRow).where(RecordingRow.topic == topic, RecordingRow.language == language)
    ).one_or_none()
    return None if row is None else _value(row)


def by_id(session: Session, recording_id: int) -> Recording | None:
    """A recording; None: it was replaced or taken away."""
    row = session.get(RecordingRow, recording_id)
    return None if row is None else _value(row)


def of_topic(session: Session, topic: str) -> dict[str, Recording]:
    """All recordings of a topic, by language."""
    rows = session.scalars(select(RecordingRow).where(RecordingRow.topic == topic))
    return {row.language: _value(row) for row in rows}


def keys_in_use(session: Session) -> set[str]:
    """The keys of everything that is recorded."""
    return set(session.scalars(select(RecordingRow.key)))


def add(session: Session, recording: Recording) -> int:
    """Keep a recording in place of the one before, under a new id (`recording.id` is not used)."""
    remove(session, recording.topic, recording.language)
    row = RecordingRow(
        topic=recording.topic,
        language=recording.language,
        text_hash=recording.text_hash,
        content_type=recording.content_type,
        size=recording.size,
        seconds=recording.seconds,
        sha256=recording.sha256,
        key=recording.key,
        uploaded_by=recording.uploaded_by,
        uploaded_at=recording.uploaded_at,
    )
    session.add(row)
    session.flush()  # its id is needed
    return row.id


def release(session: Session, recording_id: int, account_id: int) -> None:
    """From now on people get it."""
    row = session.get_one(RecordingRow, recording_id)
    row.released_by = account_id
    row.released_at = now()


def remove(session: Session, topic: str, language: str) -> bool:
    """Take a recording away. Returns whether there was one."""
    gone = session.execute(
        delete(RecordingRow)
        .where(RecordingRow.topic == topic, RecordingRow.language == language)
        .returning(RecordingRow.id)
    )
    return bool(gone.all())


def _value(row: RecordingRow) -> Recording:
    return Recording(
        id=row.id,
        topic=row.topic,
        language=row.language,
        text_hash=row.text_hash,
        content_type=row.content_type,
        size=row.size,
        seconds=row.seconds,
        sha256=row.sha256,
        key=row.key,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        released_at=row.released_at,
    )
