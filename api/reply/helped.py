""" "Did this help? 1 yes, 2 no": asked at the end of an answer, at most once in 24 hours.

Not on the first answer of a conversation, not while a number could mean something else, and for
24 hours not to somebody who was in danger, was refused, stopped or asked for a human. Hours, not a
calendar day: what happened ten minutes before midnight is not over at midnight.
"""

from dataclasses import replace

from api.content.catalogue import Published
from api.content.documents import TopicDocument
from api.messages.feedback import Helped
from api.messages.outbox import Reply
from api.reply import commands, state
from api.reply.acts import NOT_HELPFUL, REFUSE, act
from api.reply.compose import Composed
from api.reply.scene import Scene, Turn

KIND: state.PendingKind = "helped"
FROM = 2
"""The answer of a conversation from which on it may be asked."""

QUIET_FOR = 24 * 3600.0
"""Seconds for which nobody is asked (again)."""

# Whatever else a turn leaves behind may be waiting for a number.
_WAITS_FOR_NOTHING = {
    *("last_topic", "left", "at", "answers", "quiet_from"),
    *("failures", "excused", "ticked"),
}


def answered(scene: Scene) -> Turn | None:
    """A yes or a no, by number or word, right after it was asked; None: it is something else."""
    if scene.pending.kind != KIND or len(scene.pending.items) != 3:
        return None
    helped = commands.yes_or_no(scene.message.text, scene.catalogue)
    if helped is None:
        return None
    topic, revision, language = scene.pending.items
    said = Helped(topic, int(revision), language, helped)
    if not helped:
        return replace(act(scene, NOT_HELPFUL, 1.0), helped=said)
    thanks = scene.composer.say("helped-thanks")
    return replace(scene.end("act", thanks, topic="helped", confidence=1.0), helped=said)


def follow(scene: Scene, turn: Turn) -> Turn:
    """The turn with the question behind its answer, where that may be; else what is remembered
    of it. A question that was asked before is forgotten."""
    kept = dict(turn.state)
    if kept.get("kind") == KIND:
        del kept["kind"], kept["items"]
    moment = scene.moment.timestamp()
    if _leave_in_peace(turn):
        return replace(turn, state=kept | {"quiet_from": moment})
    if turn.understood.outcome == "answer":
        kept["answers"] = min(FROM, scene.pending.answers + 1)
    turn = replace(turn, state=kept)
    about = _about(scene, turn)
    # One that lies ahead was written by a clock that was wrong.
    quiet = 0 <= moment - float(kept.get("quiet_from") or 0.0) < QUIET_FOR
    if about is None or quiet or int(kept.get("answers") or 0) < FROM:
        return turn
    reply = _with_question(scene, turn.replies[0])
    if reply is None:
        return turn
    asked = [about.document.id, str(about.revision_id), scene.language]
    kept |= {"kind": KIND, "items": asked, "quiet_from": moment, "at": moment}
    return replace(turn, replies=(reply,), state=kept)


def _leave_in_peace(turn: Turn) -> bool:
    """Danger, a refusal, a human, an opt-out: for today nobody is asked how it was."""
    return (
        turn.understood.urgent
        or turn.ticket is not None
        or turn.opted_out is True
        or turn.understood.topic in (REFUSE, "opted-out", "stop")
    )


def _about(scene: Scene, turn: Turn) -> Published | None:
    """The topic whose answer is whole with this turn, if one may ask about it."""
    topic = None
    if turn.understood.outcome == "answer":
        topic = turn.understood.topic
    elif turn.understood.topic == "more" and scene.pending.more:
        topic = scene.pending.last_topic  # an SMS answer, of which this is the last part
    published = scene.catalogue.topic(topic)
    if published is None or not isinstance(published.document, TopicDocument):
        return None
    if published.urgent or scene.composer.withheld(topic):
        return None
    alone = len(turn.replies) == 1 and not turn.replies[0].urgent
    return published if alone and set(turn.state) <= _WAITS_FOR_NOTHING else None


def _with_question(scene: Scene, reply: Reply) -> Reply | None:
    """The same bubble with the question at its end; None where there is no room for it."""
    both = scene.composer.both(Composed(reply), scene.composer.say("helped-ask")).reply
    return None if both.text == reply.text else both
