""" "Tell me when there is news": on the topic named, on the one talked about, or on one to choose.

Which topic it was stands in the reply, with the words by which all news ends.
"""

from collections.abc import Sequence
from dataclasses import replace

from api.reply import state
from api.reply.compose import MOST_CHOICES
from api.reply.lists import TELL_NEWS, tell_news
from api.reply.scene import Scene, Turn

NAMED = 0.15
"""Confidence from which a topic counts as named by the wish itself: the words of the wish have
taken most of it."""


def ask_for_news(
    scene: Scene, confidence: float, candidates: Sequence[tuple[str, float]] = ()
) -> Turn:
    """News on the one topic that is meant; a list where that is not clear."""
    topic, how_sure = next(iter(candidates), (None, 0.0))
    last = scene.pending.last_topic
    if topic is not None and how_sure >= NAMED and _may_be_told(scene, topic):
        return tell_news(scene, topic, confidence)
    if last is not None and _may_be_told(scene, last):
        return tell_news(scene, last, confidence)
    offered = [*(one for one, _ in candidates[:MOST_CHOICES]), *scene.catalogue.menu]
    listed = tuple(dict.fromkeys(one for one in offered if _may_be_told(scene, one)))
    composed = scene.composer.choice(
        "news-which", listed[: len(scene.catalogue.menu)], "menu-outro"
    )
    pending = scene.choosing(composed, last_topic=last)
    if composed.offered:
        pending = replace(pending, kind="news")
    return scene.end("act", composed, topic=TELL_NEWS, confidence=confidence, pending=pending)


def leave_news(scene: Scene) -> Turn:
    """No more news, on any topic. What was pending stays so."""
    return scene.end(
        "act",
        scene.composer.say("news-off"),
        topic="no-news",
        confidence=1.0,
        pending=scene.pending if scene.pending.kind != "news" else state.Pending(),
        leave_news=True,
    )


def _may_be_told(scene: Scene, topic_id: str) -> bool:
    """Who is in danger needs help now and no news; what is not published has none."""
    published = scene.catalogue.topic(topic_id)
    return published is not None and not published.urgent
