"""`make evaluate-spelling`: do people's spellings of one word fall together, and only those?

PATH is a romanisation lexicon (a file or a folder of .tsv) with the columns Urdu word, a
person's spelling in Latin letters, how many people wrote it so: Dakshina's
`ur.translit.sampled.*.tsv` (Roark et al. 2020, CC BY-SA 4.0, not part of this project).
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spelling import normalise, skeleton, words

# Urdu word -> how many people spelt it how.
Lexicon = Mapping[str, Counter[str]]
Key = Callable[[str], str]


def of_word(text: str) -> str:
    """The key of the matcher's view "words": normalised, nothing left out."""
    return " ".join(words(text)) or normalise(text)


def of_skeleton(text: str) -> str:
    """The key of the matcher's view "keys": the consonants."""
    return " ".join(skeleton(word) for word in words(text))


KEYS: tuple[tuple[str, Key], ...] = (
    ("as written", str),
    ("normalised word", of_word),
    ("skeleton key", of_skeleton),
)


@dataclass(frozen=True)
class Together:
    """How well a key brings together; all but the last four are shares of 1.

    Attributes:
        people: of all pairs of people who spelt one word, those with one key.
        spellings: of all pairs of different spellings of one word, those with one key.
        scripts: of all people's spellings, those whose key is that of the word in Urdu script.
        sharing: of the words in Urdu script, those whose key another word has, too.
        mean, p95, most: different words for one key.
        roman_mean, roman_p95: the same, a word counting for every key of its spellings.
    """

    people: float
    spellings: float
    scripts: float
    sharing: float
    mean: float
    p95: int
    most: int
    roman_mean: float
    roman_p95: int


def read(path: Path) -> Lexicon:
    """Read one lexicon file, or all of a folder.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not such a lexicon; the message names file and line.
    """
    lexicon: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for file in sorted(path.glob("*.tsv")) if path.is_dir() else [path]:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            fields = line.split("\t")
            if len(fields) != 3 or not fields[2].isdigit():
                raise ValueError(f"{file}:{number}: expected word, spelling, count")
            lexicon[fields[0]][fields[1]] += int(fields[2])
    if not lexicon:
        raise ValueError(f"{path}: no lexicon")
    return lexicon


def judge(lexicon: Lexicon, key: Key) -> Together:
    """Measure one key on the lexicon."""
    people = people_all = spellings = spellings_all = scripts = scripts_all = 0
    urdu: defaultdict[str, set[str]] = defaultdict(set)
    roman: defaultdict[str, set[str]] = defaultdict(set)
    for word, spelt in lexicon.items():
        urdu[key(word)].add(word)
        by_people: Counter[str] = Counter()
        for spelling, count in spelt.items():
            by_people[key(spelling)] += count
        by_spelling = Counter(key(spelling) for spelling in spelt)
        people += _pairs(by_people.values())
        people_all += _pairs([sum(spelt.values())])
        spellings += _pairs(by_spelling.values())
        spellings_all += _pairs([len(spelt)])
        scripts += by_people[key(word)]
        scripts_all += sum(spelt.values())
        for found in by_spelling:
            roman[found].add(word)
    sizes = sorted(map(len, urdu.values()))
    roman_sizes = sorted(map(len, roman.values()))
    return Together(
        people=people / max(1, people_all),
        spellings=spellings / max(1, spellings_all),
        scripts=scripts / max(1, scripts_all),
        sharing=sum(size for size in sizes if size > 1) / len(lexicon),
        mean=sum(sizes) / len(sizes),
        p95=_p95(sizes),
        most=sizes[-1],
        roman_mean=sum(roman_sizes) / len(roman_sizes),
        roman_p95=_p95(roman_sizes),
    )


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def _p95(ordered: list[int]) -> int:
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def table(lexicon: Lexicon) -> str:
    """One row for each key, as Markdown."""
    spellings = sum(map(len, lexicon.values()))
    people = sum(sum(spelt.values()) for spelt in lexicon.values())
    lines = [
        f"{len(lexicon)} words, {spellings} spellings by {people} hands",
        "",
        "| key | two people agree | different spellings together | same as Urdu script "
        "| words that share their key | words a key: mean, p95, most "
        "| by Latin spellings: mean, p95 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, key in KEYS:
        found = judge(lexicon, key)
        lines.append(
            f"| {name} | {found.people:.1%} | {found.spellings:.1%} | {found.scripts:.1%} "
            f"| {found.sharing:.1%} | {found.mean:.2f}, {found.p95}, {found.most} "
            f"| {found.roman_mean:.2f}, {found.roman_p95} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Entry: PATH."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        print("usage: make evaluate-spelling PATH_TO=lexicon.tsv", file=sys.stderr)
        return 2
    try:
        lexicon = read(Path(sys.argv[1]))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(table(lexicon))
    return 0


if __name__ == "__main__":
    sys.exit(main())
