"""Names of people: said to be one ("mera naam ..."), of a family (s/o ...), or commonly one.

There is no list of all names, so most rules go by what stands around one. In Roman Urdu names are
written small; there a rule needs words that only a name follows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from spelling import normalise

_LISTS = Path(__file__).parent / "names"
MOST = 4  # words of a name

_TOKEN = re.compile(
    r"\[[a-z -]+\]"
    r"|(?<!\w)[sdwSDW] ?/ ?[oO](?!\w)"
    r"|[^\W\d_]+(?:['’-][^\W\d_]+)*"
)
_BETWEEN = re.compile(r"[ .]{1,3}")


def _set(some: str) -> frozenset[str]:
    return frozenset(map(normalise, some.split()))


_NAMED = _set("naam nam naem name name's نام")
_CALLED = _NAMED - {"name", "name's"}
_WHOSE = _set(
    "mera mra meraa mere meri mery hamara hmara apna uska uski iska unka inka tumhara ka ki my his "
    "her our your their whose father's mother's brother's husband's son's wife's sister's agent's "
    "father mother brother husband son wife agent full میرا میرے ہمارا اسکا انکا کا اپنا"
)
_OF = _set("ka ki کا")
_IS = _set("hai he h hy hay hain is was tha thi ہے تھا تھی")
_KIN = _set("s/o d/o walad wald bint ولد بنت زوجہ دختر")
_KIN_OF = _set("son daughter wife brother husband")
_MYSELF = _set("main mein mai me i'm im میں")
_FROM = _set("se say sy mein me ka ki da")
_ENDINGS = _set("din deen ud ul ur دین الدین")  # of a name; "din" is a day, too
_TITLES = _set("mr mrs ms miss dr mister agent sardar regards sincerely")
_SPEAKING = _set("bol bolta bolti بول")
_SPEAKS = _set("raha rahi rha rhi رہا رہی")
_AM = _set("hun hoon hu hon ہوں")
# "likhwaya", "nikalta" ...: what is done with a name.
_DONE = tuple(
    sorted(
        _set(
            "likh nikal nikl rakh bata chhap chap daal dal parh maloom aaye aega "
            "لکھ نکل رکھ بتا چھپ ڈال پڑھ"
        )
    )
)
# After a name of their own these are nearly always the second half.
_SECOND = _set("ali khan hussain hassan raza abbas ullah علی خان حسین حسن رضا عباس")


def _words(name: str) -> frozenset[str]:
    return _set((_LISTS / name).read_text("utf-8"))


def _grammar() -> frozenset[str]:
    lists = files("spelling")
    return frozenset(
        word
        for name in ("roman_urdu.txt", "english.txt")
        for word in (lists / name).read_text("utf-8").split()
    )


_GIVEN = _words("given.txt")
_FAMILY = _words("family.txt")
_NOT_NAMES = (_words("not_names.txt") | _grammar()) - _GIVEN
_PLACES = tuple(
    tuple(normalise(line).split())
    for line in (_LISTS / "places.txt").read_text("utf-8").splitlines()
    if line.strip()
)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    word: str  # as it is compared
    capital: bool  # written Like this


class _Text:
    """The words of a text, and runs of them that can be a name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [
            _Token(
                found.start(),
                found.end(),
                normalise(found[0]).replace(" ", ""),
                found[0][0].isupper() and found[0][1:].islower(),
            )
            for found in _TOKEN.finditer(text)
        ]
        self.words = [token.word for token in self.tokens]
        self._together = [
            _BETWEEN.fullmatch(text[one.end : two.start]) is not None
            for one, two in pairwise(self.tokens)
        ]
        self._place = _places(self.words)
        capitals = sum(token.capital for token in self.tokens)
        # Where every word has one, a capital tells nothing.
        self.capitals_tell = capitals * 2 <= len(self.tokens) or len(self.tokens) <= 4

    def together(self, first: int) -> bool:
        """Only spaces stand between a word and the next one."""
        return 0 <= first < len(self._together) and self._together[first]

    def can_be_name(self, index: int, *, capital: bool) -> bool:
        token = self.tokens[index]
        return (
            token.word not in _NOT_NAMES
            and not token.word.startswith(_DONE)
            and token.word not in _NAMED
            and not token.word.startswith("[")
            and "/" not in token.word
            and index not in self._place
            and (not capital or (token.capital and self.capitals_tell))
        )

    def is_listed(self, index: int) -> bool:
        """A given name that is little else."""
        return self.words[index] in _GIVEN and index not in self._place

    def is_written_so(self, run: Sequence[int]) -> bool:
        """Whether capitals, or the list, say that a run is a name."""
        return any(self.is_listed(index) for index in run) or (
            self.capitals_tell and all(self.tokens[index].capital for index in run)
        )

    def after(self, index: int, *, capital: bool = False, most: int = MOST) -> list[int]:
        """The run of words that can be a name, from an index on."""
        run: list[int] = []
        while (
            index < len(self.tokens)
            and len(run) < most
            and (not run or self.together(index - 1))
            and (
                self.can_be_name(index, capital=capital) or (run and self.words[index] in _ENDINGS)
            )
        ):
            run.append(index)
            index += 1
        return run

    def before(self, index: int, *, capital: bool = False, most: int = MOST) -> list[int]:
        """The run of words that can be a name, and end before an index."""
        run: list[int] = []
        while (
            index > 0
            and len(run) < most
            and self.together(index - 1)
            and self.can_be_name(index - 1, capital=capital)
        ):
            index -= 1
            run.append(index)
        return run


