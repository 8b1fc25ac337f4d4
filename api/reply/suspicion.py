"""What follows when the safety check has found or suspects something.

What is found in words that an editor put together is answered as it is. Likeness alone is a
guess: the bot is asked, too, and the two opinions are weighed here.
"""

from dataclasses import replace

from api.bot_client import BotTurn
from api.content.catalogue import Published
from api.reply import commands, state
from api.reply.acts import REFUSE, act
from api.reply.lists import answer, ids, offer, offer_help, unknown
from api.reply.news import ask_for_news
from api.reply.scene import Scene, Ticket, Turn
from api.safety.check import Decision

LIKELY = 0.9
"""Confidence from which likeness to danger alone is answered with the emergency answer, unless
the bot knows better. Danger in words that an editor put together needs no second opinion."""

KNOWN = 0.95
"""Confidence from which the bot knows a harmless question better than likeness and refusals do."""

HARDLY = 0.75
"""Confidence of likeness to a request up to which the bot's own doubt is believed instead."""


def danger(scene: Scene, decision: Decision) -> Turn:
    """The emergency answer, at once; a human is told."""
    published = scene.catalogue.topic(decision.topic) or scene.catalogue.topic(
        "emergency-numbers-pakistan"
    )
    if published is not None:
        told = scene.composer.notice("human-told")
        composed = scene.composer.topic(published, after=told, danger=True)
    else:
        composed = scene.composer.say("trouble")
    topic = published.document.id if published else decision.topic
    return scene.end(
        "answer",
        replace(composed, reply=replace(composed.reply, urgent=True)),
        topic=topic,
        confidence=decision.confidence,
        urgent=True,
        pending=state.Pending(more=composed.more, last_topic=topic),
        ticket=Ticket("danger", decision.category),
    )


def without_second_opinion(scene: Scene, decision: Decision) -> Turn:
    """The bot is away: the guess holds."""
    return danger(scene, decision) if decision.kind == "danger" else refuse(scene, decision)


def second_opinion(scene: Scene, decision: Decision, heard: BotTurn) -> Turn:
    """The safety check suspects something and is not sure: the bot may know the question.

    Only likeness suspects in vain; words that an editor put together are refused unless the bot
    knows the message all but for certain.
    """
    published = scene.catalogue.topic(heard.topic) if heard.band == "answer" else None
    if decision.kind == "danger":
        return _perhaps_danger(scene, decision, heard, published)
    if published is not None and heard.confidence >= KNOWN:
        return answer(scene, published, heard.confidence, ids(heard))
    weak = not decision.by_pattern and decision.confidence < LIKELY
    if heard.act and heard.band == "act" and (weak or heard.confidence >= KNOWN):
        return act(scene, heard.act, heard.confidence, heard.candidates)
    if weak and commands.wishes_news(scene.message.text, scene.catalogue):
        return ask_for_news(scene, heard.confidence, heard.candidates)
    if weak and (heard.band == "unknown" or decision.confidence < HARDLY):
        return unsure(scene, heard)
    return refuse(scene, decision)


def _perhaps_danger(
    scene: Scene, decision: Decision, heard: BotTurn, published: Published | None
) -> Turn:
    """Likeness to danger, and what the bot makes of it.

    Where the bot, too, hears an emergency, its topic is the answer. Where it knows a harmless
    question well, that is answered, with the emergency numbers behind it. Else a strong suspicion
    gets the emergency answer, and behind it what else it may have been to choose from; a weak one
    the numbers at once and the emergency topic first in a list.
    """
    strong = decision.confidence >= LIKELY
    if published is not None:
        if published.urgent and strong:
            return danger(scene, replace(decision, topic=published.document.id))
        known = heard.confidence >= KNOWN and not decision.certain
        if known or not strong:
            return with_numbers(scene, published, heard)
    if heard.act == "talk-to-person" and not strong:
        return act(scene, heard.act, heard.confidence)  # its words name the emergency numbers
    emergency = scene.catalogue.topic(decision.topic)
    if emergency is None:
        return danger(scene, decision)
    if not strong:
        return offer_help(scene, emergency, heard)
    told = scene.composer.notice("human-told")
    turn = offer_help(scene, emergency, heard, at_once=told)
    return replace(turn, ticket=Ticket("danger", decision.category))


def with_numbers(scene: Scene, published: Published, heard: BotTurn) -> Turn:
    """The answer of a topic, and the emergency numbers behind it unless it names them itself."""
    line = "" if published.urgent else scene.composer.notice("if-danger")
    return answer(scene, published, heard.confidence, ids(heard), after=line, urgent=True)


def faint(scene: Scene, decision: Decision, heard: BotTurn) -> Turn:
    """Nobody knows what it is, and it has a little of danger: the numbers, then a list."""
    emergency = scene.catalogue.topic(decision.topic)
    return offer_help(scene, emergency, heard) if emergency else unsure(scene, heard)


def unsure(scene: Scene, heard: BotTurn) -> Turn:
    """No topic to answer: offer what it may be, as far as there is something to offer.

    Candidates of an unknown question are too far off; those of an answer that was withdrawn
    meanwhile are the next best.
    """
    if heard.band == "choice" or (heard.band == "answer" and heard.candidates):
        return offer(scene, heard)
    return unknown(scene, ids(heard), heard.confidence, heard.about)


def refuse(scene: Scene, decision: Decision) -> Turn:
    """What we do not help with, the risk, and the legal way."""
    composed = scene.composer.say(decision.notice or "refuse-smuggler")
    return scene.end(
        "act",
        composed,
        topic=REFUSE,
        confidence=decision.confidence,
        pending=state.Pending(),
    )
