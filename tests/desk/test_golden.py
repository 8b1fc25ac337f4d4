"""Golden questions at the desk: list, add, upload, and the page that says what will change."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from api.content.catalogue import version
from api.db import Store
from api.desk.access import Desk
from api.desk.golden import golden_router
from api.desk.pages import NOTES
from api.editorial import drafts, golden, golden_runs
from api.editorial.golden_csv import NewQuestion
from api.editorial.models import AuditRow, GoldenQuestionRow
from api.services import Services
from api.staff.roles import Role
from api.trial.golden_running import GoldenRunner
from tests.desk.conftest import DeskClient, words
from tests.trial.scripted import TrialBotOfTests, sure

LogIn = Callable[..., DeskClient]
HEAD = "id,lang,text,accept,urgent\n"


@pytest.fixture
def bot(desk_store: Store) -> TrialBotOfTests:
    with desk_store.read() as session:
        return TrialBotOfTests(version=str(version(session)))


@pytest.fixture
def desk_services(desk_services: Services, bot: TrialBotOfTests) -> Services:
    return replace(desk_services, bot=bot)


@pytest.fixture
def runner(desk_services: Services) -> GoldenRunner:
    return GoldenRunner(desk_services, pause=0.01)


@pytest.fixture(autouse=True)
def golden_room(desk_app: FastAPI, runner: GoldenRunner) -> Iterator[None]:
    """The room with a runner that the test can wait for, before the one of the application."""
    inner = next(
        route.app  # type: ignore[attr-defined]
        for route in desk_app.routes
        if getattr(route, "path", "") == "/desk"
    )
    before = len(inner.router.routes)
    inner.include_router(golden_router(inner.state.desk, runner))
    routes = inner.router.routes
    routes[:] = [*routes[before:], *routes[:before]]
    yield
    runner.settle()


def test_a_question_is_added_listed_found_and_removed(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    form = {"language": "en", "text": "what may he take", "accept": "agent-fee-limit; azad-visa"}
    answer = author.post("/desk/golden", form)
    assert answer.headers["location"] == "/desk/golden?said=added"
    page = author.get("/desk/golden?words=WHAT%20may&language=en&topic=azad-visa&origin=desk")
    assert "what may he take" in words(page)
    assert "What an agent may legally charge" in words(page)
    assert "what may he take" not in words(author.get("/desk/golden?topic=nicop"))
    author.post("/desk/golden/1/remove")
    assert "what may he take" not in words(author.get("/desk/golden"))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"language": "en", "text": " ", "accept": "nicop"}, "text is empty"),
        ({"language": "fr", "text": "x", "accept": "nicop"}, "lang must be one of"),
        ({"language": "en", "text": "x", "accept": ""}, "accept is empty"),
        ({"language": "en", "text": "x", "accept": "no-such"}, "no topic or act"),
        ({"language": "en", "text": "x" * 700, "accept": "nicop"}, "longer than 600"),
    ],
)
def test_a_wrong_question_comes_back_with_what_was_typed(
    desk_client: LogIn, form: dict[str, str], sentence: str
) -> None:
    answer = desk_client(Role.AUTHOR).post("/desk/golden", form)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert form["text"].strip() in answer.text


def test_the_same_question_is_not_added_twice(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    form = {"language": "en", "text": "what may he take", "accept": "agent-fee-limit"}
    author.post("/desk/golden", form)
    answer = author.post("/desk/golden", form)
    assert answer.status_code == 422
    assert "is there already" in words(answer)


def upload(somebody: DeskClient, content: bytes) -> object:
    return somebody.post("/desk/golden/upload", files={"file": ("x.csv", content, "text/csv")})


def test_a_table_is_added_whole(desk_client: LogIn, desk_store: Store) -> None:
    author = desk_client(Role.AUTHOR)
    rows = 'a,en,"how, then?",nicop,0\nb,ur,کیسے,nicop;azad-visa,1\n'
    answer = upload(author, ("\ufeff" + HEAD + rows).encode())
    assert answer.status_code == 303  # type: ignore[attr-defined]
    with desk_store.read() as session:
        found = golden.everything(session)
        said = list(session.scalars(select(AuditRow.action)))
    assert [(item.text, item.accept, item.urgent) for item in found] == [
        ("how, then?", ("nicop",), False),
        ("کیسے", ("nicop", "azad-visa"), True),
    ]
    assert "golden-added" in said
    again = author.get("/desk/golden/questions.csv").content
    assert upload(desk_client(Role.AUTHOR), again).status_code == 422  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("table", "sentences"),
    [
        (b"", ["columns missing"]),
        (b"\xff\xfe", ["not UTF-8"]),
        (b"text,accept\n", ["columns missing: id, lang, urgent"]),
        (b"x" * 1_000_001, ["larger than 1 MB"]),
        (
            (HEAD + "a,en,one,nicop,0\nb,en,two,nowhere,0\nc,xx,three,nicop,0\n").encode(),
            ["Row 3: accept: no topic or act", "Row 4: lang must be one of"],
        ),
        ((HEAD + "a,en,one,nicop,0\nb,en,one,nicop,0\n").encode(), ["Row 3: the same question"]),
        ((HEAD + "a,en,one\n").encode(), ["Row 2: has not one cell for each column"]),
        ((HEAD + "a,en,one,nicop,maybe\n").encode(), ["Row 2: urgent must be 0 or 1"]),
        ((HEAD + 'a,en,"one\n').encode(), ["not a table"]),
    ],
)
def test_a_table_with_a_fault_adds_nothing_and_names_the_rows(
    desk_client: LogIn, desk_store: Store, table: bytes, sentences: list[str]
) -> None:
    answer = upload(desk_client(Role.AUTHOR), table)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    for sentence in sentences:
        assert sentence in words(answer)  # type: ignore[arg-type]
    with desk_store.read() as session:
        assert golden.everything(session) == []


def test_a_shipped_question_cannot_be_removed(desk_client: LogIn, desk_store: Store) -> None:
    with desk_store.write() as session:
        golden.add(session, [NewQuestion("en", "x", ("nicop",))], 1)
        session.execute(update(GoldenQuestionRow).values(origin="files"))
    assert desk_client(Role.AUTHOR).post("/desk/golden/1/remove").status_code == 404


def test_who_may_not_write_sees_the_list_without_forms(desk_client: LogIn) -> None:
    reader = desk_client(Role.COUNSELLOR)
    assert "Add questions" not in words(reader.get("/desk/golden"))
    assert reader.post("/desk/golden", {}).status_code == 403
    assert reader.post("/desk/golden/upload").status_code == 403
    assert reader.post("/desk/golden/runs/nicop").status_code == 403


def test_stored_script_is_shown_as_text(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    text = "<script>alert(1)</script>\"'"
    author.post("/desk/golden", {"language": "en", "text": text, "accept": "nicop"})
    page = author.get("/desk/golden").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_cell_is_no_formula(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    author.post("/desk/golden", {"language": "en", "text": "=1+1", "accept": "nicop"})
    assert ",'=1+1," in author.get("/desk/golden/questions.csv").text


def change(desk: Desk, author: DeskClient, *texts: str) -> drafts.Draft:
    with desk.services.store.write() as session:
        draft = drafts.open_draft(session, "agent-fee-limit", author.account)
        document = {**draft.document}
        document["variants"] = {
            **document["variants"],
            "en": [*document["variants"]["en"], *texts],
        }
        return drafts.save(
            session, "agent-fee-limit", document, [], "", author.account, version=draft.version
        )


def test_what_will_change_is_shown_when_the_check_is_done(
    desk: Desk, desk_client: LogIn, bot: TrialBotOfTests, runner: GoldenRunner
) -> None:
    author = desk_client(Role.AUTHOR)
    author.post("/desk/golden", {"language": "en", "text": "nicop charges", "accept": "nicop"})
    bot.hears["nicop charges"] = sure("nicop")
    bot.learnt["nicop charges"] = sure("agent-fee-limit")
    bot.hears["what he may charge"] = sure("azad-visa")
    page = "/desk/golden/runs/agent-fee-limit"
    assert "This topic has no draft" in words(author.get(page))
    assert author.post(page).status_code == 404

    change(desk, author, "what he may charge")
    assert "This draft was not checked yet" in words(author.get(page))
    assert author.post(page).headers["location"] == page
    runner.settle()
    shown = words(author.get(page))
    assert "Now wrong: 1" in shown
    assert "nicop charges" in shown
    assert "What an agent may legally charge wrong" in shown
    assert "what he may charge" in shown  # a collision
    assert "Azad visa or free visa is not real" in shown
    assert "hx-trigger" not in author.get(f"{page}/progress").text
    assert "Now wrong: 1" in words(author.get("/desk/golden"))
    assert "has changed since" not in shown

    change(desk, author, "and another")
    assert "has changed since this check" in words(author.get(page))


def test_progress_shows_how_far_it_is_and_asks_again(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    draft = change(desk, author, "what he may charge")
    with desk.services.store.write() as session:
        golden_runs.start(session, "agent-fee-limit", draft.version, author.account.id)
        run = golden_runs.take(session)
        assert run is not None
        golden_runs.progress(session, run.id, 20, 300)
    answer = author.get("/desk/golden/runs/agent-fee-limit/progress")
    assert "20 of 300 questions asked" in words(answer)
    assert 'value="20"' in answer.text
    assert "hx-get" in answer.text
    assert "Look again" in words(answer)  # without JavaScript


def test_a_run_that_died_with_its_process_says_so(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    draft = change(desk, author, "what he may charge")
    with desk.services.store.write() as session:
        golden_runs.start(session, "agent-fee-limit", draft.version, author.account.id)
        golden_runs.take(session)
        assert golden_runs.abandon(session, alone=True) == 1
    page = author.get("/desk/golden/runs/agent-fee-limit")
    assert "interrupted" in words(page)


def test_no_such_topic_is_404(desk_client: LogIn) -> None:
    assert desk_client(Role.AUTHOR).get("/desk/golden/runs/no-such").status_code == 404


def test_the_notes_that_the_pages_use_are_there() -> None:
    assert {"added", "removed"} <= set(NOTES)
