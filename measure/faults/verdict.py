"""What became of every message: the store and the provider's record, laid side by side."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, text

from measure.faults.people import Question
from measure.faults.provider import Accepted, Provider
from measure.faults.storm import Diary

PATIENCE = 30.0
"""Seconds after the last fault (or after its acknowledgement, when that came later) within which
a message must be answered."""


@dataclass
class Verdict:
    """The counts of one lane. Lists hold numbers of questions.

    Attributes:
        lost: acknowledged, and no reply reached the provider.
        doubled: answered by two sets of replies in the store, or stored twice.
        misordered: their reply came before that to an earlier question of the same person.
        overtook: urgent replies that came before that to an earlier question of the same person.
        late: see `PATIENCE`.
        at_the_edge: replies that the provider took twice, each with the reason.
        apologised: answered with "it did not work" after three tries.
        refused: the provider refused the reply for good.
        waits: seconds from acknowledgement to the provider.
    """

    messages: int = 0
    acknowledged: int = 0
    lost: list[int] = field(default_factory=list)
    lost_why: list[str] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    misordered: list[int] = field(default_factory=list)
    misordered_why: list[str] = field(default_factory=list)
    overtook: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    at_the_edge: list[str] = field(default_factory=list)
    apologised: int = 0
    refused: int = 0
    waits: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    number: int
    state: str
    outcome: str | None
    outbound: tuple[tuple[str, str], ...]  # id, state
    urgent: bool


_INBOUND = "SELECT id, provider_id, state, outcome FROM inbound"
_OUTBOUND = (
    "SELECT id, inbound_id, state, error_code, created_at, urgent FROM outbound ORDER BY seq"
)
_WAITING = (
    "SELECT (SELECT count(*) FROM inbound WHERE state IN ('new', 'claimed'))"
    " + (SELECT count(*) FROM outbound WHERE state IN ('queued', 'sending'))"
)


def waiting(database_url: str) -> int:
    """How many messages wait to be answered or sent."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            return connection.scalar(text(_WAITING)) or 0
    finally:
        engine.dispose()


def judge(
    database_url: str,
    phases: Sequence[tuple[Sequence[Question], float]],
    provider: Provider,
    diary: Diary,
) -> Verdict:
    """Count.

    Args:
        phases: questions with the moment at which the last fault of their time ended.
    """
    rows, doubles = _read(database_url)
    verdict = Verdict(doubled=doubles)
    first: dict[str, float] = {}
    for one in provider.accepted:
        first.setdefault(one.outbound_id, one.at)
    reached: dict[int, float] = {}
    for questions, end in phases:
        for question in questions:
            verdict.messages += 1
            _judge_one(verdict, question, end, rows.get(question.number), first, provider, reached)
    asked = [question for questions, _ in phases for question in questions]
    urgent = {number for number, row in rows.items() if row.urgent}
    judge_order(verdict, asked, reached, urgent)
    _edge(verdict, provider, diary)
    return verdict


def _read(database_url: str) -> tuple[dict[int, _Row], list[int]]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        inbound = connection.execute(text(_INBOUND)).all()
        outbound = connection.execute(text(_OUTBOUND)).all()
    engine.dispose()
    sets: defaultdict[int, list[Any]] = defaultdict(list)
    for row in outbound:
        sets[row.inbound_id].append(row)
    rows: dict[int, _Row] = {}
    doubles = []
    for row in inbound:
        number = int(row.provider_id.removeprefix("SM"), 16) - 1
        own = sets[row.id]
        if number in rows or len({str(one.created_at) for one in own}) > 1:
            doubles.append(number)
        replies = tuple((one.id, f"{one.state} {one.error_code or ''}".strip()) for one in own)
        urgent = any(one.urgent for one in own)
        rows[number] = _Row(number, row.state, row.outcome, replies, urgent)
    return rows, doubles


def _judge_one(
    verdict: Verdict,
    question: Question,
    end: float,
    row: _Row | None,
    first: dict[str, float],
    provider: Provider,
    reached: dict[int, float],
) -> None:
    if question.acknowledged is None:
        return
    verdict.acknowledged += 1
    if row is not None:
        verdict.apologised += row.outcome == "trouble"
        moments = [first[name] for name, _ in row.outbound if name in first]
        if moments and len(moments) == len(row.outbound):
            reached[question.number] = moments[0]
            verdict.waits.append(moments[0] - question.acknowledged)
            if moments[-1] > max(end, question.acknowledged) + PATIENCE:
                verdict.late.append(question.number)
            return
        if any(name in provider.refused_for_good for name, _ in row.outbound):
            verdict.refused += 1
            return
    verdict.lost.append(question.number)
    states = [state for _, state in row.outbound] if row else []
    verdict.lost_why.append(f"{row.state if row else 'not in the store'}: {', '.join(states)}")


def judge_order(
    verdict: Verdict,
    questions: Sequence[Question],
    reached: Mapping[int, float],
    urgent: Collection[int],
) -> None:
    """Compare the order of the replies with that of the questions, person by person.

    Args:
        reached: by a question's number, the moment at which the provider had its reply.
        urgent: numbers of questions whose reply is an urgent one.
    """
    people: defaultdict[int, list[Question]] = defaultdict(list)
    for question in questions:
        people[question.person].append(question)
    for own in people.values():
        own.sort(key=lambda question: question.place)
        for place, question in enumerate(own):
            at = reached.get(question.number)
            before = [reached[one.number] for one in own[:place] if one.number in reached]
            if at is None or not before or at >= max(before):
                continue
            if question.number in urgent:
                verdict.overtook.append(question.number)
                continue
            verdict.misordered.append(question.number)
            other = max(own[:place], key=lambda one: reached.get(one.number, 0.0))
            verdict.misordered_why.append(
                f"{question.number} at {at:.1f} before {other.number} at "
                f"{reached[other.number]:.1f}; acknowledged {question.acknowledged:.1f} and "
                f"{other.acknowledged:.1f}"
            )


def _edge(verdict: Verdict, provider: Provider, diary: Diary) -> None:
    taken = Counter(one.outbound_id for one in provider.accepted)
    for name, count in taken.items():
        if count < 2:
            continue
        times = [one for one in provider.accepted if one.outbound_id == name]
        verdict.at_the_edge.append(explain(times[0], times[1], diary))


def explain(one: Accepted, two: Accepted, diary: Diary) -> str:
    """Why the provider took a reply twice, as far as what was done at that time tells."""
    gap = f"{two.at - one.at:.1f} s apart"
    if "late" in (one.how, two.how):
        return f"it arrived at the provider after we had looked it up ({gap})"
    for spell in diary.spells:
        during = spell.began - 5 <= two.at and one.at <= spell.ended + 5
        if during and "clock" in spell.name:
            return f"looked up by a wrong clock: {spell.name} ({gap})"
        if during and "sleeps" in spell.name:
            return f"a worker that slept counted as dead while it was sending ({gap})"
    kinds = ("api", "worker", "postgresql")
    near = [kill for kill in diary.kills if kill.kind in kinds and one.at - 3 <= kill.at <= two.at]
    if near:
        return f"kill of {near[-1].name} between the 201 ({one.how}) and our commit ({gap})"
    return f"not explained ({one.how}, then {two.how}, {gap})"
