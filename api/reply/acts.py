"""Conversational acts: what people say that is not a question on a topic."""

from collections.abc import Callable
from dataclasses import replace

from api.reply import commands, state
from api.reply.lists import menu, speak, unknown
from api.reply.scene import Scene, Ticket, Turn


def act(scene: Scene, act_id: str, confidence: float) -> Turn:
    """The reply to an act; most are the words of its document."""
    special = _SPECIAL.get(act_id)
    if special is not None:
        return special(scene, confidence)
    published = scene.catalogue.act(act_id)
    if published is None:
        return unknown(scene, (), confidence)
    return scene.end("act", scene.composer.topic(published), topic=act_id, confidence=confidence)


def _change_language(scene: Scene, confidence: float) -> Turn:
    code = commands.language_within(scene.message.text, scene.catalogue)
    if code:
        return speak(scene, code)
    return scene.end(
        "act",
        scene.composer.say("language-ask"),
        topic="change-language",
        confidence=confidence,
        pending=state.Pending("languages", tuple(scene.catalogue.languages)),
    )


def _human(scene: Scene, confidence: float) -> Turn:
    turn = _plain_act(scene, "talk-to-person", confidence)
    return replace(turn, ticket=Ticket("asked"))


def _not_helpful(scene: Scene, confidence: float) -> Turn:
    composed = scene.composer.choice("not-helpful-intro", scene.catalogue.menu, "menu-outro")
    return scene.end(
        "act",
        composed,
        topic="answer-not-helpful",
        confidence=confidence,
        pending=scene.choosing(composed),
    )


def _stop(scene: Scene, confidence: float) -> Turn:
    return scene.end(
        "act",
        scene.composer.say("opted-out"),
        topic="stop",
        confidence=confidence,
        opted_out=True,
    )


def _erase(scene: Scene, confidence: float) -> Turn:
    return scene.end(
        "act",
        scene.composer.say("erased"),
        topic="delete-my-data",
        confidence=confidence,
        erase=True,
        pending=state.Pending(),
    )


def _plain_act(scene: Scene, act: str, confidence: float) -> Turn:
    published = scene.catalogue.act(act)
    composed = scene.composer.topic(published) if published else scene.composer.say("unknown")
    return scene.end("act", composed, topic=act, confidence=confidence)


_SPECIAL: dict[str, Callable[[Scene, float], Turn]] = {
    "menu": menu,
    "change-language": _change_language,
    "talk-to-person": _human,
    "answer-not-helpful": _not_helpful,
    "stop": _stop,
    "delete-my-data": _erase,
}
