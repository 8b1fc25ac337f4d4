"""Variants that teach the matcher two topics at once.

Words are compared by their spelling skeletons, so the same question in Urdu script and in Roman
Urdu is seen as one. Overlap is weighted by rarity (inverse document frequency): "fee for Oman"
and "fee for Qatar" share what everybody writes and differ in what counts.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.content.documents import TopicOrAct
from api.content.lint.remark import Remark
from api.content.rules import Path
from spelling import skeleton, words

NEARLY = 0.9


@dataclass(frozen=True)
class _Asked:
    file: str
    place: Path
    text: str
    keys: tuple[str, ...]


def near_variants(documents: Mapping[str, TopicOrAct]) -> Iterator[Remark]:
    """Variants of different files with the same keys (fault) or nearly the same (warning)."""
    asked = [
        _Asked(file, ("variants", language, index), text, keys)
        for file, document in documents.items()
        for language, variants in document.variants.items()
        for index, text in enumerate(variants)
        if (keys := tuple(filter(None, map(skeleton, words(text)))))
    ]
    yield from _same(asked)
    yield from _alike(asked)


def _same(asked: list[_Asked]) -> Iterator[Remark]:
    first: dict[tuple[str, ...], _Asked] = {}
    for one in asked:
        other = first.setdefault(one.keys, one)
        if other.file != one.file:
            message = f"{one.text!r} is asked as {other.text!r} in"
            yield Remark(
                "same-variant", one.file, one.place, message, True, (other.file, other.place)
            )


def _alike(asked: list[_Asked]) -> Iterator[Remark]:
    """Pairs with a weighted overlap of at least `NEARLY`.

    Two such sets share a key among the rarest of each that together weigh more than
    1 - NEARLY of it (prefix filtering: Chaudhuri, Ganti, Kaushik 2006), so only variants with
    one of those keys are compared, not every pair.
    """
    found_in = Counter(key for one in asked for key in set(one.keys))
    weight = {key: math.log((len(asked) + 1) / count) for key, count in found_in.items()}
    sets = [frozenset(one.keys) for one in asked]
    whole = [math.fsum(weight[key] for key in keys) for keys in sets]
    by_key: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(asked):
        rare: list[str] = []
        rest = whole[number]
        for key in sorted(sets[number], key=lambda key: (-weight[key], key)):
            if rest < NEARLY * whole[number] - 1e-9:
                break
            rare.append(key)
            rest -= weight[key]
        for candidate in sorted({earlier for key in rare for earlier in by_key[key]}):
            other = asked[candidate]
            if other.file == one.file or other.keys == one.keys:
                continue
            common = math.fsum(weight[key] for key in sets[number] & sets[candidate])
            overlap = common / (whole[number] + whole[candidate] - common)
            if overlap >= NEARLY - 1e-9:
                message = f"{one.text!r} is nearly ({overlap:.2f}) {other.text!r} in"
                also = (other.file, other.place)
                yield Remark("near-variant", one.file, one.place, message, also=also)
        for key in rare:
            by_key[key].append(number)
