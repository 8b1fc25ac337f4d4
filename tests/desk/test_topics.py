"""The topics list and the coverage matrix."""

import re
from datetime import timedelta

import pytest
import time_machine

from api.content import phone_book
from api.content.documents import TopicDocument
from api.db import Store, now
from api.desk.access import Desk
from api.editorial import drafts, status
from api.editorial.status import Language
from api.messages import dislikes
from api.staff.roles import Role
from tests.desk.conftest import words
from tests.desk.topics import (
    ROW,
    LogIn,
    listed,
    publish_again,
    published,
    saved_draft,
    with_english,
)


def test_the_list_shows_every_topic_fifty_a_page(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    topics = {id for id, item in desk.services.keeper.current().topics.items()
              if item.kind == "topic"}  # fmt: skip
    pages = [listed(author, f"page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages[:2]] == [50, 50]
    assert set().union(*pages) == topics
    assert sum(map(len, pages)) == len(topics)


def test_a_page_that_is_not_there_shows_the_last_one(desk_client: LogIn) -> None:
    assert listed(desk_client(Role.AUTHOR), "page=99")


@pytest.mark.parametrize(
    "spelling",
    ["protector fees", "PROTECTOR  fee", "protectar ki fees", "protector-fees", "پروٹیکٹر فیس"],
)
def test_a_topic_is_found_however_its_title_is_spelled(desk_client: LogIn, spelling: str) -> None:
    author = desk_client(Role.AUTHOR)
    answer = author.http.get("/desk/topics", params={"q": spelling})
    assert "protector-fees" in ROW.findall(answer.text)


def test_letters_of_an_arabic_keyboard_find_urdu_titles(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    title = published(desk, "passport-apply").answer("ur").title
    arabic = title.replace("ی", "ي").replace("ک", "ك").replace("ہ", "ه")
    answer = author.http.get("/desk/topics", params={"q": arabic})
    assert "passport-apply" in ROW.findall(answer.text)


def test_a_search_for_nothing_that_is_there_says_so(desk_client: LogIn) -> None:
    answer = desk_client(Role.AUTHOR).get("/desk/topics?q=zzzqqq")
    assert "No topic fits" in words(answer)


def test_an_english_change_marks_the_other_languages_out_of_date(
    desk: Desk, desk_client: LogIn
) -> None:
    author = desk_client(Role.AUTHOR)
    assert listed(author, "languages=outdated") == []
    publish_again(desk, "nicop", **with_english(desk, "nicop"))
    assert listed(author, "languages=outdated") == ["nicop"]
    assert listed(author, "languages=ur.outdated") == ["nicop"]
    page = words(author.get("/desk/topics?languages=outdated"))
    assert "Urdu: out of date" in page
    assert "1 out of date against the English" in page


def test_what_is_overdue_withheld_or_due_soon_is_counted_on_top(
    desk: Desk, desk_client: LogIn
) -> None:
    today = now().date()
    for topic_id, days, sensitive in (
        ("nicop", -1, False),
        ("attestation", -31, True),
        ("passport-apply", 30, False),
        ("police-certificate", -31, False),
    ):
        dates = {"checked": today - timedelta(400), "review_by": today + timedelta(days)}
        publish_again(desk, topic_id, **dates, sensitive=sensitive, urgent=False)
    author = desk_client(Role.AUTHOR)
    assert set(listed(author, "due=overdue")) >= {"nicop", "attestation", "police-certificate"}
    assert "attestation" in listed(author, "due=withheld")
    assert "police-certificate" not in listed(author, "due=withheld")
    assert "passport-apply" in listed(author, "due=soon")
    assert listed(author, "sort=due&due=overdue")[0] in {"attestation", "police-certificate"}
    page = words(author.get("/desk/topics"))
    assert re.search(r"\d+ past their review", page)
    assert re.search(r"1 withheld from people", page)


def test_what_people_asked_last_week_sorts_the_list(
    desk: Desk, desk_client: LogIn, store: Store
) -> None:
    with time_machine.travel(now() - timedelta(days=8)), store.write() as session:
        dislikes.record(session, "attestation", "en")
    with store.write() as session:
        dislikes.record(session, "nicop", "ur")
    page = desk_client(Role.AUTHOR).get("/desk/topics?sort=unhelpful")
    assert ROW.findall(page.text)[0] == "nicop"
    assert listed(desk_client(Role.AUTHOR), "sort=title")[0] != "nicop"


def test_topics_with_a_dead_number_are_flagged(
    desk: Desk, desk_client: LogIn, store: Store
) -> None:
    catalogue = desk.services.keeper.current()
    helpline_id, uses = next(iter(phone_book.usage(catalogue).items()))
    helpline = catalogue.helplines[helpline_id]
    with store.write() as session:
        dead = helpline.model_copy(update={"dead": True})
        phone_book.change(session, catalogue, dead, seen=phone_book.mark(helpline))
    author = desk_client(Role.AUTHOR)
    topics = {use.id for use in uses if use.kind == "topic"}
    found = {id for page in (1, 2, 3) for id in listed(author, f"flag=dead-number&page={page}")}
    assert found == topics
    assert f"{len(topics)} name a dead number" in words(author.get("/desk/topics"))
    if topics:
        page = words(author.get(f"/desk/topics/{min(topics)}"))
        assert "names a number that does not work any more" in page


def test_a_draft_in_review_waits_for_whoever_may_approve_it(
    desk: Desk, desk_client: LogIn, store: Store
) -> None:
    writer = desk_client(Role.REVIEWER)
    topic_id = next(
        id for id, item in desk.services.keeper.current().topics.items()
        if isinstance(item.document, TopicDocument) and item.document.sensitive
    )  # fmt: skip
    saved_draft(store, topic_id, writer.account, submitted=True)
    assert listed(writer, "state=in-review") == [topic_id]
    assert listed(writer, "state=mine") == []
    assert listed(desk_client(Role.REVIEWER), "state=mine") == [topic_id]
    assert listed(desk_client(Role.AUTHOR), "state=mine") == []
    assert "waits for you" in words(desk_client(Role.REVIEWER).get("/desk/topics?state=mine"))


def test_a_new_topic_is_in_the_list_before_it_is_published(
    desk_client: LogIn, store: Store
) -> None:
    author = desk_client(Role.AUTHOR)
    with store.write() as session:
        document = {"id": "visa-for-mars", "answers": {"ur": {"title": "مریخ کا ویزا"}}}
        drafts.start_topic(session, "visa-for-mars", "papers", author.account, document=document)
    assert listed(author, "state=unpublished") == ["visa-for-mars"]
    assert listed(author, "languages=missing") == ["visa-for-mars"]
    page = words(author.get("/desk/topics?state=unpublished"))
    assert "مریخ کا ویزا" in page
    assert "Never published" in page
    assert author.get("/desk/topics/visa-for-mars").status_code == 200
    assert author.get("/desk/coverage?state=unpublished").status_code == 200


def test_the_list_narrows_by_group_owner_mark_and_kind(desk: Desk, desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER, organisation="UNODC")
    owner = publisher.account.organisation_id
    publisher.post("/desk/topics/nicop/owner", {"owner": str(owner)})
    topics = desk.services.keeper.current().topics
    assert listed(publisher, f"owner={owner}") == ["nicop"]
    assert "nicop" not in listed(publisher, "owner=none&group=papers")
    assert {topics[id].group for id in listed(publisher, "group=papers")} == {"papers"}
    assert all(topics[id].urgent for id in listed(publisher, "flag=urgent"))
    assert {topics[id].kind for id in listed(publisher, "kind=act")} == {"act"}


def test_the_titles_follow_the_language_of_the_interface(desk: Desk, desk_client: LogIn) -> None:
    page = desk_client(Role.AUTHOR, language="ur").get("/desk/topics?q=nicop")
    assert published(desk, "nicop").answer("ur").title in page.text
    assert '<html lang="ur" dir="rtl">' in page.text


def test_a_counsellor_may_read_the_list_but_starts_no_topic(desk_client: LogIn) -> None:
    counsellor = desk_client(Role.COUNSELLOR)
    assert "New topic" not in words(counsellor.get("/desk/topics"))
    assert counsellor.get("/desk/topics/new").status_code == 403


def test_a_complete_topic_is_complete_in_every_language(desk: Desk, store: Store) -> None:
    with store.read() as session:
        found = status.of_topic(session, "nicop")
    assert found is not None
    assert set(found.languages.values()) == {Language.COMPLETE}


# --- coverage ------------------------------------------------------------------------------


def test_the_matrix_shows_every_language_and_form_with_its_length(
    desk: Desk, desk_client: LogIn
) -> None:
    page = desk_client(Role.AUTHOR).get("/desk/coverage?q=nicop")
    row = page.text[page.text.index('<th scope="row">') :]
    cells = re.findall(r"<td class=\"([^\"]*)\">.*?</td>", row, re.DOTALL)[:6]
    assert cells == [""] * 6
    assert "segments" in row
    assert "/desk/topics/nicop/edit#sms.ur" in row
    # What is published fits: the number before the slash is not over the one behind it.
    lengths = re.findall(r"</span>(\d+)<small>/(\d+)</small>", row)
    assert len(lengths) >= 6
    assert all(0 < int(length) <= int(limit) for length, limit in lengths)


def test_whoever_cannot_write_is_led_to_the_page_and_not_to_the_editor(
    desk_client: LogIn,
) -> None:
    page = desk_client(Role.COUNSELLOR).get("/desk/coverage?q=nicop")
    assert "/edit" not in page.text
    assert "/desk/topics/nicop#ur" in page.text


def test_a_language_that_is_out_of_date_is_marked_in_the_matrix(
    desk: Desk, desk_client: LogIn
) -> None:
    publish_again(desk, "nicop", **with_english(desk, "nicop"))
    page = desk_client(Role.AUTHOR).get("/desk/coverage?languages=ur.outdated")
    assert page.text.count('<td class="outdated">') == 4
    assert "1 out of date" in words(page)
