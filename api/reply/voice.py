"""A voice note in a conversation: what was understood is confirmed before it is answered.

"I understood: ... 1 yes, 2 no." A machine that mishears would answer another question, and who
cannot read well would not see it. Only danger is answered at once. The words that were heard
stand in what is pending and nowhere else, until the answer or for an hour.

And the way back: whoever spoke, or asks for it, hears the answer where editors have recorded it.
"""

from dataclasses import dataclass, replace

from api.channels.base import Form, Kind
from api.content.catalogue import Catalogue
from api.messages.contacts import Conversation
from api.messages.inbox import Received
from api.messages.outbox import Reply
from api.reply import commands, state
from api.reply.compose import Composed
from api.reply.scene import Scene, Turn
from api.reply.state import Pending
from api.voices.speech import Heard
from spelling import clean

YES, NO = "yes", "no"
_CHOICES = (YES, NO)
MOST_SHOWN = {Form.WHATSAPP: 300, Form.SMS: 70}
"""Characters of what was understood that are said back."""

_MARKS = str.maketrans(dict.fromkeys("*_~`{}", ""))
# Whatever was said runs in its own direction and cannot turn the words around it.
_ISOLATED = "\u2068{}\u2069"


@dataclass(frozen=True)
class Words:
    """What a message comes to once its voice is heard.

    Attributes:
        by_voice: its text was said.
        confirmed: and the person has confirmed it.
    """

    message: Received
    pending: Pending
    by_voice: bool = False
    confirmed: bool = False


def as_words(
    message: Received, pending: Pending, catalogue: Catalogue, heard: Heard | None
) -> Words:
    """The message as words: what a voice note says, or what was said before and is confirmed now.

    "Yes" and "no" may be said, too.
    """
    if heard is not None:
        message = replace(message, text=clean(heard.text))
        if not (pending.kind == "heard" and _answer(message.text, catalogue)):
            return Words(message, pending, by_voice=True)
        message = replace(message, kind=Kind.TEXT)
    if pending.kind == "heard" and _answer(message.text, catalogue) == YES:
        said = replace(message, kind=Kind.TEXT, text=pending.heard, choice="")
        return Words(said, _without(pending), by_voice=True, confirmed=True)
    return Words(message, pending)


def language_for(
    message: Received, language: str, conversation: Conversation
) -> tuple[str, str | None]:
    """(language of the reply to a voice, language to remember).

    Who writes Urdu in Latin letters reads it so, though an engine writes down the same Urdu in
    letters of its own. How somebody writes is not learnt from how he speaks, unless nothing is
    known: then "2" is answered in the language in which it was asked.

    Args:
        language: by the words alone.
    """
    if language == "ur" and conversation.language_last == "ur-Latn":
        language = conversation.language_chosen or "ur-Latn"
    known = conversation.language_last or not message.text
    return language, None if known else language


def ask(scene: Scene) -> Turn:
    """What was understood, and whether it was meant; or that nothing was."""
    if not scene.message.text:
        return scene.end(
            "act",
            scene.composer.say("voice-not-heard"),
            topic="voice-not-heard",
            pending=_without(scene.pending),
        )
    composed = _said_back(scene, "heard")
    return scene.end("act", composed, topic="heard", pending=_to_confirm(scene, scene.pending))


def beside(scene: Scene, turn: Turn, *, ask: bool) -> Turn:
    """The emergency answer, and behind it what was understood.

    Args:
        ask: it may be something else: whether it was meant is asked, too.
    """
    reply = _said_back(scene, "heard" if ask else "heard-danger").reply
    turn = replace(turn, replies=(*turn.replies, reply))
    if not ask:
        return turn
    pending = _to_confirm(scene, state.load(turn.state))
    return replace(turn, state=state.dump(pending))


def not_meant(scene: Scene) -> Turn | None:
    """It was understood wrongly: please write it, or ask for a human."""
    if scene.pending.kind != "heard":
        return None
    if _answer(scene.message.text, scene.catalogue) != NO:
        return None
    composed = scene.composer.say("heard-wrong")
    return scene.end("act", composed, topic="heard-wrong", pending=_without(scene.pending))


def read_out(scene: Scene) -> Turn:
    """The recording of the answer that the conversation is about, if there is one."""
    topic = scene.pending.last_topic
    found = _recording(scene, topic) if topic else None
    composed = Composed(found) if found else scene.composer.say("no-recording")
    return scene.end("act", composed, topic="voice", pending=scene.pending)


def aloud(scene: Scene, turn: Turn) -> Turn:
    """A turn that answers a voice: with the recordings of its answers, as far as there are any."""
    found = [_recording(scene, reply.topic) for reply in turn.replies if reply.topic]
    heard = tuple(reply for reply in found if reply is not None)
    return replace(turn, replies=(*turn.replies, *heard), spoken=True)


def _recording(scene: Scene, topic: str) -> Reply | None:
    if scene.recorded is None or scene.composer.form is not Form.WHATSAPP:
        return None
    if scene.composer.withheld(topic):
        return None  # too old to be given, and it would be heard just as old
    recording = scene.recorded(topic, scene.language)
    if recording is None:
        return None
    return Reply("", topic=topic, language=scene.language, recording=recording)


def _answer(text: str, catalogue: Catalogue) -> str | None:
    """Yes, no, or another message altogether."""
    meant = commands.yes_or_no(text, catalogue)
    return None if meant is None else YES if meant else NO


def _to_confirm(scene: Scene, pending: Pending) -> Pending:
    moment = scene.moment.timestamp()
    return replace(
        pending,
        kind="heard",
        items=_CHOICES,
        at=moment,
        heard=scene.message.text,
        heard_at=moment,
    )


def _without(pending: Pending) -> Pending:
    """What stays pending when the question "did you say that?" is answered."""
    return replace(pending, kind="none", items=(), heard="", heard_at=0.0)


def _said_back(scene: Scene, notice: str) -> Composed:
    form = scene.composer.form
    text = _shown(scene.message.text, MOST_SHOWN[form])
    if form is Form.WHATSAPP:
        text = _ISOLATED.format(text)
    composed = scene.composer.say(notice, said=text)
    return replace(composed, reply=replace(composed.reply, fleeting=True))


def _shown(text: str, most: int) -> str:
    """A few words of what was said, without anything that a phone would make bold."""
    text = " ".join(text.translate(_MARKS).split())
    if len(text) <= most:
        return text
    return text[: most - 3].rpartition(" ")[0] + "..."
