"""When nothing is said: after an opt-out, and while a counsellor has the conversation.

What people may ask about themselves is answered at any time.
"""

from api.channels.base import OptOut
from api.reply import commands, state
from api.reply.acts import act
from api.reply.scene import Scene, Turn


def provider_opt_out(scene: Scene) -> Turn | None:
    """The provider has already answered STOP, START or HELP: we only keep the flag."""
    word = scene.message.answered_by_provider
    if word is OptOut.NONE:
        return None
    opted_out = {OptOut.STOP: True, OptOut.START: False}.get(word)
    return scene.end("act", None, topic="stop", opted_out=opted_out, pending=state.Pending())


def opt_out_words(scene: Scene) -> Turn | None:
    command = commands.recognise(scene.message.text, scene.catalogue)
    if command == "stop":
        if scene.conversation.opted_out:
            return scene.end("act", None, topic="stop")
        return act(scene, "stop", 1.0)
    if command == "start" and scene.conversation.opted_out:
        return scene.end("act", scene.composer.say("opted-in"), topic="start", opted_out=False)
    return None


def opted_out(scene: Scene) -> Turn | None:
    """No message after an opt-out, but what people may ask about themselves at any time."""
    if commands.recognise(scene.message.text, scene.catalogue) in commands.RIGHTS:
        return None
    return scene.end("act", None, topic="opted-out") if scene.conversation.opted_out else None


def left_to_counsellor(scene: Scene) -> Turn | None:
    """Nothing is said while a counsellor has the conversation, but what people may ask about
    themselves at any time. News ends without a word."""
    if not scene.conversation.with_counsellor:
        return None
    command = commands.recognise(scene.message.text, scene.catalogue)
    if command in commands.RIGHTS:
        return None
    return scene.end("counsellor", None, pending=scene.pending, leave_news=command == "no-news")


STEPS = (provider_opt_out, opt_out_words, opted_out, left_to_counsellor)
"""In their order; each gives a turn, or None: it is none of its business."""
