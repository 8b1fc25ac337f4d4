"""An answer to a guided check that is beyond doubt: a button, a number, the words of an option.

Such words are the editors', whatever they look like: "an officer who takes money" wants no help
with a bribe. And whoever chooses "I am in danger at home" is in danger, by whatever number or in
whatever language.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from api.checks import flow, understanding
from api.content.check_documents import NO, YES
from api.reply.check_entry import check_of
from api.reply.check_words import is_button, tapped_option
from api.reply.scene import Scene
from api.safety.check import Decision


@dataclass(frozen=True)
class Exact:
    """An answer beyond doubt.

    Attributes:
        scene: the same, and the check has the answer.
        labels: what the option is called, in every language.
    """

    scene: Scene
    labels: tuple[str, ...]


def exact(scene: Scene) -> Exact | None:
    """The answer that a message is to the check beyond doubt; None: it is not, or nobody asks."""
    running, message = scene.pending.check, scene.message
    check = check_of(scene.catalogue.topic(running.check)) if running is not None else None
    silent = scene.spoken or scene.conversation.opted_out or scene.conversation.with_counsellor
    if running is None or check is None or silent:
        return None
    question = flow.question(check, running.asked)
    if question is None or not (running.mode == "asking" or is_button(message.choice, check)):
        return None
    option = tapped_option(message.choice, question)
    if option is None:  # a button of another question
        return None
    answer = understanding.understand(question, message.text, option)
    options = {one.id: tuple(one.label.values()) for one in question.options}
    if question.kind == "yes-no":
        options = {YES: (), NO: ()}
    if answer is None or not answer.certain or answer.value not in options:
        return None
    # The bot is not asked for the next question here: somebody may be in danger.
    after = replace(running.answered(question.id, answer.value), asked=question.id)
    answered = replace(scene, pending=replace(scene.pending, check=after))
    return Exact(answered, options[answer.value])


def in_danger(
    answer: Exact | None, decision: Decision, judge: Callable[[str], Decision]
) -> Decision | None:
    """What says that an answer beyond doubt is a cry for help, too; None: nothing does.

    Args:
        decision: on the message itself.
        judge: the safety check.
    """
    if answer is None:
        return None
    for one in (decision, *map(judge, answer.labels)):
        if one.kind == "danger" and (one.by_pattern or one.certain):
            return one
    return None
