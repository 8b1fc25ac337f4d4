"""Nobody can be found: not in a count, not between counts that add up, not between two weeks."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.insight.figures import OTHER, with_all
from api.insight.suppression import KEPT, SPREAD, Figure, Protected, protect, shown

HIGH = 60  # more than any total here


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "<5"), (1, "<5"), (4, "<5"), (5, "5"), (7, "5"), (8, "10"), (12, "10"), (1234, "1,235")],
)
def test_a_count_is_hidden_or_rounded(count: int, text: str) -> None:
    assert shown(count).text == text


def test_every_figure_may_stand_for_several_counts() -> None:
    """So a figure that moves from one day to the next does not say by how many."""
    meant = Counter(shown(count) for count in range(400))
    assert min(meant[shown(count)] for count in range(390)) >= SPREAD


def test_a_figure_says_what_it_may_stand_for() -> None:
    for count in range(400):
        assert shown(count).low <= count <= shown(count).high


def test_counts_that_give_nothing_away_are_shown() -> None:
    found = protect({"language": {"en": 40, "ur": 3, "ur-Latn": 1, "": 22}})
    assert {key: figure.text for key, figure in found.tables["language"].items()} == {
        "en": "40",
        "ur": "<5",
        "ur-Latn": "<5",
        "": "20",
    }
    assert found.total.text == "65"


def test_a_neighbour_is_kept_back_where_the_total_would_give_a_count_away() -> None:
    """7 + 7 + 4 = 18: shown as 5, 5 and 20, whoever reads it would know that it is 4."""
    found = protect({"channel": {"a": 7, "b": 7, "c": 4}})
    assert [figure.text for figure in found.tables["channel"].values()].count("–") >= 2
    assert "<5" not in {figure.text for figure in found.tables["channel"].values()}


def test_a_table_without_small_counts_does_not_give_away_those_of_another() -> None:
    """Every day is known within 2, so the sum is: all four topics would have to be 4."""
    found = protect({"0": {0: 8, 1: 8}, "1": dict.fromkeys(range(4), 4)})
    for cells in found.tables.values():
        hidden = [figure for figure in cells.values() if figure.number is None]
        assert all(len(one) >= SPREAD for one in possible(found).values()), hidden


def test_tables_of_different_things_are_refused() -> None:
    with pytest.raises(ValueError, match="different totals"):
        protect({"day": {1: 5}, "topic": {2: 6}})


# --- whoever knows all that is shown --------------------------------------------------------

PEOPLE = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)), max_size=40)


@given(PEOPLE)
@settings(max_examples=400, deadline=None)
def test_no_hidden_count_can_be_worked_out(people: list[tuple[int, int, int]]) -> None:
    """Random people, each with three marks: one table of each mark, all of the same people."""
    truth = {mark: _counted(people, mark, size) for mark, size in enumerate((4, 3, 2))}
    check(protect({str(mark): cells for mark, cells in truth.items()}), truth)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
@settings(max_examples=400, deadline=None)
def test_no_hidden_count_of_a_table_alone_can_be_worked_out(counts: list[int]) -> None:
    truth = {0: dict(enumerate(counts))}
    check(protect({"0": truth[0]}), truth)


def test_no_hidden_count_of_any_small_table_can_be_worked_out() -> None:
    for counts in product(range(9), repeat=3):
        truth = {0: dict(enumerate(counts))}
        check(protect({"0": truth[0]}), truth)


@pytest.mark.parametrize(("rows", "most"), [(2, 20), (3, 12), (4, 9), (5, 6)])
def test_tables_that_look_alike_leave_several_values_to_each_hidden_count(
    rows: int, most: int
) -> None:
    """Whoever knows how the figures are made tries out every table: what is hidden, and how,
    must not tell it either."""
    alike: defaultdict[tuple[str, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(most), repeat=rows):
        found = protect({"0": dict(enumerate(counts))})
        cells = (figure.text for figure in found.tables["0"].values())
        alike[found.total.text, *cells].append(counts)
    for (_total, *told), tables in alike.items():
        if max(map(sum, tables)) >= most:
            continue  # some that look like it were not tried
        for place, cell in enumerate(told):
            if not cell[0].isdigit():
                assert len({counts[place] for counts in tables}) >= SPREAD, (told, tables)


def test_what_has_no_name_is_one_row_once_it_is_many() -> None:
    """A row that came with its first conversation would say that there was one."""
    names = ("danger", "asked")
    assert with_all({}, names) == {"danger": 0, "asked": 0}
    assert with_all({"asked": 5, "new": 2, OTHER: 2}, names) == {"danger": 0, "asked": 9}
    assert with_all({"asked": 5, "new": 3, OTHER: 2}, names) == {"danger": 0, "asked": 5, OTHER: 5}
    assert with_all({"new": 1}, ()) == {OTHER: 1}


def _counted(people: list[tuple[int, int, int]], mark: int, size: int) -> dict[int, int]:
    counted = Counter(person[mark] for person in people)
    return {key: counted[key] for key in range(size)}


def check(found: Protected[int], truth: Mapping[int, Mapping[int, int]]) -> None:
    total = sum(truth[0].values())
    assert found.total.low <= total <= found.total.high
    for name, cells in found.tables.items():
        for key, figure in cells.items():
            count = truth[int(name)][key]
            assert figure.low <= count <= figure.high
            if count < 5:
                assert figure.number is None
    for (name, key), values in possible(found).items():
        assert truth[int(name)][key] in values
        assert len(values) >= SPREAD, (name, key, found)


def possible(found: Protected[int]) -> dict[tuple[str, int], set[int]]:
    """Every value that each hidden count may have, tried out: no thought of `protect` in it."""
    totals = _values(found.total)
    sums = {name: _sums(list(cells.values())) for name, cells in found.tables.items()}
    for reachable in sums.values():
        totals = totals & reachable
    answers = {}
    for name, cells in found.tables.items():
        for key, figure in cells.items():
            if figure.number is not None:
                continue
            others = _sums([one for other, one in cells.items() if other != key])
            answers[name, key] = {
                value
                for value in _values(figure)
                if any(total - value in others for total in totals)
            }
    return answers


def _values(figure: Figure) -> set[int]:
    if figure == KEPT:
        return set(range(HIGH))
    return {count for count in range(HIGH) if shown(count) == figure}


def _sums(figures: list[Figure]) -> set[int]:
    reachable = {0}
    for figure in figures:
        values = _values(figure)
        reachable = {one + value for one in reachable for value in values if one + value < HIGH}
    return reachable
