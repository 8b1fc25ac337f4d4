"""One turn: what a person sent -> what is said, what is remembered, who is told.

The order is the promise. Danger is looked for first, in every message, without the bot and
even after an opt-out; then what must be refused; then what a message means as a whole; only
then is the bot asked. Nothing here touches the store.
"""

from dataclasses import replace

from api.bot_client import Bot, BotTurn
from api.channels.base import Kind, Limits, OptOut
from api.content.catalogue import Catalogue
from api.errors import BotUnavailable
from api.messages.contacts import Conversation
from api.messages.inbox import Received, Understood
from api.reply import commands, state
from api.reply.acts import act
from api.reply.compose import Composer
from api.reply.lists import answer, choice, ids, more, offer, offer_help, speak, unknown
from api.reply.scene import Scene, Ticket, Turn
from api.safety.check import Decision, SafetyCheck
from spelling import identify

LIKELY = 0.9
"""Confidence from which likeness to danger alone is answered with the emergency answer, unless
the bot is sure of a topic. Words that an editor put together need no second opinion."""

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


def decide(
    message: Received,
    conversation: Conversation,
    catalogue: Catalogue,
    safety: SafetyCheck,
    bot: Bot,
    limits: Limits,
) -> Turn:
    """Decide one turn.

    Raises:
        BotUnavailable: the bot was needed and gave no answer; the turn is tried again.
    """
    language, language_last = _language(message, conversation)
    scene = Scene(
        message=message,
        conversation=conversation,
        catalogue=catalogue,
        composer=Composer(catalogue, language, limits),
        bot=bot,
        pending=state.load(conversation.state),
        language_last=language_last,
    )
    decision = safety.check(message.text)
    if decision.kind == "danger" and (decision.by_pattern or conversation.opted_out):
        return _danger(scene, decision)
    for step in (_provider_opt_out, _opt_out_words, _silence):
        turn = step(scene)
        if turn is not None:
            return turn
    if decision.kind == "refuse" and decision.by_pattern:
        return _refuse(scene, decision)
    for step in (_nothing_to_read, _command, choice, _language_name):
        turn = step(scene)
        if turn is not None:
            return turn
    return _ask_bot(scene, decision)


def give_up(
    message: Received, conversation: Conversation, catalogue: Catalogue, limits: Limits
) -> Turn:
    """After the last try: say honestly that it did not work, and hand over to a human."""
    language, language_last = _language(message, conversation)
    composer = Composer(catalogue, language, limits)
    return Turn(
        replies=() if conversation.opted_out else (composer.say("trouble").reply,),
        understood=Understood("trouble", language=language),
        state=dict(conversation.state),
        language_last=language_last,
        ticket=Ticket("trouble"),
    )


def _language(message: Received, conversation: Conversation) -> tuple[str, str | None]:
    """(language of the reply, language to remember).

    The person's explicit choice; else what this message shows; else what the last one was.
    """
    guess = identify(message.text)
    last = guess.language if guess.sure else None
    chosen = conversation.language_chosen
    if chosen:
        return chosen, last
    return (last or conversation.language_last or guess.language or DEFAULT_LANGUAGE), last


def _danger(scene: Scene, decision: Decision) -> Turn:
    published = scene.catalogue.topic(decision.topic) or scene.catalogue.topic(
        "emergency-numbers-pakistan"
    )
    if published is not None:
        composed = scene.composer.topic(published, after=scene.composer.notice("human-told"))
    else:
        composed = scene.composer.say("trouble")
    return scene.end(
        "answer",
        replace(composed, reply=replace(composed.reply, urgent=True)),
        topic=published.document.id if published else decision.topic,
        confidence=decision.confidence,
        urgent=True,
        pending=state.Pending(more=composed.more, last_topic=decision.topic),
        ticket=Ticket("danger", decision.category),
    )


def _provider_opt_out(scene: Scene) -> Turn | None:
    """The provider has already answered STOP, START or HELP: we only keep the flag."""
    word = scene.message.answered_by_provider
    if word is OptOut.NONE:
        return None
    opted_out = {OptOut.STOP: True, OptOut.START: False}.get(word)
    return scene.end("act", None, topic="stop", opted_out=opted_out)


