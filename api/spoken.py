"""Voices between the store and the network: a voice note is heard, a recording gets its link.

Both before and after a transaction, never in one.
"""

import time
from dataclasses import dataclass, replace

from api.channels.base import Kind, Outgoing
from api.content.catalogue import Catalogue
from api.errors import SendError, VoiceRefused, VoicesBusy, VoiceUnavailable
from api.log import get_logger
from api.messages import inbox
from api.messages.contacts import Conversation
from api.messages.inbox import MAX_ATTEMPTS, Received
from api.messages.outbox import Queued
from api.metrics import VOICES
from api.services import Services
from api.voices import links, recordings
from api.voices.speech import NOTHING, Heard

log = get_logger(__name__)

_BUSY_SECONDS = 0.5
_URDU = "ur"


@dataclass(frozen=True)
class Listened:
    """What came of listening to a message.

    Attributes:
        heard: None: it is no voice note, or nobody listens.
        later: the message was put back.
    """

    heard: Heard | None = None
    later: bool = False


def listen(services: Services, message: Received, conversation: Conversation) -> Listened:
    """Listen to a message if it is a voice note. Takes seconds; no transaction may be open.

    What cannot be heard now is put back and tried again, up to `MAX_ATTEMPTS` times. A typed cry
    for help behind it does not wait for that.
    """
    if message.kind is not Kind.VOICE or message.text or not services.listener.on:
        return Listened()
    if not message.media:
        return _told("no-media", NOTHING)
    with services.store.read() as session:
        if inbox.danger_behind(session, message.conversation_id, message.id):
            return _told("skipped", NOTHING)
    try:
        # Left alone engines take Urdu for Hindi and write it in letters that nobody here reads.
        hint = None if conversation.language_last == "en" else _URDU
        heard = services.listener.listen(message.media[0][1], hint)
    except VoicesBusy:
        with services.store.write() as session:
            inbox.put_off(session, message.id, _BUSY_SECONDS)
        return Listened(later=True)
    except VoiceRefused as error:
        log.warning("voice_refused", inbound=message.id, code=error.code)
        return _told(error.code, NOTHING)
    except VoiceUnavailable as error:
        log.warning(
            "voice_unavailable", inbound=message.id, attempt=message.attempts, code=error.code
        )
        if message.attempts >= MAX_ATTEMPTS:
            return _told(error.code, NOTHING)
        with services.store.write() as session:
            inbox.try_again(session, message.id, message.attempts, f"voice {error.code}")
        return Listened(later=True)
    return _told("heard" if heard.text.strip() else "silence", heard)


def _told(outcome: str, heard: Heard) -> Listened:
    VOICES.labels(outcome).inc()
    return Listened(heard)


def recorded(services: Services, catalogue: Catalogue, topic: str, language: str) -> int | None:
    """The recording that may be sent with an answer, None if there is none."""
    with services.store.read() as session:
        found = recordings.for_answer(session, catalogue, topic, language)
    return None if found is None else found.id


def with_link(services: Services, queued: Queued) -> Outgoing:
    """The message as it goes out. A recording gets its link now: it is good for minutes.

    Raises:
        SendError: "no-recording": editors took it away, or its answer changed, meanwhile.
    """
    if queued.recording is None:
        return queued.message
    with services.store.read() as session:
        found = recordings.by_id(session, queued.recording)
        catalogue = services.keeper.current(session)
    if found is None or not recordings.is_fresh(found, catalogue):
        raise SendError(
            "no-recording", "the recording does not fit the answer any more", blame="ours"
        )
    base = services.settings.public_base_url
    return replace(queued.message, media=links.link(services.keys, base, found.key, time.time()))
