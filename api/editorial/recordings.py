"""Recordings of answers on their way to people: uploaded, heard by a second person, let go.

A recording is content: nobody hears a sentence that no editor approved. For a sensitive or urgent
topic, and for an act, somebody else than the uploader has to listen and let it go, as with the
words themselves. Every step goes into the audit log. The caller commits.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.content.catalogue import Catalogue, Published
from api.content.documents import TopicDocument
from api.db import now
from api.editorial import audit
from api.editorial.draft import need
from api.errors import RecordingRefused
from api.staff.accounts import Account
from api.staff.roles import Right
from api.voices import recordings, sound
from api.voices.recordings import Recording
from api.voices.sound import SENDABLE, Sound

MOST_BYTES = 5 * 1024 * 1024
"""What Twilio takes for one message."""


@dataclass(frozen=True)
class Upload:
    """Bytes that are a recording people's phones can play."""

    data: bytes
    sound: Sound

    @property
    def seconds(self) -> float | None:
        """How long it plays, where that can be told."""
        return sound.seconds(self.data, self.sound)


def checked(data: bytes) -> Upload:
    """The bytes of a file as a recording, by what they are and not by what they are called.

    Raises:
        RecordingRefused: "empty", "too-large", "no-sound".
    """
    if not data:
        raise RecordingRefused("empty")
    if len(data) > MOST_BYTES:
        raise RecordingRefused("too-large")
    kind = sound.recognise(data)
    if kind not in SENDABLE:
        raise RecordingRefused("no-sound")
    return Upload(data, kind)


def upload(
    session: Session,
    published: Published,
    language: str,
    words: str,
    given: Upload,
    key: str,
    actor: Account,
) -> None:
    """Take in a recording, in place of the one before. People do not get it yet. Right: write.

    Args:
        words: hash of what was read out (`api.voices.recordings.words_hash`).
        key: where the bytes lie already.

    Raises:
        NotAllowed: "right".
    """
    need(actor, Right.WRITE)
    topic = published.document.id
    recordings.add(
        session,
        Recording(
            id=0,
            topic=topic,
            language=language,
            text_hash=words,
            content_type=given.sound.content_type,
            size=len(given.data),
            seconds=given.seconds,
            sha256=hashlib.sha256(given.data).hexdigest(),
            key=key,
            uploaded_by=actor.id,
            uploaded_at=now(),
            released_at=None,
        ),
    )
    _record(session, actor, "recording-uploaded", published, language)


def release(session: Session, catalogue: Catalogue, recording_id: int, actor: Account) -> None:
    """Let people have a recording that was listened to. Right: review or publish.

    Raises:
        RecordingRefused: "gone" (taken away, or the words have changed); "second-person".
        NotAllowed: "right".
    """
    need(actor, Right.REVIEW, Right.PUBLISH)
    found = recordings.by_id(session, recording_id)
    if found is None or not recordings.is_fresh(found, catalogue):
        raise RecordingRefused("gone")
    published = catalogue.topics[found.topic]
    if needs_second(published) and found.uploaded_by == actor.id:
        raise RecordingRefused("second-person")
    recordings.release(session, found.id, actor.id)
    _record(session, actor, "recording-released", published, found.language)


def remove(session: Session, published: Published, language: str, actor: Account) -> None:
    """Take a recording away: from now on the answer is only written. Right: write.

    Raises:
        RecordingRefused: "gone": there is none.
        NotAllowed: "right".
    """
    need(actor, Right.WRITE)
    if not recordings.remove(session, published.document.id, language):
        raise RecordingRefused("gone")
    _record(session, actor, "recording-removed", published, language)


def needs_second(published: Published) -> bool:
    """Whether somebody else than the uploader has to let a recording go."""
    document = published.document
    return not isinstance(document, TopicDocument) or document.sensitive or document.urgent


def _record(
    session: Session, actor: Account, action: str, published: Published, language: str
) -> None:
    audit.record(
        session,
        actor,
        action,
        topic_id=published.document.id,
        revision_id=published.revision_id,
        detail={"language": language},
    )
