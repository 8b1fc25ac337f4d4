"""New variants of a draft that another topic lays claim to."""

from collections.abc import Iterator

from api.bot_client import TrialBot
from api.content.catalogue import Catalogue
from api.content.documents import TopicOrAct
from api.content.lint.near import near_variants
from api.trial.golden_report import Collision

SURELY_ELSEWHERE = 0.5
"""Probability from which the nearest topic is worth a word when the bot itself was not sure."""

MOST_VARIANTS = 400


def new_variants(before: Catalogue, after: Catalogue, topic_id: str) -> list[tuple[str, str]]:
    """(language, text) of each variant that is not published under this topic."""
    published = before.topics.get(topic_id)
    known = _texts(published.document) if published else set()
    document = after.topics[topic_id].document
    return [
        (language, text)
        for language, texts in document.variants.items()
        for text in texts
        if text not in known
    ]


def claimed(bot: TrialBot, topic_id: str, variants: list[tuple[str, str]]) -> Iterator[Collision]:
    """Variants that the bot, which has not learnt them yet, takes for another topic.

    Asked of the index in use: the draft's own would find each of them word for word.

    Raises:
        BotUnavailable: the bot did not answer.
    """
    for language, text in variants[:MOST_VARIANTS]:
        heard = bot.look(text).turn
        if heard.band == "act" and heard.act and heard.act != topic_id:
            yield Collision("answered", language, text, heard.act, "", heard.confidence)
        elif heard.candidates:
            nearest, confidence = heard.candidates[0]
            if nearest == topic_id:
                continue
            if heard.band == "answer":
                yield Collision("answered", language, text, nearest, "", confidence)
            elif confidence >= SURELY_ELSEWHERE:
                yield Collision("nearest", language, text, nearest, "", confidence)


def alike(after: Catalogue, topic_id: str, variants: list[tuple[str, str]]) -> Iterator[Collision]:
    """New variants that another topic has, or nearly has. Takes seconds of computing."""
    wanted = set(variants)
    if not wanted:
        return
    documents = {name: item.document for name, item in after.topics.items()}
    for remark in near_variants(documents):
        if remark.also is None or topic_id not in (remark.file, remark.also[0]):
            continue
        places = [(remark.file, remark.place), remark.also]
        places.sort(key=lambda place: place[0] != topic_id)
        (_, mine), (other, theirs) = places
        language, text = _text(documents[topic_id], mine)
        if (language, text) in wanted:
            kind = "same" if remark.is_fault else "near"
            yield Collision(kind, language, text, other, _text(documents[other], theirs)[1])


def _texts(document: TopicOrAct) -> set[str]:
    return {text for texts in document.variants.values() for text in texts}


def _text(document: TopicOrAct, place: tuple[str | int, ...]) -> tuple[str, str]:
    _, language, number = place
    return str(language), document.variants[language][number]  # type: ignore[index]
