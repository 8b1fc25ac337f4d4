"""How the check does on messages that it did not learn from: k-fold cross-validation.

Each fold leaves out a part of the examples, of the near misses and of the harmless questions,
learns from the rest, and judges what was left out. Patterns and word groups stay: they are
rules, not learnt. A language form is never a fold of its own, so that a message and its
sister in another script, which editors often write side by side, fall into one fold.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.safety.check import Decision, SafetyCheck
from api.safety.phrases import Category, Phrases


@dataclass(frozen=True)
class Judged:
    """A message that was left out, what it is ("danger", "refuse", "near miss", "harmless"),
    of which category and language, and what the check said."""

    text: str
    kind: str
    category: str
    language: str
    decision: Decision


def cross_validate(
    phrases: Phrases,
    harmless: Sequence[str],
    folds: int = 3,
    only: int | None = None,
    patterns: bool = True,
) -> list[Judged]:
    """Judge every message once (or those of one fold only), with or without patterns."""
    judged: list[Judged] = []
    for fold in range(folds) if only is None else (only,):

        def held(place: int, fold: int = fold) -> bool:
            return place % folds == fold

        categories = tuple(_without(c, held, patterns) for c in phrases.categories)
        check = SafetyCheck(
            replace(phrases, categories=categories),
            [text for place, text in enumerate(harmless) if not held(place)],
            {},
            (),
        )
        judged += [
            Judged(text, kind, category, language, check.check(text))
            for text, kind, category, language in _left_out(phrases, harmless, held)
        ]
    return judged


def share(
    judged: Sequence[Judged], kind: str, found: str, at_least: float = 0.5, **of: str
) -> float:
    """Which share of the messages of one kind was found to be `found`, with that confidence."""
    chosen = [
        one
        for one in judged
        if one.kind == kind and all(getattr(one, key) == value for key, value in of.items())
    ]
    hits = [
        one for one in chosen if one.decision.kind == found and one.decision.confidence >= at_least
    ]
    return len(hits) / max(1, len(chosen))


def _without(category: Category, held: Callable[[int], bool], patterns: bool) -> Category:
    def rest(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(text for place, text in enumerate(texts) if not held(place))

    return replace(
        category,
        patterns=category.patterns if patterns else (),
        examples={language: rest(texts) for language, texts in category.examples.items()},
        near_misses={language: rest(texts) for language, texts in category.near_misses.items()},
    )


def _left_out(
    phrases: Phrases, harmless: Sequence[str], held: Callable[[int], bool]
) -> Iterator[tuple[str, str, str, str]]:
    for category in phrases.categories:
        for kind, lists in (
            (category.kind, category.examples),
            ("near miss", category.near_misses),
        ):
            for language, texts in lists.items():
                for place, text in enumerate(texts):
                    if held(place):
                        yield text, kind, category.id, language
    for place, text in enumerate(harmless):
        if held(place):
            yield text, "harmless", "", ""
