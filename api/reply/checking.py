"""Guided checks in a conversation: begun, answered, left, taken up again, and what came of them.

The api keeps the state and the words. The bot's form says which question comes next; while the
bot is away the order of the content holds, so that a number never needs the bot.
"""

from contextlib import suppress
from dataclasses import replace

from api.bot_client import BotTurn, CheckBot
from api.checks import flow, understanding
from api.checks.licences import Licence
from api.checks.running import Running, Ticked
from api.checks.verdict import judge, ticked
from api.content.catalogue import Published
from api.content.check_documents import (
    LAPSED,
    LISTED,
    SKIPPED,
    UNLISTED,
    Check,
    Question,
)
from api.errors import BotUnavailable
from api.messages.contacts import Conversation
from api.reply import away, commands, state
from api.reply.check_beside import is_private, told_that_kept, with_line
from api.reply.check_entry import check_of
from api.reply.check_words import (
    asking,
    buttons,
    introduced,
    is_button,
    tapped_option,
    told,
    usable,
)
from api.reply.compose import Composed
from api.reply.scene import Scene, Ticket, Turn
from spelling import words

HIGH_RISK = "high-risk"
ENOUGH_WORDS = 4
"""Of a message that may be a question: of fewer, it is more likely an answer misspelt."""
_DAY = 24 * 3600.0
# What means the same with and without a check.
_ALWAYS = ("stop", "start", "human", "erase", "export", "menu", "help", "no-news")


def speaks_on(text: str, conversation: Conversation, pending: state.Pending) -> bool:
    """Whether a message is too short to show another language than that of its check."""
    asks = pending.check is not None and pending.check.mode == "asking"
    return asks and conversation.language_last is not None and len(words(text)) < ENOUGH_WORDS


def begin(scene: Scene, published: Published, check: Check, confidence: float) -> Turn:
    """Ask the first question; of a list that was begun before, the first that is open."""
    kept = scene.pending.ticked
    done = kept.done if kept is not None and kept.check == published.document.id else ()
    names = [one.id for one in check.questions]
    if len(done) >= len(names):
        done = ()
    running = Running(
        check=published.document.id,
        answers={name: "yes" for name in names if name in done},
        started=scene.moment.timestamp(),
    )
    running, question = _ahead(scene, check, running)
    if question is None:
        return _finish(scene, published, check, running)
    text = asking(scene.composer, check, running, question)
    if done:
        again = scene.composer.notice("check-again", done=str(len(done)), of=str(len(names)))
        text = f"{again}\n{text}"
    elif check.private and not is_private(check, scene.conversation):
        pass  # its first words promise that nothing is kept
    else:
        text = introduced(scene.composer, published, text)
    turn = _end(scene, text, published, running, check, confidence=confidence, outcome="answer")
    return told_that_kept(scene, check, turn)


def step(scene: Scene, *, certain_only: bool) -> Turn | None:
    """What a message means to the check that runs; None when it is none of its business.

    Args:
        certain_only: the message may be something graver: only a number, a button or the very
            words of an option are an answer.
    """
    running, text = scene.pending.check, scene.message.text
    published = scene.catalogue.topic(running.check) if running is not None else None
    check = check_of(published)
    if running is None or published is None or check is None:
        return None
    command = commands.recognise(text, scene.catalogue)
    if running.mode != "asking":
        first = running.mode == "offered" and commands.number(text) == 1
        waiting, running = running, replace(running, mode="asking")
        if first or command == "check-go-on":
            return told_that_kept(scene, check, _ask(scene, published, check, running))
        if command == "check-leave":
            return _leave(scene, check, waiting)
        if not is_button(scene.message.choice, check):
            return None
    question = flow.question(check, running.asked)
    if question is None or command in _ALWAYS or (command == "more" and scene.pending.more):
        return None
    option = tapped_option(scene.message.choice, question)
    if option is None:  # a button of a question before
        return _ask(scene, published, check, running)
    answer = understanding.understand(question, text, option)
    if answer is not None and answer.certain:
        return _answered(scene, published, check, running, question, answer.value)
    if command == "check-back":
        return _ask(scene, published, check, running.without_last())
    if command == "check-skip":
        return _answered(scene, published, check, running, question, SKIPPED)
    if command == "check-leave":
        return _leave(scene, check, running)
    if command == "check-go-on":
        return _ask(scene, published, check, running)
    if answer is not None and not certain_only:
        return _answered(scene, published, check, running, question, answer.value)
    number = commands.number(text)
    if number is not None and question.kind != "number":
        return _again(scene, published, check, running, question, "no-such-number")
    return None


def unheard(scene: Scene, heard: BotTurn) -> Turn | None:
    """A message that neither the check nor the bot understands: the question is asked again.

    In a check whose story is not kept, a story is not answered as a question either.
    """
    running = scene.pending.check
    published = scene.catalogue.topic(running.check) if running is not None else None
    check = check_of(published)
    if running is None or published is None or check is None or running.mode != "asking":
        return None
    question = flow.question(check, running.asked)
    if question is None:
        return None
    own = heard.band == "answer" and heard.topic == running.check
    few = len(words(scene.message.text)) < ENOUGH_WORDS
    if is_private(check, scene.conversation) and heard.band in ("answer", "choice", "unknown"):
        if heard.band == "answer" and not own and "?" in scene.message.text.replace("؟", "?"):
            return None
        notice = "check-no-story"
    elif own or heard.band == "unknown" or (heard.band == "choice" and few):
        notice = "check-not-understood"
    else:
        return None
    turn = _again(scene, published, check, running, question, notice)
    return replace(turn, not_understood=True)


