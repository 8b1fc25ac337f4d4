"""Answers and the lists that lead to them: a topic, up to three titles, the menu, the next part."""

from contextlib import suppress
from dataclasses import replace

from api.bot_client import BotTurn
from api.channels.content_shapes import MOST_ROWS
from api.content.catalogue import Published
from api.errors import BotUnavailable
from api.reply import checking, commands, state, tapping
from api.reply.check_entry import check_of, invitation, on_the_menu
from api.reply.compose import MOST_CHOICES, Composer
from api.reply.scene import Scene, Turn

TELL_NEWS = "tell-me-news"


def answer(
    scene: Scene,
    published: Published,
    confidence: float,
    candidates: tuple[str, ...] = (),
    after: str = "",
    *,
    urgent: bool = False,
) -> Turn:
    """The answer of a topic, with a notice behind it when there is one.

    Args:
        urgent: it may be a danger now, though the topic is not one.
    """
    check = check_of(published)
    if check is not None and not urgent and not scene.composer.withheld(published.document.id):
        return checking.begin(scene, published, check, confidence)
    after = after or invitation(scene, published.document.id)
    composed = scene.composer.topic(published, after=after)
    urgent = urgent or published.urgent
    topic = published.document.id
    return scene.end(
        "answer",
        composed,
        topic=topic,
        confidence=confidence,
        candidates=candidates,
        urgent=urgent,
        pending=state.Pending(
            more=composed.more,
            last_topic=topic,
            left=tuple(other for other in candidates if other != topic),
        ),
    )


def offer(scene: Scene, heard: BotTurn) -> Turn:
    """We are not sure: up to three titles to choose from."""
    composed = scene.composer.choice("choice-intro", ids(heard)[:MOST_CHOICES], "choice-outro")
    outcome = "choice" if composed.offered else "fallback"
    return scene.end(
        outcome,
        composed,
        confidence=heard.confidence,
        candidates=composed.offered,
        urgent=any(
            published.urgent
            for topic in composed.offered
            if (published := scene.catalogue.topic(topic)) is not None
        ),
        pending=scene.choosing(composed, ids(heard), heard.about),
    )


def offer_help(
    scene: Scene, emergency: Published, heard: BotTurn, *, at_once: str | None = None
) -> Turn:
    """It may be a cry for help: emergency numbers, and that topic before the bot's own guesses.

    Args:
        at_once: the emergency answer itself stands first with this notice, and the list behind it.
    """
    topic_id = emergency.document.id
    others = [topic for topic in ids(heard) if topic != topic_id]
    listed = (topic_id, *others)[:MOST_CHOICES]
    intro = "danger-intro" if at_once is None else "danger-else"
    composed = scene.composer.choice(intro, listed, "choice-outro")
    if at_once is not None:
        helped = scene.composer.topic(emergency, after=at_once, danger=True)
        composed = scene.composer.both(helped, composed)
    composed = replace(composed, reply=replace(composed.reply, urgent=True))
    return scene.end(
        "choice" if composed.offered else "answer",
        composed,
        topic=None if composed.offered else topic_id,
        confidence=heard.confidence,
        candidates=composed.offered,
        urgent=True,
        pending=scene.choosing(composed, tuple(others), None if at_once is None else topic_id),
    )


def unknown(
    scene: Scene, candidates: tuple[str, ...], confidence: float, about: str | None = None
) -> Turn:
    """We do not know: say so, show what there is by number, and name the human.

    Args:
        about: what the conversation is still about.
    """
    composed = scene.composer.choice("unknown-intro", _on_the_menu(scene), "menu-outro")
    return scene.end(
        "fallback",
        composed,
        confidence=confidence,
        candidates=candidates,
        pending=scene.choosing(composed, last_topic=about),
    )


def menu(scene: Scene, confidence: float) -> Turn:
    """What can be asked, by number."""
    composed = scene.composer.choice("menu-intro", _on_the_menu(scene), "menu-outro")
    return scene.end(
        "act",
        composed,
        topic="menu",
        confidence=confidence,
        pending=scene.choosing(composed, last_topic=scene.pending.last_topic),
    )


