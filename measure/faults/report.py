"""The table of all lanes, and the same as JSON."""

from collections.abc import Sequence
from typing import Any

from measure.faults.lane import Outcome


def table(outcomes: Sequence[Outcome]) -> str:
    """Lanes side by side, then what needs words."""
    columns = [_figures(outcome) for outcome in outcomes]
    names = list(columns[0])
    wide = max(len(name) for name in names)
    lines = [" " * wide + "".join(f"{outcome.lane:>14}" for outcome in outcomes)]
    lines += [f"{name:<{wide}}" + "".join(f"{one[name]:>14}" for one in columns) for name in names]
    for outcome in outcomes:
        lines += ["", f"{outcome.lane}:", *(f"  {line}" for line in _words(outcome))]
    return "\n".join(lines)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything, for later comparison."""
    verdict = outcome.verdict
    return {
        "lane": outcome.lane,
        "figures": _figures(outcome),
        "kills": dict(outcome.kills),
        "provider": dict(outcome.how),
        "at_the_edge": verdict.at_the_edge,
        "lost_why": verdict.lost_why,
        "spells": [
            {"name": spell.name, "seconds": round(spell.ended - spell.began, 1)}
            for spell in outcome.diary.spells
        ],
        "singles": outcome.singles,
        "postgresql_away_seconds": [round(one, 1) for one in outcome.server_away],
    }


def _figures(outcome: Outcome) -> dict[str, str]:
    verdict = outcome.verdict
    waits = sorted(verdict.waits)

    def part(share: float) -> str:
        return f"{waits[min(len(waits) - 1, int(len(waits) * share))]:.1f}" if waits else "-"

    figures: dict[str, object] = {
        "messages": verdict.messages,
        "kills": outcome.kills.total(),
        "calls of the webhook": outcome.calls,
        "messages brought twice": outcome.doubles,
        "calls to the provider": outcome.provider_calls,
        "status callbacks": outcome.callbacks,
        "not acknowledged": verdict.messages - verdict.acknowledged,
        "LOST": len(verdict.lost),
        "DOUBLED in the store": len(verdict.doubled),
        "MISORDERED": len(verdict.misordered),
        "LATE (> 30 s after the last fault)": len(verdict.late),
        "DOUBLED at the provider's edge": len(verdict.at_the_edge),
        "  of these not explained": sum("not explained" in why for why in verdict.at_the_edge),
        "emergencies that overtook": len(verdict.overtook),
        "told honestly that it failed": verdict.apologised,
        "refused by the provider for good": verdict.refused,
        "seconds to the reply, p50": part(0.5),
        "seconds to the reply, p95": part(0.95),
        "seconds to the reply, longest": part(1.0),
        "seconds until all was done": "never"
        if outcome.drained is None
        else f"{outcome.drained:.1f}",
        "seconds of the run": f"{outcome.seconds:.0f}",
    }
    return {name: str(value) for name, value in figures.items()}


def _words(outcome: Outcome) -> list[str]:
    verdict = outcome.verdict
    kills = ", ".join(f"{name} {count}" for name, count in sorted(outcome.kills.items()))
    how = ", ".join(f"{name} {count}" for name, count in outcome.how.most_common())
    lines = [f"kills: {kills}", f"what the provider took, by what it did: {how}"]
    if outcome.by_itself:
        ends = ", ".join(f"{name} {count}" for name, count in outcome.by_itself.items())
        lines.append(f"ended without being killed, and started again: {ends}")
    if outcome.server_away:
        away = outcome.server_away
        lines.append(
            f"PostgreSQL was away {len(away)} times, {sum(away):.0f} s in all, "
            f"longest {max(away):.0f} s (recovery included)"
        )
    lines += [f"{spell.name}: {spell.ended - spell.began:.0f} s" for spell in outcome.diary.spells]
    lines += [f"{name}: {seen}" for name, seen in outcome.singles.items()]
    lines += [f"doubled at the edge: {why}" for why in verdict.at_the_edge]
    lines += [
        f"lost: {number}: {why}" for number, why in zip(verdict.lost, verdict.lost_why, strict=True)
    ]
    lines += [f"misordered: {why}" for why in verdict.misordered_why]
    for name in ("doubled", "misordered", "late", "overtook"):
        numbers = getattr(verdict, name)
        if numbers:
            lines.append(f"{name}: questions {', '.join(map(str, numbers[:20]))}")
    return lines