def _answered(
    scene: Scene,
    published: Published,
    check: Check,
    running: Running,
    question: Question,
    value: str,
) -> Turn:
    if question.kind == "licence" and value not in {SKIPPED, *(one.id for one in question.options)}:
        found = scene.licence(value) if scene.licence is not None else None
        listed = UNLISTED if found is None else LISTED if found.is_valid else LAPSED
        value = f"{listed}:{value}"
    return _ask(scene, published, check, running.answered(question.id, value), question.id)


def _ask(
    scene: Scene, published: Published, check: Check, running: Running, answered: str | None = None
) -> Turn:
    """The next question, or the result when there is none."""
    running, question = _ahead(scene, check, running, answered)
    if question is None:
        return _finish(scene, published, check, running)
    text = asking(scene.composer, check, running, question)
    turn = _end(scene, text, published, running, check)
    return _at_once(scene, turn, check, running, answered)


def _at_once(
    scene: Scene, turn: Turn, check: Check, running: Running, answered: str | None
) -> Turn:
    """What the last answer calls for before anything else is asked: somebody is in danger."""
    lines = [
        scene.composer.words(one.text, one.sms)
        for one in usable(scene.composer, check.findings)
        if one.at_once
        and any(condition.question == answered for condition in one.when)
        and flow.holds(check, one.when, running.answers)
    ]
    if not lines:
        return turn
    lines.append(scene.composer.notice("human-told"))
    first = replace(turn.replies[0], text="\n".join(lines), urgent=True)
    urgent = replace(turn, replies=(first,), ticket=Ticket("danger", running.check), private=False)
    urgent = replace(urgent, understood=replace(turn.understood, urgent=True))
    urgent = told_that_kept(scene, check, urgent, behind=True)
    return with_line(urgent, turn.replies[0].text, scene.composer.fits)


def _again(
    scene: Scene,
    published: Published,
    check: Check,
    running: Running,
    question: Question,
    notice: str,
) -> Turn:
    text = asking(scene.composer, check, running, question)
    whole = f"{scene.composer.notice(notice)}\n\n{text}"
    if not scene.composer.fits(whole):
        whole = text
    return _end(scene, whole, published, running, check)


def _ahead(
    scene: Scene, check: Check, running: Running, answered: str | None = None
) -> tuple[Running, Question | None]:
    """The check with the question that comes next: the bot's form says which."""
    asked = None
    if isinstance(scene.bot, CheckBot):
        with suppress(BotUnavailable):
            asked = scene.bot.next_in_check(
                scene.conversation.key,
                str(scene.message.id),
                check.form,
                flow.for_the_bot(check, running.answers),
                answered,
            )
    question = flow.next_question(check, running.answers, asked)
    return replace(running, asked=question.id if question else None), question


def _end(
    scene: Scene,
    text: str,
    published: Published,
    running: Running | None,
    check: Check,
    *,
    confidence: float = 1.0,
    outcome: str = "act",
    pending: state.Pending | None = None,
    ticket: Ticket | None = None,
) -> Turn:
    composed = scene.composer.in_parts(text)
    reply = replace(composed.reply, topic=published.document.id, revision_id=published.revision_id)
    asked = flow.question(check, running.asked) if running is not None else None
    if asked is not None and not composed.more:
        reply = scene.composer.tappable(reply, buttons(scene.composer, asked))
    kept = pending or state.Pending(last_topic=scene.pending.last_topic)
    if running is not None:
        kept = replace(kept, ticked=_ticked(scene, check, running))
    return scene.end(
        outcome,
        replace(composed, reply=reply),
        topic=published.document.id,
        confidence=confidence,
        pending=replace(kept, more=composed.more),
        check=running,
        ticket=ticket,
        private=is_private(check, scene.conversation),
    )


def _finish(scene: Scene, published: Published, check: Check, running: Running) -> Turn:
    """The result; the answers are forgotten, but for what a list keeps."""
    known = usable(scene.composer, check.findings)
    verdict = judge(check.model_copy(update={"findings": known}), running.answers)
    human = check.purpose == "risk" and verdict.is_risky
    licence = _licence(scene, check, running)
    too_old = len(known) < len(check.findings)
    result = told(scene.composer, check, verdict, licence, human=human, too_old=too_old)
    pending = state.Pending(
        "topics" if result.topics else "none",
        result.topics,
        ticked=_ticked(scene, check, running),
    )
    ticket = Ticket(HIGH_RISK, published.document.id) if human else None
    turn = _end(scene, result.text, published, None, check, pending=pending, ticket=ticket)
    return away.tell(scene, turn) if human else turn


def _licence(scene: Scene, check: Check, running: Running) -> Licence | None:
    for one in check.questions:
        given = running.answers.get(one.id, "")
        if one.kind == "licence" and flow.state_of_licence(given) in (LISTED, LAPSED):
            return scene.licence(given.partition(":")[2]) if scene.licence is not None else None
    return None


def _ticked(scene: Scene, check: Check, running: Running) -> Ticked | None:
    if not check.keeps_days:
        return None
    until = scene.moment.timestamp() + check.keeps_days * _DAY
    return Ticked(running.check, ticked(check, running.answers), until)


def _leave(scene: Scene, check: Check, running: Running) -> Turn:
    """No check any more; a list keeps what was ticked."""
    notice = "check-left-list" if check.keeps_days else "check-left"
    composed = Composed(scene.composer.say(notice).reply)
    pending = state.Pending(
        last_topic=scene.pending.last_topic, ticked=_ticked(scene, check, running)
    )
    return scene.end(
        "act",
        composed,
        topic=running.check,
        pending=pending,
        check=None,
        private=is_private(check, scene.conversation),
    )
