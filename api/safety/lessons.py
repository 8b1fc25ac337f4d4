"""What published content teaches the safety check, beside its own files."""

from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from api.content.catalogue import Catalogue, Published
from api.log import get_logger
from api.safety import keeping
from api.safety.check import SafetyCheck
from api.safety.phrases import Phrases, load

log = get_logger(__name__)

REFUSED = "refuse-facilitation"
MOST_OF_ONE = 30
"""Variants of one topic in one language that are learnt, evenly from all: more cost seconds at
every start and find the same."""

_TEACH_NOTHING = frozenset({"voice", "yes", "no"})
"""Answers to a question of ours. "No" stands in half of all cries for help."""


@dataclass(frozen=True)
class Lessons:
    """Texts by what they teach.

    Attributes:
        harmless: questions that are no emergency and need no refusal.
        urgent: by topic, how people ask the topics that a danger is answered with.
        refused: how people ask for what is refused.
    """

    harmless: tuple[str, ...]
    urgent: dict[str, tuple[str, ...]]
    refused: tuple[str, ...]


def lessons(catalogue: Catalogue, phrases: Phrases) -> Lessons:
    """Sort the variants of everything that is published."""
    answered = phrases.topics
    return Lessons(
        harmless=(
            *(
                text
                for item in catalogue.topics.values()
                if item.document.id not in answered and item.document.id != REFUSED
                for text in _texts(item)
            ),
            *(
                word
                for command in catalogue.commands.values()
                if command.id not in _TEACH_NOTHING
                for word in command.words
            ),
        ),
        # In one order: what is learnt from the same content is the same at every start.
        urgent={
            name: _texts(catalogue.topics[name])
            for name in sorted(answered & set(catalogue.topics))
        },
        refused=_texts(catalogue.topics[REFUSED]) if REFUSED in catalogue.topics else (),
    )


def learnt_from(
    content_dir: Path, catalogue: Catalogue, kept_in: Path | None = None
) -> SafetyCheck:
    """The safety check of a content folder, with the lessons of what is published.

    Args:
        kept_in: a file where what was learnt is kept for the next start.

    Raises:
        ContentError: the safety files break a rule; every fault names file and line.
    """
    phrases = load(content_dir / "safety")
    found = lessons(catalogue, phrases)
    given = (phrases, found.harmless, found.urgent, found.refused)
    if kept_in is None:
        return SafetyCheck(*given)
    mark = keeping.fingerprint(content_dir, found)
    learnt = keeping.read(kept_in, mark)
    if learnt is None:
        _learn_apart(content_dir, found, kept_in, mark)
        learnt = keeping.read(kept_in, mark)
    if learnt is not None:
        try:
            return SafetyCheck(*given, learnt)
        except (KeyError, ValueError):
            log.warning("safety_not_read", error="not what was written")
    check = SafetyCheck(*given)
    keeping.write(kept_in, mark, check.learnt)
    return check


def _learn_apart(content_dir: Path, found: Lessons, kept_in: Path, mark: str) -> None:
    """Learn in a process of its own: the 50 MB that it takes for good go away with it."""
    # Spawned: a fork of a process with threads may stand still for ever.
    process = get_context("spawn").Process(
        target=_learn_and_keep, args=(content_dir, found, kept_in, mark), daemon=True
    )
    process.start()
    process.join()
    if process.exitcode:
        log.warning("safety_not_learnt_apart", exit_code=process.exitcode)


def _learn_and_keep(content_dir: Path, found: Lessons, kept_in: Path, mark: str) -> None:
    phrases = load(content_dir / "safety")
    check = SafetyCheck(phrases, found.harmless, found.urgent, found.refused)
    keeping.write(kept_in, mark, check.learnt)


def _texts(item: Published) -> tuple[str, ...]:
    # "no, the other one", "ok then": what people say between questions, and what is none of our
    # business, has no subject in common, so all of it teaches.
    most = MOST_OF_ONE if item.kind == "topic" else None
    return tuple(
        text
        for texts in item.document.variants.values()
        for text in texts[:: max(1, -(-len(texts) // most)) if most else 1]
    )