def scrub_names(text: str) -> str:
    """`[name]` in the place of each name that the rules find."""
    found = _Text(text)
    names = sorted(
        {
            index
            for rule in (_said, _of_family, _introduced, _with_title, _listed)
            for index in rule(found)
        }
    )
    for last in reversed(list(_runs(found, names))):
        start, end = found.tokens[last[0]].start, found.tokens[last[-1]].end
        text = f"{text[:start]}[name]{text[end:]}"
    return text


def _runs(found: _Text, names: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for index in names:
        if run and (index != run[-1] + 1 or not found.together(run[-1])):
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def _said(found: _Text) -> Iterator[int]:
    """mera naam X hai · my name is X · naam X hai · name: X · X mera naam hai"""
    words = found.words
    for index, word in enumerate(words):
        if word not in _NAMED:
            continue
        whose = index > 0 and words[index - 1] in _WHOSE
        start = index + 1
        linked = word == "name's"
        while start < len(words) and words[start] in _IS and start <= index + 2:
            start += 1
            linked = True
        told = found.text[found.tokens[index].end :].lstrip()[:1] in (":", "=", "-")
        run = found.after(start)
        if run:
            ends = run[-1] + 1
            named = linked or told or (ends < len(words) and words[ends] in _IS)
            if word in _CALLED:
                named = named or whose
            if named:
                yield from run
            elif whose:  # "my name enters the list"
                yield from found.after(start, capital=True)
        elif whose and linked:
            first = index - 1
            # "bhai ka naam": what stands before is whose, not who.
            if words[first] not in _OF:
                yield from found.before(first)


def _of_family(found: _Text) -> Iterator[int]:
    """X s/o X · walad X · son of X"""
    for index, word in enumerate(found.words):
        if word in _KIN:
            yield from found.after(index + 1)
            yield from found.before(index, most=3)
        elif word == "w/o":  # it may be "without"
            yield from found.after(index + 1, capital=True)
            yield from found.before(index, capital=True)
        elif word in _KIN_OF and found.words[index + 1 : index + 2] == ["of"]:
            run = found.after(index + 2)
            yield from run if found.is_written_so(run) else ()


def _introduced(found: _Text) -> Iterator[int]:
    """I am X · this is X · main X hun · main X bol raha hun"""
    words = found.words
    for index, word in enumerate(words):
        two = (word, words[index + 1]) if index + 1 < len(words) else (word, "")
        start = index + 2 if two in (("i", "am"), ("this", "is"), ("am", "called")) else index + 1
        if start == index + 2 or word in _MYSELF:
            run = found.after(start, capital=True)
            ends = run[-1] + 1 if run else 0
            if not (len(run) == 1 and ends < len(words) and words[ends] in _FROM):
                yield from run
        speaks = words[index + 1 : index + 3]
        if word in _SPEAKING and len(speaks) == 2 and speaks[0] in _SPEAKS and speaks[1] in _AM:
            yield from found.before(index, most=3)


def _with_title(found: _Text) -> Iterator[int]:
    """Mr X · Dr X · agent X · regards X"""
    for index, word in enumerate(found.words):
        if word in _TITLES:
            yield from found.after(index + 1, capital=word not in ("mr", "mrs"))


def _listed(found: _Text) -> Iterator[int]:
    """Common given names, with the family names and titles around them."""
    last = -1  # of the run before
    for index in range(len(found.tokens)):
        if index <= last or not found.is_listed(index):
            continue
        last = index
        yield index
        if found.words[index] in _SECOND:
            yield from found.before(index, most=1)
        for step in (1, -1):
            beside = index + step
            while (
                0 <= beside < len(found.tokens)
                and found.together(min(beside, beside - step))
                and (found.words[beside] in _FAMILY or found.is_listed(beside))
            ):
                yield beside
                last = max(last, beside)
                beside += step


def _places(words: Sequence[str]) -> frozenset[int]:
    """Which of the words are of a place or a public name: Dera Ismail Khan."""
    return frozenset(
        index + step
        for index in range(len(words))
        for place in _PLACES
        if tuple(words[index : index + len(place)]) == place
        for step in range(len(place))
    )
