"""The pages with figures: who sees them, what stands on them, and that nobody does."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from api.content.expiry import today
from api.db import Store, now
from api.desk.insight_words import REASONS
from api.insight import figures
from api.reply.checking import HIGH_RISK
from api.reply.failing import NOT_UNDERSTOOD
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words
from tests.insight.rows import count, many_days, put

LogIn = Callable[..., DeskClient]
MONTH = f"{today():%Y-%m}"


@pytest.fixture
def used(store: Store) -> None:
    """A store of a service that people use."""
    many_days(store)


def rows(page: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.removeprefix("\ufeff"))))


def test_every_reason_for_a_human_has_words() -> None:
    assert set(figures.REASONS) == {"danger", "asked", "trouble", NOT_UNDERSTOOD, HIGH_RISK}
    assert set(REASONS) == {*figures.REASONS, figures.OTHER}


def test_every_language_that_content_knows_has_a_row(desk_client: LogIn, store: Store) -> None:
    put(store, now(), 20, language="ps")
    count(store)
    page = desk_client(Role.PUBLISHER).get("/desk/insight/export.csv").text
    told = {row["row"]: row for row in rows(page) if row["table"] == "languages"}
    assert {*told} == {"en", "ur", "ur-Latn", "ps", "pnb"}
    assert (told["ps"]["name"], told["pnb"]["name"]) == ("پښتو", "پنجابی")
    asked = [
        row["figure"]
        for row in rows(page)
        if (row["table"], row["row"], row["column"]) == ("languages", "ps", "questions")
    ]
    assert asked == ["20"]


@pytest.mark.parametrize("role", list(Role))
def test_everybody_of_the_desk_sees_it(desk_client: LogIn, role: Role) -> None:
    somebody = desk_client(role)
    assert somebody.get("/desk/insight").status_code == 200
    assert somebody.get("/desk/insight/report").status_code == 200
    may = somebody.get("/desk/insight/export.csv").status_code == 200
    assert may == (role in (Role.PUBLISHER, Role.ADMINISTRATOR))
    assert ("export.csv" in somebody.get("/desk/insight").text) == may


def test_a_store_that_nobody_wrote_to_has_a_page(desk_client: LogIn) -> None:
    page = words(desk_client(Role.AUTHOR).get("/desk/insight"))
    assert "Nothing is counted yet." in page


@pytest.mark.parametrize("wanted", ["7", "30", "90", MONTH])
def test_each_time_has_its_page(desk_client: LogIn, used: None, wanted: str) -> None:
    page = desk_client(Role.AUTHOR).get(f"/desk/insight?period={wanted}")
    assert page.status_code == 200
    assert "/desk/topics/agent-fee-limit" in page.text
    assert page.text.count('role="img"') == 1


@pytest.mark.parametrize("wrong", ["8", "2026-13", "yesterday", ""])
def test_a_time_that_is_none_is_refused(desk_client: LogIn, wrong: str) -> None:
    assert desk_client(Role.AUTHOR).get(f"/desk/insight?period={wrong}").status_code == 422


def test_a_month_that_has_not_begun_has_no_report(desk_client: LogIn) -> None:
    somebody = desk_client(Role.AUTHOR)
    assert somebody.get("/desk/insight/report?month=2090-01").status_code == 404
    assert somebody.get("/desk/insight/report?month=2026-1").status_code == 422


def test_how_old_the_figures_are_stands_there(desk_client: LogIn, store: Store) -> None:
    put(store, now() - timedelta(hours=1), 30)
    count(store, now() - timedelta(minutes=3))
    assert "Counted 3 minutes ago." in words(desk_client(Role.AUTHOR).get("/desk/insight"))
    put(store, now() - timedelta(minutes=1), 5)
    assert "not counted yet" not in words(desk_client(Role.AUTHOR).get("/desk/insight"))


def test_days_that_wait_to_be_counted_are_spoken_of(desk_client: LogIn, store: Store) -> None:
    put(store, now() - timedelta(days=3), 30)
    page = words(desk_client(Role.AUTHOR).get("/desk/insight"))
    assert "4 days are not counted yet" in page


def test_every_figure_of_the_file_is_hidden_or_rounded(desk_client: LogIn, used: None) -> None:
    somebody = desk_client(Role.PUBLISHER)
    found = rows(somebody.get("/desk/insight/export.csv?period=90").text)
    assert len(found) > 150
    for row in found:
        if row["row"].startswith(("speed", "danger-speed")):
            continue
        if row["column"] == "share" or row["row"] == "unanswered-share":
            assert re.fullmatch(r"\d+%|–", row["figure"]), row
        else:
            known = re.fullmatch(r"<5|–|(\d+)", row["figure"])
            assert known, row
            assert known[1] is None or (int(known[1]) >= 5 and int(known[1]) % 5 == 0), row


def test_no_figure_of_a_page_is_a_small_count(desk_client: LogIn, used: None) -> None:
    somebody = desk_client(Role.PUBLISHER)
    for path in ("insight", "insight?period=7", f"insight/report?month={MONTH}"):
        page = somebody.get(f"/desk/{path}").text
        figures = re.findall(r'<span class="figure" dir="ltr">([^<]*)</span>', page)
        assert len(figures) > 30
        for figure in figures:
            number = figure.replace(",", "")
            if number.isdigit():
                assert int(number) >= 5, figure
                assert int(number) % 5 == 0, figure
            else:
                assert figure in ("&lt;5", "–") or figure.endswith("%"), figure


def test_a_topic_that_one_person_asked_is_named_nowhere(desk_client: LogIn, store: Store) -> None:
    put(store, now() - timedelta(seconds=2), 40, topic="nicop")
    put(store, now() - timedelta(seconds=2), 1, topic="return-story")
    count(store)
    somebody = desk_client(Role.PUBLISHER)
    for path in ("insight", "insight/export.csv", f"insight/report?month={MONTH}"):
        page = somebody.get(f"/desk/{path}").text
        assert "/desk/topics/return-story" not in page
        assert "return-story" not in page
        assert "nicop" in page.lower()


def test_a_cell_of_the_file_is_never_a_formula(desk_client: LogIn, store: Store) -> None:
    put(store, now() - timedelta(hours=1), 9, topic="=cmd|' /C calc'!A0", channel="@evil")
    count(store)
    text = desk_client(Role.PUBLISHER).get("/desk/insight/export.csv").text
    found = rows(text)
    cells = [cell for row in found for cell in row.values()]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_titles_are_written_as_words(desk_client: LogIn, store: Store) -> None:
    put(store, now() - timedelta(hours=1), 9, topic="<script>alert(1)</script>")
    count(store)
    assert "<script>alert" not in desk_client(Role.AUTHOR).get("/desk/insight").text


@pytest.mark.parametrize(
    ("language", "title", "direction"),
    [
        ("en", "What people asked, and how they were helped", "ltr"),
        ("ur", "لوگوں نے کیا پوچھا", "rtl"),
    ],
)
def test_the_report_can_be_read_in_both_languages(
    desk_client: LogIn, used: None, language: str, title: str, direction: str
) -> None:
    somebody = desk_client(Role.COUNSELLOR)
    page = somebody.get(f"/desk/insight/report?month={MONTH}&language={language}")
    assert title in page.text
    assert f'dir="{direction}"' in page.text.split("<head>")[0]
    # The rest of the desk stays in the visitor's language.
    assert 'lang="en"' in somebody.get("/desk/insight").text.split("<head>")[0]


def test_the_report_has_all_its_parts(desk_client: LogIn, used: None) -> None:
    page = words(desk_client(Role.COUNSELLOR).get(f"/desk/insight/report?month={MONTH}"))
    for part in (
        "What people asked",
        "What could not be answered",
        "Danger, refusals, humans",
        "How fast",
        "What was published",
        "How this is counted, and what it cannot say",
        "These are messages, not people",
        "The month is not over.",
        REASONS["danger"],
    ):
        assert part in page, part


def test_the_last_whole_month_is_reported_when_none_is_named(desk_client: LogIn) -> None:
    first = today().replace(day=1)
    before = first - timedelta(days=1)
    page = words(desk_client(Role.AUTHOR).get("/desk/insight/report"))
    assert f"{before:%B %Y}" in page
    assert "The month is not over." not in page
