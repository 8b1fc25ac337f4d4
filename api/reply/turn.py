"""One turn: what a person sent -> what is said, what is remembered, who is told.

The order is the promise. Danger is looked for first, in every message, without the bot and
even after an opt-out; then what must be refused; then what a message means as a whole; only
then is the bot asked. Nothing here touches the store.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from api.bot_client import Bot
from api.channels.base import Kind, Limits
from api.checks.licences import Licence
from api.content.catalogue import Catalogue
from api.db import now
from api.errors import BotUnavailable
from api.messages.contacts import Conversation
from api.messages.export import Held
from api.messages.inbox import Received, Understood
from api.metrics import stage
from api.reply import (
    check_beside,
    checking,
    commands,
    failing,
    helped,
    silence,
    state,
    suspicion,
    tapping,
    voice,
)
from api.reply.acts import act
from api.reply.check_exact import exact, in_danger
from api.reply.compose import Composer
from api.reply.lists import answer, choice, ids, more, speak, tapped
from api.reply.news import ask_for_news, leave_news
from api.reply.scene import Scene, Ticket, Turn
from api.reply.telling import tell_held
from api.safety.check import Decision, SafetyCheck
from api.voices.speech import Heard
from spelling import Tongue, identify

DEFAULT_LANGUAGE = "ur"
"""For a first message that shows no language, such as a picture."""

_ACT_OF_COMMAND = {
    "human": "talk-to-person",
    "erase": "delete-my-data",
    "menu": "menu",
    "help": "menu",
    "start": "greet",
}
_NOT_READ = {
    Kind.VOICE: "voice-not-read",
    Kind.LOCATION: "location-received",
    Kind.IMAGE: "picture-not-read",
    Kind.VIDEO: "picture-not-read",
    Kind.DOCUMENT: "picture-not-read",
}


@stage("compose")
def decide(
    message: Received,
    conversation: Conversation,
    catalogue: Catalogue,
    safety: SafetyCheck,
    bot: Bot,
    limits: Limits,
    held: Callable[[], Held] | None = None,
    away: Callable[[], datetime | None] | None = None,
    licence: Callable[[str], Licence | None] | None = None,
    heard: Heard | None = None,
    recorded: Callable[[str, str], int | None] | None = None,
    *,
    ask_helped: bool = False,
) -> Turn:
    """Decide one turn.

    Args:
        held: reads what is held about the person, called only when they ask for it.
        away: when a counsellor is here again, called only when one is wanted.
        licence: looks up a recruiter's licence number that a person typed in a check.
        heard: what was made out of a voice note; None: it is none, or nobody listens.
        recorded: finds the recording of an answer (topic, language).
        ask_helped: people may be asked whether an answer helped.

    Raises:
        BotUnavailable: the bot was needed and gave no answer; the turn is tried again.
    """
    moment = now()
    pending = state.load(conversation.state).fresh(moment)
    said = voice.as_words(message, pending, catalogue, heard)
    message, pending = said.message, said.pending
    # What is on a button are not the person's words.
    text = "" if tapping.is_ours(message, catalogue) else message.text
    remembered = conversation.language_chosen or conversation.language_last
    shown = text if remembered else message.text
    if checking.speaks_on(message.text, conversation, pending):
        shown = ""  # "15 lakh" and "visit visa" are answers, not another language
    language, language_last = language_of(shown, conversation, catalogue.tongues)
    if said.by_voice:
        language, language_last = voice.language_for(message, language, conversation)
    scene = Scene(
        message=message,
        conversation=conversation,
        catalogue=catalogue,
        composer=Composer(catalogue, language, limits),
        bot=bot,
        pending=pending,
        language_last=language_last,
        moment=moment,
        held=held,
        away=away,
        licence=licence,
        spoken=said.by_voice and not said.confirmed,
        recorded=recorded,
    )
    decision = safety.check(text)
    answer = exact(scene)
    danger = in_danger(answer, decision, safety.check)
    if answer is not None and danger is not None:  # an answer to the check, and a cry for help
        scene = answer.scene
        turn = suspicion.danger(scene, danger)
    else:
        turn = _decide(scene, decision, exactly=answer is not None)
    turn = check_beside.carry_on(scene, turn)
    turn = voice.aloud(scene, turn) if said.by_voice else turn
    return helped.follow(scene, turn) if ask_helped else turn


def _decide(scene: Scene, decision: Decision, *, exactly: bool) -> Turn:
    conversation = scene.conversation
    if scene.spoken:
        if decision.kind == "danger":
            urgent = suspicion.danger(scene, decision)
            if conversation.opted_out or conversation.with_counsellor:
                return urgent  # and not a word more
            return voice.beside(scene, urgent, ask=not decision.by_pattern)
        return silence.opted_out(scene) or silence.left_to_counsellor(scene) or voice.ask(scene)
    unheard = conversation.opted_out or conversation.with_counsellor  # the bot is not asked
    if decision.kind == "danger" and (decision.by_pattern or unheard):
        return suspicion.danger(scene, decision)
    for step in silence.STEPS:
        turn = step(scene)
        if turn is not None:
            return turn
    if decision.kind == "refuse" and decision.certain and not exactly:
        return suspicion.refuse(scene, decision)
    for step in (_nothing_to_read, tapped, voice.not_meant):
        turn = step(scene)
        if turn is not None:
            return turn
    # What is only a little like danger, and has the words of an option, is that option.
    grave = decision.kind != "none" and (
        decision.by_pattern or decision.confidence >= suspicion.LIKELY
    )
    if (answered := checking.step(scene, certain_only=grave)) is not None:
        return answered
    for step in (_command, helped.answered, choice, _language_name):
        turn = step(scene)
        if turn is not None:
            return turn
    return failing.count(scene, _ask_bot(scene, decision))


def give_up(
    message: Received, conversation: Conversation, catalogue: Catalogue, limits: Limits
) -> Turn:
    """After the last try: say honestly that it did not work, and hand over to a human."""
    turn = only_say("trouble", "trouble", message, conversation, catalogue, limits)
    # The message is kept even where a private check stands: nobody has answered it, it may be a
    # cry for help, and without its words whoever takes the ticket could not know. That is less
    # than the check promised; so the person is told that a counsellor reads along from here on.
    kept = turn.private and bool(turn.replies) and check_beside.KEPT in catalogue.notices
    if kept:
        composer = Composer(catalogue, turn.understood.language or DEFAULT_LANGUAGE, limits)
        line = composer.notice(check_beside.KEPT)
        turn = replace(turn, replies=composer.followed_by(turn.replies, line))
    return replace(turn, ticket=Ticket("trouble"), private=False)


def only_say(
    notice: str,
    outcome: str,
    message: Received,
    conversation: Conversation,
    catalogue: Catalogue,
    limits: Limits,
) -> Turn:
    """A notice, whatever was asked; nothing of what is pending changes.

    Nor does what is kept: what is written to a private check is not.
    """
    language, language_last = language_of(message.text, conversation, catalogue.tongues)
    composer = Composer(catalogue, language, limits)
    return Turn(
        replies=()
        if conversation.opted_out or conversation.with_counsellor
        else (composer.say(notice).reply,),
        understood=Understood(
            outcome,
            language=composer.language,
            own=None if language == composer.language else language,
        ),
        state=dict(conversation.state),
        language_last=language_last,
        private=check_beside.not_kept(state.load(conversation.state), conversation, catalogue),
    )


def language_of(
    text: str, conversation: Conversation, tongues: Sequence[Tongue] = ()
) -> tuple[str, str | None]:
    """(language of the reply, language to remember).

    The person's explicit choice; else what this message shows; else what the last one was.

    Args:
        tongues: languages that are known beside the full ones.
    """
    guess = identify(text, tongues)
    last = guess.language if guess.sure else None
    chosen = conversation.language_chosen
    if chosen:
        return chosen, last
    return (last or conversation.language_last or guess.language or DEFAULT_LANGUAGE), last


def _nothing_to_read(scene: Scene) -> Turn | None:
    message = scene.message
    if message.kind in (Kind.TEXT, Kind.CHOICE) and (message.text or message.choice):
        return None
    if message.text and message.kind is not Kind.LOCATION:
        return None  # the caption of a picture is a question like any other
    notice = _NOT_READ.get(message.kind, "nothing-to-read")
    return scene.end("act", scene.composer.say(notice), topic=notice, pending=scene.pending)


def _command(scene: Scene) -> Turn | None:
    command = commands.recognise(scene.message.text, scene.catalogue)
    if command == "more":
        return more(scene)
    if command == "export":
        return tell_held(scene)
    if command == "no-news":
        return leave_news(scene)
    if command == "voice":
        return voice.read_out(scene)
    act_id = _ACT_OF_COMMAND.get(command or "")
    return act(scene, act_id, 1.0) if act_id else None


def _language_name(scene: Scene) -> Turn | None:
    code = commands.language(scene.message.text, scene.catalogue)
    return speak(scene, code) if code else None


def _ask_bot(scene: Scene, decision: Decision) -> Turn:
    message = scene.message
    try:
        heard = scene.bot.ask(
            scene.conversation.key, str(message.id), message.text, scene.language, scene.last
        )
    except BotUnavailable:
        if decision.kind == "none":
            raise
        return suspicion.without_second_opinion(scene, decision)
    if decision.kind != "none":
        return suspicion.second_opinion(scene, decision, heard)
    unheard = checking.unheard(scene, heard)
    if unheard is not None and decision.suspicion != "danger":
        return unheard
    if unheard is not None and unheard.private:
        # A report of a smuggler smells of danger; the numbers stand behind the next question.
        line = scene.composer.notice("if-danger")
        return replace(unheard, replies=scene.composer.followed_by(unheard.replies, line))
    if decision.suspicion == "danger" and heard.band in ("choice", "unknown"):
        return suspicion.faint(scene, decision, heard)
    if heard.band == "act" and heard.act:
        return act(scene, heard.act, heard.confidence, heard.candidates)
    if commands.wishes_news(message.text, scene.catalogue):
        return ask_for_news(scene, heard.confidence, heard.candidates)
    published = scene.catalogue.topic(heard.topic) if heard.band == "answer" else None
    if published is None:
        return suspicion.unsure(scene, heard)
    if (
        decision.suspicion == "danger"
        and heard.confidence < suspicion.KNOWN
        and not published.urgent
    ):
        return suspicion.with_numbers(scene, published, heard)
    return answer(scene, published, heard.confidence, ids(heard))