def _opt_out_words(scene: Scene) -> Turn | None:
    command = commands.recognise(scene.message.text, scene.catalogue)
    if command == "stop":
        if scene.conversation.opted_out:
            return scene.end("act", None, topic="stop")
        return scene.end("act", scene.composer.say("opted-out"), topic="stop", opted_out=True)
    if command == "start" and scene.conversation.opted_out:
        return scene.end("act", scene.composer.say("opted-in"), topic="start", opted_out=False)
    return None


def _silence(scene: Scene) -> Turn | None:
    return scene.end("act", None, topic="opted-out") if scene.conversation.opted_out else None


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
    act_id = _ACT_OF_COMMAND.get(command or "")
    return act(scene, act_id, 1.0) if act_id else None


def _language_name(scene: Scene) -> Turn | None:
    code = commands.language(scene.message.text, scene.catalogue)
    return speak(scene, code) if code else None


def _without_second_opinion(scene: Scene, decision: Decision) -> Turn:
    return _danger(scene, decision) if decision.kind == "danger" else _refuse(scene, decision)


def _second_opinion(scene: Scene, decision: Decision, heard: BotTurn) -> Turn:
    """The safety check suspects something and is not sure: the bot may know the question.

    A strong suspicion of danger gets the emergency answer, and behind it what else it may have
    been to choose from. Else a topic that the bot is sure of is answered, with the emergency
    numbers behind it; where the bot is not sure either, a request is refused, and a suspicion
    of danger gets the numbers at once and the emergency topic first in a list.
    """
    danger = decision.kind == "danger"
    published = scene.catalogue.topic(heard.topic) if heard.band == "answer" else None
    if published is not None and not (danger and decision.confidence >= LIKELY):
        line = scene.composer.notice("if-danger") if danger and not published.urgent else ""
        return answer(scene, published, heard.confidence, ids(heard), after=line)
    emergency = scene.catalogue.topic(decision.topic) if danger else None
    if emergency is None:
        return _without_second_opinion(scene, decision)
    if decision.confidence < LIKELY:
        return offer_help(scene, emergency, heard)
    ticket = Ticket("danger", decision.category)
    return replace(offer_help(scene, emergency, heard, at_once=True), ticket=ticket)


def _faint(scene: Scene, decision: Decision, heard: BotTurn) -> Turn:
    """Nobody knows what it is, and it has a little of danger or of a request to refuse."""
    if decision.suspicion == "refuse":
        return _refuse(scene, decision)
    emergency = scene.catalogue.topic(decision.topic)
    return offer_help(scene, emergency, heard) if emergency else _without(scene, heard)


def _without(scene: Scene, heard: BotTurn) -> Turn:
    if heard.band == "choice":
        return offer(scene, heard)
    return unknown(scene, ids(heard), heard.confidence)


def _refuse(scene: Scene, decision: Decision) -> Turn:
    composed = scene.composer.say(decision.notice or "refuse-smuggler")
    return scene.end("act", composed, topic="refuse-facilitation", confidence=decision.confidence)


def _ask_bot(scene: Scene, decision: Decision) -> Turn:
    message = scene.message
    try:
        heard = scene.bot.ask(scene.conversation.key, str(message.id), message.text, scene.language)
    except BotUnavailable:
        if decision.kind == "none":
            raise
        return _without_second_opinion(scene, decision)
    if decision.kind != "none":
        return _second_opinion(scene, decision, heard)
    if decision.suspicion and heard.band in ("choice", "unknown"):
        return _faint(scene, decision, heard)
    if heard.band == "act" and heard.act:
        return act(scene, heard.act, heard.confidence)
    published = scene.catalogue.topic(heard.topic) if heard.band == "answer" else None
    if published is not None:
        return answer(scene, published, heard.confidence, ids(heard))
    if heard.band == "choice" or (heard.band == "answer" and heard.candidates):
        return offer(scene, heard)
    return unknown(scene, ids(heard), heard.confidence)
