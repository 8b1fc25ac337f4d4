"""The safety check: danger now, a request to refuse, or neither.

It runs on every text message before the bot and without it. Two things find a danger, either
is enough: a pattern of word groups that an editor wrote, and likeness to the examples. It is
tuned towards help: a needless helpline costs a message, a missed cry can cost a life.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal

from api.metrics import stage
from api.safety.detector import Allowed, Array, Detector, Reading, Sample
from api.safety.matching import Hit, Lexicon, stand_near
from api.safety.phrases import (
    ABROAD,
    AT_HOME,
    LANGUAGES,
    Category,
    Kind,
    Pattern,
    Phrases,
    load,
)
from spelling import clean, words

_LONGEST = 4500  # WhatsApp carries 4,096 characters
# Of those at the edge about half do speak of danger ("they lock my sister in, what is this
# called?"). The wider share finds 6 more of 100 cries in messages never seen.
_ALLOWED: Mapping[Kind, Allowed] = {
    "danger": Allowed(found=0.04, sure=0.013),
    "refuse": Allowed(found=0.025, sure=0.01),
}
FAINT = 0.1
"""Confidence from which a message that was not found is still named as a suspicion."""

_BY_PATTERN = 0.99
_STRONG = 0.9
_CERTAIN = 0.98
_ALIKE = "alike: "
_NEAR_MISS = 3.0  # an editor wrote it down because it must not be taken for a danger
_SIGNS = {"\N{SQUARED SOS}": " sos "}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a message is.

    `topic` is the answer for a danger, `notice` the text for a refusal. `confidence` is at
    least 0.5 when the message was found, below when not; from 0.9 on only 1 of 100 other
    questions comes as far. `why` names patterns and the likeness, never words of the message,
    so it may be logged. A `none` with a `suspicion` names what it may faintly be.
    """

    kind: Literal["danger", "refuse", "none"]
    category: str
    topic: str | None
    notice: str | None
    confidence: float
    why: tuple[str, ...]
    suspicion: Kind | None = None

    @property
    def by_pattern(self) -> bool:
        """Whether words that an editor put together were found, not only likeness."""
        return any(not reason.startswith(_ALIKE) for reason in self.why)

    @property
    def certain(self) -> bool:
        """Whether likeness is next to complete, or words of an editor and likeness agree."""
        alike = any(reason.startswith(_ALIKE) for reason in self.why)
        return alike and (self.by_pattern or self.confidence >= _CERTAIN)


