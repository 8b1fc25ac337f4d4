"""`python -m tests.safety.benchmark`: what the safety check finds, and what it costs.

Prints cross-validated figures by category and language form, with and without patterns, then
the time to load, the time of one message and the memory. Reads the content files, no store.
"""

import time
import tracemalloc
from collections.abc import Sequence

from api.content import files
from api.content.files import CONTENT
from api.safety.check import SafetyCheck
from api.safety.phrases import LANGUAGES, load
from tests.safety.crossvalidation import Judged, cross_validate, share

_LEFT_OUT = {"refuse-facilitation", "emotional-support"}


def harmless() -> list[str]:
    """How people ask what is neither urgent nor refused."""
    topics = files.load(CONTENT).topics.values()
    return [
        text
        for topic in topics
        if not getattr(topic.document, "urgent", False) and topic.document.id not in _LEFT_OUT
        for texts in topic.document.variants.values()
        for text in texts
    ]


def table(judged: Sequence[Judged]) -> None:
    """Shares found, by category and language form."""
    print(f"{'category':28}" + "".join(f"{language:>9}" for language in LANGUAGES))
    for kind in ("danger", "refuse"):
        names = sorted({one.category for one in judged if one.kind == kind})
        for name in names:
            row = [
                share(judged, kind, kind, category=name, language=language)
                for language in LANGUAGES
            ]
            print(f"{name:28}" + "".join(f"{one:9.3f}" for one in row))
        row = [share(judged, kind, kind, language=language) for language in LANGUAGES]
        print(f"{'all: ' + kind:28}" + "".join(f"{one:9.3f}" for one in row))
    for found in ("danger", "refuse"):
        for kind in ("harmless", "near miss"):
            half, sure = (share(judged, kind, found, at_least=least) for least in (0.5, 0.9))
            print(f"{kind} taken for {found}: {half:.3f}, with certainty {sure:.3f}")


def cost(texts: Sequence[str]) -> None:
    """Time and memory on this computer."""
    began = time.perf_counter()
    check = SafetyCheck.from_files(CONTENT, texts)
    print(f"load: {time.perf_counter() - began:.2f} s for {len(texts)} harmless texts")
    times = []
    for text in texts[:4000]:
        began = time.perf_counter()
        check.check(text)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    middle, late = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"one message: p50 {middle:.2f} ms, p99 {late:.2f} ms")
    words = " ".join(texts).split()
    for count in (100, 400, 800):
        text = " ".join(words[:count])
        began = time.perf_counter()
        check.check(text)
        print(f"a message of {count} words: {(time.perf_counter() - began) * 1000:.1f} ms")
    tracemalloc.start()
    kept = SafetyCheck.from_files(CONTENT, texts)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept is not None
    print(f"memory: {now / 1e6:.1f} MB kept, {peak / 1e6:.1f} MB while loading")


def main() -> None:
    texts = harmless()
    phrases = load(CONTENT / "safety")
    for patterns in (True, False):
        print(f"\n3-fold cross-validation {'with' if patterns else 'without'} patterns")
        table(cross_validate(phrases, texts, patterns=patterns))
    print()
    cost(texts)


if __name__ == "__main__":
    main()
