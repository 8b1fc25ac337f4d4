"""The phone book at the desk: who may change what people dial, and where a number is used."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from api.channels.simulator import WHATSAPP
from api.content import expiry, phone_book
from api.content.documents import Helpline
from api.desk.access import Desk
from api.desk.helpline_form import filled
from api.editorial import audit
from api.reply.compose import Composer
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words

LogIn = Callable[..., DeskClient]
MRC = "/desk/phone-book/mrc"


def helpline(desk: Desk, helpline_id: str = "mrc") -> Helpline:
    return desk.services.keeper.current().helplines[helpline_id]


def form(desk: Desk, helpline_id: str = "mrc", **changed: Any) -> dict[str, Any]:
    now = helpline(desk, helpline_id)
    typed = filled(now, phone_book.mark(now)).model_dump(exclude={"id", "dead"})
    return {**typed, **changed}


def told(desk: Desk, topic_id: str = "free-counselling", language: str = "en") -> str:
    catalogue = desk.services.keeper.current()
    composer = Composer(catalogue, language, WHATSAPP)
    return composer.topic(catalogue.topics[topic_id]).reply.text


def actions(desk: Desk) -> list[str]:
    with desk.services.store.read() as session:
        return [entry.action for entry in audit.entries(session)]


def test_the_list_finds_numbers_by_name_in_any_spelling_by_digits_and_by_country(
    desk_client: LogIn,
) -> None:
    author = desk_client(Role.AUTHOR)
    everything = words(author.get("/desk/phone-book"))
    assert "Migrant Resource Centre" in everything
    assert "Alarm Phone" in everything
    for query in ("search=resource+centre", "search=%D8%B1%DB%8C%D8%B3%D9%88%D8%B1%D8%B3"):
        found = words(author.get(f"/desk/phone-book?{query}"))
        assert "Migrant Resource Centre" in found
        assert "Alarm Phone" not in found
    assert "Alarm Phone" in words(author.get("/desk/phone-book?search=33486517161"))
    greece = words(author.get("/desk/phone-book?country=GR"))
    assert "Athens" in greece
    assert "Migrant Resource Centre" not in greece
    assert "No number fits" in words(author.get("/desk/phone-book?search=zzzzz"))


def test_a_number_shows_where_it_is_used(desk_client: LogIn) -> None:
    page = desk_client(Role.COUNSELLOR).get(MRC)
    assert 'href="/desk/topics/free-counselling"' in page.text
    assert "refuse-smuggler" in page.text
    assert "Change this number" not in page.text
    assert "I verified it today" not in page.text


def test_whoever_writes_may_say_that_a_number_is_still_right(
    desk: Desk, desk_client: LogIn
) -> None:
    author = desk_client(Role.AUTHOR, organisation="UNODC", name="Sana")
    answer = author.post(f"{MRC}/verify", {"seen": form(desk)["seen"]})
    assert answer.headers["location"] == f"{MRC}?said=confirmed"
    assert helpline(desk).checked == expiry.today()
    assert helpline(desk).verified_by == "Sana, UNODC"
    assert actions(desk) == ["number-verified"]
    assert "Sana, UNODC" in words(author.get("/desk/phone-book"))


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.COUNSELLOR])
def test_only_a_publisher_changes_what_people_dial(
    desk: Desk, desk_client: LogIn, role: Role
) -> None:
    somebody = desk_client(role)
    assert somebody.post(MRC, form(desk, number="0800-11111")).status_code == 403
    assert somebody.get("/desk/phone-book/new").status_code == 403
    assert helpline(desk).number == "03041112123"


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMINISTRATOR])
def test_who_does_not_write_cannot_verify(desk: Desk, desk_client: LogIn, role: Role) -> None:
    answer = desk_client(role).post(f"{MRC}/verify", {"seen": form(desk)["seen"]})
    assert answer.status_code == 403


def test_a_changed_number_is_in_every_answer_at_once(desk: Desk, desk_client: LogIn) -> None:
    assert "03041112123" in told(desk)
    publisher = desk_client(Role.PUBLISHER, name="Ali", organisation="MRC")
    # As it is written on a letterhead, and with the digits of an Urdu keyboard.
    answer = publisher.post(MRC, form(desk, number="0800 ۱۲۳۴۵", dead=""))
    assert answer.status_code == 303
    assert "080012345" in told(desk)
    assert "080012345" in told(desk, language="ur").replace("\u2066", "")
    assert helpline(desk).verified_by == "Ali, MRC"
    with desk.services.store.read() as session:
        entry = audit.entries(session)[0]
    assert entry.action == "number-changed"
    assert entry.detail["before"]["number"] == "03041112123"
    assert entry.detail["after"]["number"] == "080012345"
    assert "name" not in entry.detail["after"]


def test_a_number_that_makes_an_answer_too_long_is_refused_with_the_list(
    desk: Desk, desk_client: LogIn
) -> None:
    publisher = desk_client(Role.PUBLISHER)
    answer = publisher.post(MRC, form(desk, number="+9230411121230000000"))
    assert answer.status_code == 422
    page = words(answer)
    assert "some answers would break a rule" in page
    assert "at most 160" in page
    assert 'value="+9230411121230000000"' in answer.text
    assert helpline(desk).number == "03041112123"
    assert actions(desk) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "call us"),
        ("number", ""),
        ("country", "Pakistan"),
        ("name_ur", ""),
        ("hours_ur", "صبح 9 سے 5"),
        ("languages", "ur; <script>"),
        ("source", " "),
        ("confidence", "low"),
        ("note", "x" * 1001),
    ],
)
def test_a_wrong_field_is_shown_again_with_a_sentence_and_nothing_is_lost(
    desk: Desk, desk_client: LogIn, field: str, value: str
) -> None:
    before = helpline(desk)
    typed = form(desk) | {"note": "my note", field: value}
    answer = desk_client(Role.PUBLISHER).post(MRC, typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    if field != "note":
        assert 'value="my note"' in answer.text
    assert "<script>" not in answer.text
    assert helpline(desk) == before


def test_who_changes_a_number_that_somebody_else_changed_meanwhile_sees_both(
    desk: Desk, desk_client: LogIn
) -> None:
    first, second = desk_client(Role.PUBLISHER), desk_client(Role.PUBLISHER)
    mine, theirs = form(desk, number="0800111"), form(desk, number="0800222")
    assert first.post(MRC, theirs).status_code == 303
    answer = second.post(MRC, mine)
    assert answer.status_code == 409
    assert "0800222" in words(answer)
    assert 'value="0800111"' in answer.text
    assert helpline(desk).number == "0800222"
    assert second.post(f"{MRC}/verify", {"seen": mine["seen"]}).status_code == 409


def test_a_dead_number_is_flagged_wherever_it_is_used(desk: Desk, desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    publisher.post(MRC, form(desk, dead="true"))
    assert helpline(desk).dead
    page = words(publisher.get(MRC))
    assert "This number is dead, and" in page
    assert "I verified it today" not in page
    assert "Migrant Resource Centre" in words(publisher.get("/desk/phone-book?state=dead"))
    pages = [publisher.get(f"/desk/reviews?part=dead&page={page}") for page in (1, 2)]
    reviews = " ".join(map(words, pages))
    assert "Free, neutral advice" in reviews
    assert "refuse-smuggler" in reviews
    # Only a publisher brings it back; that it is "still right" is no longer possible.
    answer = publisher.post(f"{MRC}/verify", {"seen": form(desk)["seen"]})
    assert answer.status_code == 409
    publisher.post(MRC, form(desk))
    assert not helpline(desk).dead


def test_a_new_number_can_be_named_by_answers(desk: Desk, desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    assert publisher.get("/desk/phone-book/new").status_code == 200
    new = {**form(desk, number="0800-999"), "id": "mrc-lahore"}
    assert publisher.post("/desk/phone-book/new", new).status_code == 303
    assert helpline(desk, "mrc-lahore").number == "0800-999"
    again = publisher.post("/desk/phone-book/new", {**new, "number": "0800-888"})
    assert again.status_code == 422
    assert "with this id already" in words(again)
    assert helpline(desk, "mrc-lahore").number == "0800-999"
    for bad in ("new", "MRC Lahore", "", "a/../b"):
        assert publisher.post("/desk/phone-book/new", {**new, "id": bad}).status_code == 422
    assert actions(desk) == ["number-added"]


def test_what_is_typed_is_shown_as_text(desk: Desk, desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    script = "<script>alert(1)</script>"
    fields = ("name_en", "name_ur", "hours_en", "hours_ur", "hours_ur_latn", "note", "source_date")
    typed = form(desk, source="javascript:alert(1)", **dict.fromkeys(fields, script))
    assert publisher.post(MRC, typed).status_code == 303
    for path in (MRC, "/desk/phone-book", "/desk/reviews"):
        page = publisher.get(path).text
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page


def test_a_number_that_is_not_there_is_a_page_that_says_so(desk: Desk, desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    assert publisher.get("/desk/phone-book/nothing").status_code == 404
    assert publisher.post("/desk/phone-book/nothing", form(desk)).status_code == 404
    assert publisher.post("/desk/phone-book/nothing/verify", {"seen": "x"}).status_code == 404


def test_a_number_nobody_verified_for_long_asks_for_it(desk: Desk, desk_client: LogIn) -> None:
    later = helpline(desk).checked + datetime.timedelta(days=91)
    with time_machine.travel(datetime.datetime.combine(later, datetime.time(9), datetime.UTC)):
        author = desk_client(Role.AUTHOR)
        assert "Verify again" in words(author.get(MRC))
        assert "Migrant Resource" in words(author.get("/desk/reviews?part=numbers"))
        author.post(f"{MRC}/verify", {"seen": form(desk)["seen"]})
        assert "Migrant Resource" not in words(author.get("/desk/phone-book?state=due"))