def _on_the_menu(scene: Scene) -> tuple[str, ...]:
    """The menu says "I can help with these": what is too old to be given is not on it."""
    checks = [one for one in on_the_menu(scene.catalogue) if not scene.composer.withheld(one)]
    topics = [
        topic
        for topic in scene.catalogue.menu
        if topic not in checks and not scene.composer.withheld(topic)
    ]
    return (*topics[: MOST_ROWS - len(checks)], *checks)  # so that all of it can be tapped


def ids(heard: BotTurn) -> tuple[str, ...]:
    """The candidates' ids, best first."""
    return tuple(topic for topic, _ in heard.candidates)


def more(scene: Scene) -> Turn:
    """The next part of an SMS answer, unless that answer was withdrawn meanwhile."""
    topic = scene.pending.last_topic
    withdrawn = topic is not None and scene.catalogue.topic(topic) is None
    if withdrawn or not scene.pending.more:
        return scene.end("act", scene.composer.say("no-more"), topic="more", pending=scene.pending)
    composed = scene.composer.part(scene.pending.more)
    return scene.end(
        "act", composed, topic="more", pending=replace(scene.pending, more=composed.more)
    )


def tapped(scene: Scene) -> Turn | None:
    """A button or a row was tapped, perhaps one of an older list: its id says what is meant."""
    message = scene.message
    code = tapping.language(message, scene.catalogue)
    if code:
        return speak(scene, code)
    topic = message.choice if scene.catalogue.topic(message.choice) else None
    if topic is None:
        return None
    return _picked(scene, topic) if topic in scene.pending.items else chosen(scene, topic)


def choice(scene: Scene) -> Turn | None:
    """A number or the words of a title, after a list was shown."""
    message, pending = scene.message, scene.pending
    if pending.kind not in ("topics", "languages", "news", "heard"):
        return None
    number = commands.number(message.text)
    if number is not None:
        if not 1 <= number <= len(pending.items):
            return scene.end(
                "act", scene.composer.say("no-such-number"), topic="choice", pending=pending
            )
        item = pending.items[number - 1]
        return _picked(scene, item)
    if pending.kind in ("topics", "news"):
        titles = {
            item: tuple(answer.title for answer in published.document.answers.values())
            for item in pending.items
            if (published := scene.catalogue.topic(item)) is not None
        }
        item = commands.chosen_title(tapping.untapped(message.text), titles) or ""
        return _picked(scene, item) if item else None
    return None


def _picked(scene: Scene, item: str) -> Turn:
    """What the item means in the list that is shown."""
    if scene.pending.kind == "languages":
        return speak(scene, item)
    return tell_news(scene, item, 1.0) if scene.pending.kind == "news" else chosen(scene, item)


def chosen(scene: Scene, topic_id: str) -> Turn:
    """The topic that a person picked from a list."""
    published = scene.catalogue.topic(topic_id)
    if published is None:
        return unknown(scene, (), 0.0)
    # A number needs nobody to understand it; the bot hears of it with the next question, too.
    with suppress(BotUnavailable):
        scene.bot.tell_choice(scene.conversation.key, str(scene.message.id), topic_id)
    pending = scene.pending
    beside = pending.items if pending.kind == "topics" else ()
    return answer(scene, published, 1.0, (*beside, *pending.left))


def tell_news(scene: Scene, topic_id: str, confidence: float) -> Turn:
    """From now on the person hears when there is something new on a topic, and how to leave."""
    published = scene.catalogue.topic(topic_id)
    if published is None:
        return unknown(scene, (), 0.0)
    title = published.answer(scene.language).title
    return scene.end(
        "act",
        scene.composer.say("news-on", title=title),
        topic=TELL_NEWS,
        confidence=confidence,
        pending=state.Pending(last_topic=topic_id),
        news_on=topic_id,
    )


def speak(scene: Scene, code: str) -> Turn:
    """From now on in this language, whatever is written."""
    composer = Composer(scene.catalogue, code, scene.composer.limits)
    return scene.end(
        "act", composer.say("language-set"), topic="change-language", language_chosen=code
    )
