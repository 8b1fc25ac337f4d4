"""A language that editors add: one writes it, another puts it in force, and it is spoken."""

from collections.abc import Callable

import pytest

from api.channels.simulator import WHATSAPP
from api.content import importer
from api.content.files import ContentSet
from api.db import Store
from api.reply.compose import Composer
from api.services import Services
from api.staff.roles import Role
from spelling import identify
from tests.desk.conftest import DeskClient, words

LogIn = Callable[..., DeskClient]
HELLO = "ہن میں سرائیکی وچ جواب ݙیساں۔"
SARAIKI = {
    "version": "0",
    "name": "سرائیکی",
    "direction": "rtl",
    "falls_back_to": "ur",
    "letters": "ٻ ڄ ݙ ڳ ݨ",
    "telling": "میکوں تیکوں",
    "words": "saraiki\nسرائیکی",
    "text-language-set": HELLO,
    "text-falls-back": "معاف کرو، ایہہ ڳالھ اردو وچ ہے۔",
}
ADDRESS = "/desk/languages/skr"


def saved(somebody: DeskClient, **other: str) -> None:
    answer = somebody.post(ADDRESS, {**SARAIKI, **other})
    assert answer.status_code == 303, answer.text


def test_a_language_is_added_at_the_desk(
    desk_client: LogIn, services: Services, store: Store, content: ContentSet
) -> None:
    publisher, approver = desk_client(Role.PUBLISHER), desk_client(Role.REVIEWER)
    opened = publisher.get("/desk/languages/open?code=skr")
    assert opened.headers["location"] == ADDRESS
    saved(publisher)
    assert "skr" not in services.keeper.current().languages
    assert approver.post(f"{ADDRESS}/approve", {"version": "1"}).status_code == 303
    catalogue = services.keeper.current()
    assert identify("میکوں ڄاݨ ڳھن", catalogue.tongues).language == "skr"
    assert catalogue.language_words["saraiki"] == "skr"
    assert Composer(catalogue, "skr", WHATSAPP).notice("language-set") == HELLO
    urdu = catalogue.notices["opted-in"].text["ur"]
    assert Composer(catalogue, "skr", WHATSAPP).notice("opted-in") == urdu
    assert {"ps", "pnb"} <= set(catalogue.languages)
    with store.write() as session:  # the next start keeps what came from the desk
        assert "further" in importer.import_content(session, content).kept
    assert "skr" in services.keeper.current().languages
    assert "In force" in words(approver.get(ADDRESS))


def test_who_wrote_it_cannot_approve_it(desk_client: LogIn) -> None:
    both = desk_client(Role.PUBLISHER, Role.REVIEWER)
    saved(both)
    assert "/approve" not in both.get(ADDRESS).text
    assert both.post(f"{ADDRESS}/approve", {"version": "1"}).status_code == 403


def test_what_was_changed_meanwhile_is_not_approved_or_overwritten(desk_client: LogIn) -> None:
    one, other = desk_client(Role.PUBLISHER), desk_client(Role.PUBLISHER)
    approver = desk_client(Role.REVIEWER)
    saved(one)
    saved(one, version="1")
    refused = other.post(ADDRESS, {**SARAIKI, "version": "1", "name": "Seraiki"})
    assert refused.status_code == 409
    assert "Seraiki" in refused.text
    assert approver.post(f"{ADDRESS}/approve", {"version": "1"}).status_code == 409


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("name", "", "It is missing."),
        ("letters", "ک", "Too many Urdu questions would be taken for it."),
        ("telling", "ہے کا میں", "Too many Urdu questions would be taken for it."),
        ("words", "stop", "One of these words is missing, or means something else already."),
        ("words", "urdu", "One of these words is missing, or means something else already."),
        ("text-language-set", "", "It is missing."),
        ("text-withheld-title", "{name}", "The places in braces"),
        ("text-menu-outro", "Saraiki", "It breaks a rule"),
    ],
)
def test_what_must_not_be_in_force_is_named_and_not_approved(
    desk_client: LogIn, field: str, value: str, fault: str
) -> None:
    publisher, approver = desk_client(Role.PUBLISHER), desk_client(Role.REVIEWER)
    saved(publisher, **{field: value})
    assert fault in words(publisher.get(ADDRESS))
    assert approver.post(f"{ADDRESS}/approve", {"version": "1"}).status_code == 409


def test_a_change_of_one_in_force_begins_with_what_people_have(
    desk_client: LogIn, services: Services
) -> None:
    page = desk_client(Role.PUBLISHER).get("/desk/languages/ps").text
    assert services.keeper.current().notices["language-set"].text["ps"] in page


def test_the_full_languages_are_not_changed_here(desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    assert publisher.get("/desk/languages/ur").status_code == 404
    assert publisher.post("/desk/languages/ur", SARAIKI).status_code in (404, 409)


def test_a_draft_is_thrown_away(desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    saved(publisher)
    assert "skr" in words(publisher.get("/desk/languages"))
    publisher.post(f"{ADDRESS}/discard")
    assert "skr" not in publisher.get("/desk/languages").text.split("Code of a new")[0]
