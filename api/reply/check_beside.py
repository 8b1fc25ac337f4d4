"""Beside a guided check: what was answered in its middle, and what is kept of what is written.

What is written while a private check stands is not kept, as its first words promise; also while
it is paused, because a story that smells of danger pauses it, and goes on. From the moment a
counsellor is called it is kept: they must read it. The person is told so.
"""

from collections.abc import Callable
from dataclasses import replace

from api.checks import flow
from api.checks.running import Running
from api.content.catalogue import Catalogue
from api.content.check_documents import Check
from api.messages.contacts import Conversation
from api.messages.outbox import Reply
from api.reply import state
from api.reply.check_entry import check_of
from api.reply.check_words import asking
from api.reply.scene import Scene, Turn

KEPT = "check-kept"
"""The notice that what is written is kept for the counsellor."""


def is_private(check: Check, conversation: Conversation) -> bool:
    """Whether what is written while a check stands is not kept."""
    called = conversation.ticket_open or conversation.with_counsellor
    return check.private and not called


def not_kept(pending: state.Pending, conversation: Conversation, catalogue: Catalogue) -> bool:
    """Whether a message that comes now is one that is not kept, whatever it says."""
    running = pending.check
    check = check_of(catalogue.topic(running.check)) if running is not None else None
    return check is not None and is_private(check, conversation)


def told_that_kept(scene: Scene, check: Check, turn: Turn, *, behind: bool = False) -> Turn:
    """The turn with a line that a counsellor reads along; as it is where nobody does.

    Args:
        behind: the line comes last, not first.
    """
    called = scene.conversation.ticket_open or turn.ticket is not None
    if not (called and check.private and "check" in turn.state):
        return turn
    if KEPT not in scene.catalogue.notices:  # a store that is older than these words
        return turn
    line = scene.composer.notice(KEPT)
    if behind:
        return with_line(turn, line, scene.composer.fits)
    first, *others = turn.replies
    joined = f"{line}\n\n{first.text}"
    if scene.composer.fits(joined):
        return replace(turn, replies=(replace(first, text=joined), *others))
    return replace(turn, replies=(Reply(line, language=first.language), *turn.replies))


def carry_on(scene: Scene, turn: Turn) -> Turn:
    """After something else was answered: the question again, or how to go on with the check."""
    running = scene.pending.check
    published = scene.catalogue.topic(running.check) if running is not None else None
    check = check_of(published)
    # Whoever called a human, or is in danger, has written to that human.
    if turn.ticket is None and not_kept(scene.pending, scene.conversation, scene.catalogue):
        turn = replace(turn, private=True)
    after = state.load(turn.state, scene.moment.timestamp())
    if turn.erase or turn.opted_out:
        return replace(turn, state=state.dump(replace(after, check=None)))
    if scene.conversation.with_counsellor or running is None or not turn.replies:
        return turn
    if turn.understood.topic == running.check:
        # What the check itself says carries its own question. A counsellor may have been called
        # because nobody understood; one called in danger was told of before the question.
        if check is None or turn.ticket is None or turn.understood.urgent:
            return turn
        return told_that_kept(scene, check, turn, behind=True)
    if after.check != running:  # another check was begun
        return turn
    if after.kind == "heard":  # what was said may be the answer: it waits to be confirmed
        return turn
    question = flow.question(check, running.asked) if check is not None else None
    if check is None or published is None or question is None:
        return replace(turn, state=state.dump(replace(after, check=None)))
    if running.mode != "asking":
        return _waiting(turn, after, replace(running, mode="paused"))
    # A language may have been chosen just now.
    composer = scene.composer
    if turn.language_chosen:
        composer = type(composer)(scene.catalogue, turn.language_chosen, composer.limits)
    listed = after.kind != "none"
    if turn.understood.urgent or turn.ticket is not None or listed:
        notice = "check-paused" if listed else "check-go-on"
        offered = with_line(turn, composer.notice(notice), composer.fits)
        return _waiting(offered, after, replace(running, mode="paused" if listed else "offered"))
    again = asking(composer, check, running, question)
    return with_line(turn, again, composer.fits)


def with_line(turn: Turn, line: str, fits: Callable[[str], bool]) -> Turn:
    """The last reply with a line behind it; where it does not fit, in a message of its own."""
    *others, last = turn.replies
    joined = f"{last.text}\n\n{line}"
    if fits(joined):
        return replace(turn, replies=(*others, replace(last, text=joined)))
    return replace(turn, replies=(*turn.replies, Reply(line, language=last.language)))


def _waiting(turn: Turn, after: state.Pending, running: Running) -> Turn:
    return replace(turn, state=state.dump(replace(after, check=running)))
