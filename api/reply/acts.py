"""Conversational acts: what people say that is not a question on a topic."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from api.reply import away, commands, state, tapping
from api.reply.compose import MOST_CHOICES, Composed
from api.reply.lists import TELL_NEWS, menu, speak, unknown
from api.reply.news import ask_for_news
from api.reply.scene import Scene, Ticket, Turn

NOT_HELPFUL = "answer-not-helpful"
REFUSE = "refuse-facilitation"


def act(
    scene: Scene,
    act_id: str,
    confidence: float,
    candidates: Sequence[tuple[str, float]] = (),
) -> Turn:
    """The reply to an act; most are the words of its document.

    Args:
        candidates: (topic, confidence) of topics that the same message may be about.
    """
    if act_id == TELL_NEWS:
        return ask_for_news(scene, confidence, candidates)
    special = _SPECIAL.get(act_id)
    return special(scene, confidence) if special else _told(scene, act_id, confidence)


def _told(
    scene: Scene, act_id: str, confidence: float, pending: state.Pending | None = None
) -> Turn:
    published = scene.catalogue.act(act_id)
    if published is None:
        return unknown(scene, (), confidence)
    composed = scene.composer.topic(published)
    return scene.end("act", composed, topic=act_id, confidence=confidence, pending=pending)


def _change_language(scene: Scene, confidence: float) -> Turn:
    code = commands.language_within(scene.message.text, scene.catalogue)
    if code:
        return speak(scene, code)
    asked = _with_all(scene, scene.composer.say("language-ask"))
    names = [
        (tapping.LANGUAGE + code, form.name) for code, form in scene.catalogue.languages.items()
    ]
    return scene.end(
        "act",
        replace(asked, reply=scene.composer.tappable(asked.reply, names)),
        topic="change-language",
        confidence=confidence,
        pending=state.Pending(
            "languages",
            tuple(scene.catalogue.languages),
            last_topic=scene.pending.last_topic,
            left=scene.pending.left,
        ),
    )


def _with_all(scene: Scene, asked: Composed) -> Composed:
    """Languages that editors have added since the question was written stand below it."""
    shown = asked.reply.text.splitlines()
    names = [form.name for form in scene.catalogue.languages.values()]
    missing = [
        line
        for number, name in enumerate(names, start=1)
        if not any(one.startswith(f"{number}.") for one in shown)
        for line in (f"{number}. {name}",)
    ]
    text = "\n".join([*shown, *missing])
    return replace(asked, reply=replace(asked.reply, text=text))


def _human(scene: Scene, confidence: float) -> Turn:
    turn = replace(_told(scene, "talk-to-person", confidence), ticket=Ticket("asked"))
    return away.tell(scene, turn)


def _not_helpful(scene: Scene, confidence: float) -> Turn:
    """ "No, the other one": what else the last question may have meant, a few at a time.

    When nothing is left the words of the act say so and name the human.
    """
    pending = scene.pending
    # After a list nothing was answered that somebody could dislike.
    disliked = pending.last_topic if pending.kind in ("none", "helped") else None
    composed = scene.composer.choice(
        "not-helpful-intro", pending.left[:MOST_CHOICES], "choice-outro"
    )
    if composed.offered:
        turn = scene.end(
            "act",
            composed,
            topic=NOT_HELPFUL,
            confidence=confidence,
            pending=scene.choosing(composed, pending.left),
        )
    else:
        turn = _told(scene, NOT_HELPFUL, confidence, state.Pending())
    return replace(turn, disliked=disliked)


def _stop(scene: Scene, confidence: float) -> Turn:
    return scene.end(
        "act",
        scene.composer.say("opted-out"),
        topic="stop",
        confidence=confidence,
        opted_out=True,
        pending=state.Pending(),
    )


def _refuse(scene: Scene, confidence: float) -> Turn:
    # "And how much?" after a refusal is about what was refused.
    return _told(scene, REFUSE, confidence, state.Pending())


def _erase(scene: Scene, confidence: float) -> Turn:
    return scene.end(
        "act",
        scene.composer.say("erased"),
        topic="delete-my-data",
        confidence=confidence,
        erase=True,
        pending=state.Pending(),
    )


_SPECIAL: dict[str, Callable[[Scene, float], Turn]] = {
    "menu": menu,
    "change-language": _change_language,
    "talk-to-person": _human,
    NOT_HELPFUL: _not_helpful,
    REFUSE: _refuse,
    "stop": _stop,
    "delete-my-data": _erase,
}
