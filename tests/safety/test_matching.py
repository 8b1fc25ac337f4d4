"""Word groups are found however they are spelt, and only they."""

import pytest

from api.safety.matching import Hit, Lexicon, stand_near

GROUPS = {
    "boat": ["boat", "kashti", "کشتی"],
    "locked": ["locked", "band kar"],
    "flood": ["pani bhar*"],
    "minor": ["5-17 saal"],
    "kill": ["mar*"],
}
lexicon = Lexicon(GROUPS, {"kr": "kar", "sal": "saal"}, {"looked", "both"})


def groups(text: str) -> list[str]:
    return [hit.group for hit in lexicon.find(lexicon.read(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kashti", "boat"),
        ("KASHTEE", "boat"),
        ("kaashti", "boat"),
        ("kshti", "boat"),
        ("kishtii", "boat"),
        ("كشتي", "boat"),
        ("loced", "locked"),
        ("band kr diya", "locked"),
        ("band bhi kar diya", "locked"),
        ("pani bhar", "flood"),
        ("pani andar bhargaya", ""),
        ("pani bharne laga", "flood"),
        ("16 sal", "minor"),
        ("18 saal", ""),
        ("maarne", "kill"),
    ],
)
def test_a_word_is_found_in_its_spellings(text: str, found: str) -> None:
    assert groups(text) == ([found] if found else [])


@pytest.mark.parametrize("text", ["looked", "both", "boats", "band", "pani", "saal", "5"])
def test_another_word_is_not_taken_for_it(text: str) -> None:
    assert groups(text) == []


def test_a_hit_tells_where_it_stands() -> None:
    assert lexicon.find(lexicon.read("ye kashti me pani bhi bhar gaya")) == (
        Hit("boat", 1, 2),
        Hit("flood", 3, 6),
    )


@pytest.mark.parametrize(("between", "near"), [(3, True), (4, False)])
def test_groups_stand_near_each_other_up_to_so_many_words(between: int, near: bool) -> None:
    places = {"a": [Hit("a", 0, 1)], "b": [Hit("b", 1 + between, 2 + between)]}
    assert stand_near(("a", "b"), (), places, 3) is near
    assert stand_near(("b", "a"), (), places, 3) is near


def test_a_group_that_must_not_stand_there_rules_it_out_only_when_near() -> None:
    places = {"a": [Hit("a", 0, 1)], "b": [Hit("b", 2, 3)], "no": [Hit("no", 20, 21)]}
    assert stand_near(("a", "b"), ("no",), places, 5)
    places["no"] = [Hit("no", 4, 5)]
    assert not stand_near(("a", "b"), ("no",), places, 5)
