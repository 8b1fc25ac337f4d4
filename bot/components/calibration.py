"""From evidence to a probability, and from the probability to one of three bands.

Fitted on texts that the classifier had not seen: parts of the variants are held out in turn,
near-copies of a variant together with it (an editor often writes one question in both scripts).
"""

import json
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.components.evidence import NAMES

Band = Literal["answer", "choice", "unknown"]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# Of all questions about a topic, at most this share may get a wrong answer as if it were sure.
MOST_WRONG = 0.06
# Of the texts that no topic answers, at most this share may be answered.
MOST_FOREIGN = 0.08
# Of the acts (thanks, stop, menu), at most this share may be followed wrongly. They are less
# clear cut among themselves, and a wrong "you are welcome" costs less than a wrong fee.
MOST_WRONG_ACTS = 0.10
# Of the questions that no topic answers, at most this share may be offered a choice.
MOST_OFFERED = 0.35
# Of the questions whose topic is among the three best, this share must be offered them.
LEAST_OFFERED = 0.99
# Below this number of held-out texts a share is an accident.
ENOUGH = 150
# Inverse strength of the regularisation: the evidence has many pairs that say nearly the same.
SOFTNESS = 0.1


@dataclass(frozen=True)
class Odds:
    """A logistic regression on evidence, standardisation worked in."""

    weights: tuple[float, ...]
    offset: float

    def of(self, evidence: Floats) -> Floats:
        """Probability for each row of evidence."""
        logits = evidence @ np.array(self.weights, dtype=np.float32) + self.offset
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


@dataclass(frozen=True)
class Calibration:
    """How evidence is read.

    Attributes:
        topic: odds that the best label is right when it is a topic.
        act: the same when it is an act.
        among: odds that the right label is among the three best.
        answer: least probability to answer a topic without asking back.
        follow: least probability to follow an act.
        choice: least probability of `among` to offer the three best.
        held_out: texts it was fitted on; 0 for the one that came with the program.
    """

    topic: Odds
    act: Odds
    among: Odds
    answer: float
    follow: float
    choice: float
    held_out: int

    def band(self, first: float, among: float, *, is_act: bool) -> Band:
        """What to do with probabilities of this size."""
        if first >= (self.follow if is_act else self.answer):
            return "answer"
        return "choice" if among >= self.choice else "unknown"

    def to_json(self) -> str:
        """As text for the cache."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Calibration":
        """Raises ValueError, KeyError or TypeError when the text is not a calibration."""
        raw = json.loads(text)
        odds = {
            name: Odds(tuple(map(float, raw[name]["weights"])), float(raw[name]["offset"]))
            for name in ("topic", "act", "among")
        }
        if any(len(item.weights) != len(NAMES) for item in odds.values()):
            raise ValueError("of another program version")
        return cls(
            topic=odds["topic"],
            act=odds["act"],
            among=odds["among"],
            answer=float(raw["answer"]),
            follow=float(raw["follow"]),
            choice=float(raw["choice"]),
            held_out=int(raw["held_out"]),
        )


def calibrate(
    evidence: Floats,
    right: Flags,
    among: Flags,
    *,
    act: Flags,
    foreign: Flags,
    forgotten: Flags,
) -> Calibration:
    """Fit on held-out texts.

    Args:
        evidence: n x features.
        right: the best label is the text's own.
        among: its own is one of the three best.
        act: the best label is an act.
        foreign: the text belongs to no label (then `right` and `among` are false).
        forgotten: its label was kept from the classifier (then they are false, too).
    """
    # Foreign texts have a rule of their own. Without any, forgotten ones stand for them.
    asked = ~act & ~foreign & ~forgotten if foreign.any() else ~act
    topic = _fit(evidence[~act], right[~act])
    # With few acts there is nothing to tell about them apart from topics.
    acts = _fit(evidence[act], right[act]) if act.sum() >= ENOUGH else topic
    within = _fit(evidence, among)
    return Calibration(
        topic=topic,
        act=acts,
        among=within,
        answer=max(
            _edge(topic.of(evidence[asked]), right[asked], MOST_WRONG, 0.97),
            _least_foreign(topic.of(evidence[foreign & ~act])),
        ),
        follow=_edge(acts.of(evidence[act]), right[act], MOST_WRONG_ACTS, 0.85),
        choice=_least_offered(within.of(evidence), among, foreign),
        held_out=len(evidence),
    )


def _fit(evidence: Floats, target: Flags) -> Odds:
    mean, spread = evidence.mean(axis=0), evidence.std(axis=0)
    spread = np.where(spread > 1e-6, spread, 1.0)
    if target.all() or not target.any():
        # Nothing to tell apart; the prior keeps it from being certain.
        return Odds(
            (0.0,) * evidence.shape[1], float(np.log((target.sum() + 1) / ((~target).sum() + 1)))
        )
    model = LogisticRegression(C=SOFTNESS, max_iter=1000).fit((evidence - mean) / spread, target)
    weights = model.coef_[0] / spread
    return Odds(tuple(float(w) for w in weights), float(model.intercept_[0] - weights @ mean))


def _edge(sure: Floats, right: Flags, most_wrong: float, otherwise: float) -> float:
    """The least probability above which at most so many of all texts are wrong.

    Counted against all, not against those above: that is what a person meets. A surer matcher
    is thereby allowed to answer more, and a weaker one is not pressed into silence.
    """
    order = np.argsort(-sure, kind="stable")
    counts = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right[order])
    allowed = np.flatnonzero((wrong <= most_wrong * len(order)) & (counts >= 20))
    if len(allowed) == 0:
        return otherwise
    return float(np.clip(sure[order[allowed[-1]]], 0.5, 0.97))


def _least_foreign(sure: Floats) -> float:
    """The probability that few texts of no topic reach; 0 when there are too few to say."""
    return float(np.quantile(sure, 1 - MOST_FOREIGN)) if len(sure) >= 20 else 0.0


def _least_offered(offered: Floats, among: Flags, foreign: Flags) -> float:
    keep = float(np.quantile(offered[among], 1 - LEAST_OFFERED)) if among.any() else 0.5
    drop = float(np.quantile(offered[foreign], 1 - MOST_OFFERED)) if foreign.sum() >= 20 else 0.0
    # A menu of wrong titles costs the person one message; "I do not know" costs the answer.
    return float(np.clip(max(keep, min(drop, 0.6)), 0.25, 0.8))