class SafetyCheck:
    """Loaded once when the content changes; `check` may be called from any thread."""

    def __init__(
        self,
        phrases: Phrases,
        harmless: Sequence[str],
        urgent: Mapping[str, Sequence[str]],
        refused: Sequence[str],
        learnt: Mapping[str, Array] | None = None,
    ) -> None:
        """Learn.

        Args:
            learnt: what an earlier one has `learnt` from the same; nothing is learnt then.

        Raises:
            KeyError, ValueError: `learnt` is something else.
        """
        others = {word for text in harmless for word in words(text)}
        self._lexicon = Lexicon(phrases.groups, phrases.same, others)
        self._categories = {category.id: category for category in phrases.categories}
        self._patterns: dict[Kind, list[tuple[frozenset[str], Category, Pattern]]] = {
            kind: [
                (frozenset(pattern.groups), category, pattern)
                for category in phrases.categories
                if category.kind == kind
                for pattern in category.patterns
            ]
            for kind in _ALLOWED
        }
        if learnt is None:
            self._detector = Detector(self._samples(harmless, urgent, refused), _ALLOWED)
        else:
            self._detector = Detector.of(learnt)

    @classmethod
    def from_files(
        cls,
        content_dir: Path,
        harmless: Sequence[str],
        urgent: Mapping[str, Sequence[str]] | None = None,
        refused: Sequence[str] = (),
    ) -> "SafetyCheck":
        """Read `content_dir/safety/` and learn from it.

        Args:
            content_dir: the content directory.
            harmless: how people ask all other topics, and the acts, of any language.
            urgent: how people ask the topics that a danger is answered with, by topic id
                (`Phrases.topics`). They are learnt as far as they are alike to danger.
            refused: how people ask for what the bot refuses (act `refuse-facilitation`).

        Raises:
            ContentError: the files break a rule; every fault names file and line.
        """
        return cls(load(content_dir / "safety"), harmless, urgent or {}, refused)

    @property
    def learnt(self) -> dict[str, Array]:
        """What was learnt, as arrays by name."""
        return self._detector.learnt

    @stage("safety")
    def check(self, text: str) -> Decision:
        """Decide on one message as it came, in any language; about 0.2 ms for 20 words."""
        reading = self._read(text)
        if not reading.words:
            return Decision("none", "", None, None, 0.0, ())
        found: list[Decision] = []
        faint: list[Decision] = []
        parts = self._detector.parts(reading)
        for kind in _ALLOWED:
            matched = self._matched(reading, kind)
            likeness = self._detector.likeness(parts, kind)
            alike = likeness.confidence >= 0.5
            if not matched and not alike:
                if likeness.confidence >= FAINT:
                    category = self._categories[likeness.categories[0]]
                    faint.append(_decision(category, reading, likeness.confidence, ()))
                continue
            best = next(name for name in likeness.categories if not matched or name in matched)
            confidence = max(likeness.confidence, _BY_PATTERN if matched else 0.0)
            why = [f"{name}: {pattern}" for name, pattern in matched.items()]
            why += [f"{_ALIKE}{likeness.categories[0]}"] if alike else []
            found.append(_decision(self._categories[best], reading, confidence, tuple(why)))
        surest = max(found, key=_rank, default=None)
        alarmed = bool(faint) and faint[0].kind == "danger"
        # A faint alarm does not outweigh a request that is plain.
        doubtful = alarmed and surest is not None and _rank(surest) == 0
        if surest is not None and not (doubtful and surest.confidence < _STRONG):
            return surest
        if faint:  # danger stands first here too
            suspicion: Kind = "danger" if faint[0].kind == "danger" else "refuse"
            return replace(faint[0], kind="none", suspicion=suspicion)
        return Decision("none", "", None, None, 0.0, ())

    def cries(self, text: str) -> bool:
        """Whether words that editors put together say danger: a fifth of the work of `check`, and
        not its whole ear."""
        return bool(self._matched(self._read(text), "danger"))

    def _read(self, text: str) -> Reading:
        text = clean(text, _LONGEST)
        for sign, word in _SIGNS.items():
            text = text.replace(sign, word)
        tokens = self._lexicon.read(text)
        return Reading(tokens, self._lexicon.find(tokens))

    def _matched(self, reading: Reading, kind: Kind) -> dict[str, str]:
        """The first pattern of each category that stands in the message."""
        places: defaultdict[str, list[Hit]] = defaultdict(list)
        for hit in reading.hits:
            places[hit.group].append(hit)
        matched: dict[str, str] = {}
        for needed, category, pattern in self._patterns[kind]:
            if (
                needed <= places.keys()
                and category.id not in matched
                and stand_near(pattern.groups, pattern.without, places, category.near)
            ):
                matched[category.id] = str(pattern)
        return matched

    def _samples(
        self,
        harmless: Sequence[str],
        urgent: Mapping[str, Sequence[str]],
        refused: Sequence[str],
    ) -> Iterator[Sample]:
        of_topic: defaultdict[str | None, list[str]] = defaultdict(list)
        for category in self._categories.values():
            of_topic[category.topic].append(category.id)
            for text in _learnt(category.examples):
                yield Sample(self._read(text), category.kind, category.id)
            for text in _learnt(category.near_misses):
                yield Sample(self._read(text), None, None, weight=_NEAR_MISS)
        for topic, texts in urgent.items():
            owner = of_topic[topic][0] if len(of_topic[topic]) == 1 else None
            for text in texts:
                yield Sample(self._read(text), "danger", owner, sure=False)
        for text in refused:
            yield Sample(self._read(text), "refuse", None)
        for text in harmless:
            reading = self._read(text)
            # What a pattern finds is found whatever we learn: it must not be learnt as harmless.
            if not any(self._matched(reading, kind) for kind in _ALLOWED):
                yield Sample(reading, None, None)


def _learnt(texts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The texts to learn from. A few in another language would teach that its small words are
    danger; there the words that editors put together decide alone."""
    return chain.from_iterable(texts.get(language, ()) for language in LANGUAGES)


def _rank(decision: Decision) -> int:
    """Danger outranks a request to refuse, unless only the request's own words were found."""
    if decision.kind == "danger":
        return 3 if decision.by_pattern or decision.confidence >= _STRONG else 1
    return 2 if decision.by_pattern else 0


def _decision(
    category: Category, reading: Reading, confidence: float, why: tuple[str, ...]
) -> Decision:
    groups = {hit.group for hit in reading.hits}
    at_home, abroad = AT_HOME in groups, ABROAD in groups
    topic = category.topic
    if at_home and not abroad:
        topic = category.topic_in_pakistan or topic
    if abroad and not at_home:
        topic = category.topic_abroad or topic
    return Decision(category.kind, category.id, topic, category.notice, round(confidence, 3), why)
