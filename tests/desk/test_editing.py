"""The editor: what is typed is kept, by whom and when it was saved is told, nothing is lost."""

import datetime
from collections.abc import Callable

import pytest

from api.content import publishing, revisions
from api.content.catalogue import Catalogue
from api.db import Store
from api.desk.conflict import chosen
from api.desk.topic_form import fields_of, read_document
from api.editorial import drafts
from api.staff.roles import Role
from tests.desk.editor import fields_in, open_editor, save, step
from tests.desk.fixtures import DeskClient, words

LogIn = Callable[..., DeskClient]
FEES = "protector-fees"
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><b>out</b>",
    "]]></script>",
    "{{ 7 * 7 }}",
)


@pytest.fixture
def author(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.AUTHOR, name="Amina")


@pytest.fixture
def other(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.AUTHOR, name="Sara", organisation="UNODC")


def draft_of(store: Store, topic: str = FEES) -> drafts.Draft | None:
    with store.read() as session:
        return drafts.find(session, topic)


def saved(store: Store, topic: str = FEES) -> drafts.Draft:
    draft = draft_of(store, topic)
    assert draft is not None
    return draft


def test_the_form_holds_every_document_of_the_content_unchanged(catalogue: Catalogue) -> None:
    for topic_id, item in catalogue.topics.items():
        plain = item.document.plain()
        plain.pop("check", None)  # has a page of its own
        fields = {name: text.replace("\n", "\r\n") for name, text in fields_of(plain).items()}
        assert read_document(fields, topic_id, item.kind) == plain


def test_looking_and_saving_without_a_change_begins_no_draft(
    author: DeskClient, store: Store
) -> None:
    for do in ("save", "preview", "add-source"):
        assert save(author, FEES, open_editor(author, FEES), do).status_code == 303
    assert draft_of(store) is None


def test_a_fee_is_corrected_in_three_languages_at_once(author: DeskClient, store: Store) -> None:
    fields = open_editor(author, FEES)
    for name in [name for name in fields if name.startswith(("whatsapp.", "sms."))]:
        fields[name] = fields[name].replace("9,200", "9,700")
    answer = save(author, FEES, fields, note="It went up")
    assert answer.headers["location"] == f"/desk/topics/{FEES}/edit?said=saved"
    draft = saved(store)
    for language in ("en", "ur", "ur-Latn"):
        assert "9,700" in draft.document["answers"][language]["sms"]
    assert draft.note == "It went up"
    with store.read() as session:
        published = revisions.published(session, FEES)
        assert published is not None
        assert drafts.faults(session, draft) == ()
    assert draft.document["sources"] == published.document["sources"]
    assert draft.document["variants"] == published.document["variants"]


def test_an_incomplete_draft_is_kept_and_says_what_is_missing(
    author: DeskClient, store: Store
) -> None:
    fields = open_editor(author, FEES)
    assert save(author, FEES, fields, sms__ur="", source_short="far too long for an SMS")
    page = author.get(f"/desk/topics/{FEES}/edit")
    assert "sms" not in saved(store).document["answers"]["ur"]
    assert '<a href="#sms-ur">Urdu, SMS</a>: This is missing.' in page.text
    assert 'aria-describedby="sms-ur-fault count-sms-ur"' in page.text
    assert "Too long: at most 14 characters." in words(page)


def test_sources_are_added_and_removed_without_javascript(author: DeskClient, store: Store) -> None:
    fields = open_editor(author, FEES)
    number = len([name for name in fields if name.endswith(".url")])
    answer = save(author, FEES, fields, "add-source", title__en="A new title")
    assert answer.headers["location"].endswith("/edit?rows=1#sources")
    fields = fields_in(author.get(answer.headers["location"]))
    assert fields[f"sources.{number}.name"] == ""
    fields[f"sources.{number}.name"] = "Bureau of Emigration"
    save(author, FEES, fields, "remove-source:0")
    draft = saved(store)
    assert draft.document["answers"]["en"]["title"] == "A new title"
    assert len(draft.document["sources"]) == number
    assert draft.document["sources"][-1]["name"] == "Bureau of Emigration"
    assert draft.document["sources"][-1]["date"] is None


@pytest.mark.parametrize(("days", "day"), [(90, "2026-12-30"), (365, "2027-10-01")])
def test_a_review_day_is_suggested_from_the_day_of_the_check(
    author: DeskClient, store: Store, days: int, day: str
) -> None:
    fields = open_editor(author, FEES)
    save(author, FEES, fields, f"review-by:{days}", checked="2026-10-01")
    assert saved(store).document["review_by"] == day


def test_typing_is_saved_by_itself_and_the_page_learns_the_new_version(
    author: DeskClient, store: Store
) -> None:
    fields = {**open_editor(author, FEES), "title.en": "While I type"}
    first = author.post(f"/desk/topics/{FEES}/autosave", fields)
    assert "Draft saved at" in first.text
    version = saved(store).version
    assert f'id="version" value="{version}"' in first.text
    fields |= {"version": str(version), "title.en": "While I type on"}
    assert "Draft saved at" in author.post(f"/desk/topics/{FEES}/autosave", fields).text
    assert saved(store).document["answers"]["en"]["title"] == "While I type on"


def test_who_saves_later_sees_both_texts_and_loses_nothing(
    author: DeskClient, other: DeskClient, store: Store
) -> None:
    mine, theirs = open_editor(author, FEES), open_editor(other, FEES)
    save(other, FEES, theirs, title__en="Her title", sms__en="Her words")
    answer = save(author, FEES, mine, sms__en="My words", whatsapp__ur="میرے الفاظ")
    assert answer.status_code == 409
    assert "Sara (UNODC) saved this topic" in words(answer)
    assert saved(store).document["answers"]["en"]["sms"] == "Her words"
    assert "Her title" in answer.text
    merging = fields_in(answer, "conflict")
    # Mine where I changed something; theirs where only they did.
    assert merging["pick.sms.en"] == merging["pick.whatsapp.ur"] == "mine"
    assert merging["pick.title.en"] == "theirs"
    assert save(author, FEES, merging, sms__en="My words, again").status_code == 303
    document = saved(store).document["answers"]
    assert document["en"]["sms"] == "My words, again"
    assert document["en"]["title"] == "Her title"
    assert document["ur"]["whatsapp"] == "میرے الفاظ"


def test_their_text_can_be_taken_field_by_field(
    author: DeskClient, other: DeskClient, store: Store
) -> None:
    mine, theirs = open_editor(author, FEES), open_editor(other, FEES)
    their_sources = {**theirs, "sources.0.name": "Her source", "urgent": "on"}
    save(other, FEES, their_sources, variants__en="one\r\nhers", checked="2026-11-02")
    answer = save(
        author, FEES, mine, variants__en="one\r\nmine", checked="2026-11-03", sources__0__name="My"
    )
    merging = fields_in(answer, "conflict")
    picks = {"pick.sources": "theirs", "pick.checked": "theirs", "pick.variants.en": "both"}
    assert save(author, FEES, {**merging, **picks}).status_code == 303
    document = saved(store).document
    assert document["sources"][0]["name"] == "Her source"
    assert document["checked"] == "2026-11-02"
    assert document["urgent"] is True
    assert document["variants"]["en"] == ["one", "mine", "hers"]


def test_a_conflict_in_a_conflict_is_shown_again(author: DeskClient, other: DeskClient) -> None:
    mine, theirs = open_editor(author, FEES), open_editor(other, FEES)
    save(other, FEES, theirs, sms__en="Her words")
    merging = fields_in(save(author, FEES, mine, sms__en="My words"), "conflict")
    save(other, FEES, open_editor(other, FEES), sms__en="Her newer words")
    again = save(author, FEES, merging)
    assert again.status_code == 409
    assert fields_in(again, "conflict")["sms.en"] == "My words"


def test_an_autosave_stops_when_somebody_else_saved(
    author: DeskClient, other: DeskClient, store: Store
) -> None:
    mine = open_editor(author, FEES)
    save(other, FEES, open_editor(other, FEES), sms__en="Her words")
    answer = author.post(f"/desk/topics/{FEES}/autosave", {**mine, "sms.en": "My words"})
    assert "Not saved: Sara changed this topic meanwhile." in words(answer)
    assert '<div id="autosave" hx-swap-oob="true"></div>' in answer.text
    assert saved(store).document["answers"]["en"]["sms"] == "Her words"


def test_what_was_published_while_i_read_is_not_written_over(
    author: DeskClient, desk_client: LogIn, store: Store
) -> None:
    mine = open_editor(author, FEES)
    publisher = desk_client(Role.PUBLISHER)
    start = datetime.date.fromisoformat(mine["checked"])
    later = (start + datetime.timedelta(days=30)).isoformat()
    days = {"checked": mine["checked"], "review_by": later}
    assert publisher.post(f"/desk/topics/{FEES}/confirm", days).status_code == 303
    answer = save(author, FEES, mine, sms__en="My words")
    assert answer.status_code == 409
    merging = fields_in(answer, "conflict")
    assert merging["pick.review_by"] == "theirs"
    assert save(author, FEES, merging).status_code == 303
    assert saved(store).document["review_by"] == later
    assert saved(store).document["answers"]["en"]["sms"] == "My words"


def test_my_text_survives_a_draft_that_was_thrown_away(
    author: DeskClient, other: DeskClient, store: Store
) -> None:
    save(author, FEES, open_editor(author, FEES), title__en="A title")
    mine = open_editor(author, FEES)
    assert step(other, FEES, "discard").status_code == 303
    answer = save(author, FEES, mine, title__en="A better title")
    assert answer.status_code == 409
    assert "published or thrown away" in words(answer)
    assert save(author, FEES, fields_in(answer, "conflict")).status_code == 303
    assert saved(store).document["answers"]["en"]["title"] == "A better title"


def test_what_was_published_since_a_draft_began_is_taken_over(
    author: DeskClient, desk_client: LogIn, store: Store
) -> None:
    save(author, FEES, open_editor(author, FEES), title__en="A new title")
    with store.write() as session:
        publishing.add_variant(session, FEES, "en", "protector dues please", author="desk")
    page = author.get(f"/desk/topics/{FEES}/edit")
    assert "Take over what was published" in words(page)
    answer = author.post(f"/desk/topics/{FEES}/rebase", {"version": str(saved(store).version)})
    assert answer.status_code == 200
    assert "Take over what was published" not in words(answer)
    document = saved(store).document
    assert "protector dues please" in document["variants"]["en"]
    assert document["answers"]["en"]["title"] == "A new title"


def test_a_translation_that_did_not_follow_the_english_asks_for_a_look(
    author: DeskClient, store: Store
) -> None:
    fields = open_editor(author, "minimum-age")
    assert "confirmed.ur" not in author.get("/desk/topics/minimum-age/edit").text
    urdu = fields["sms.ur"] + "۔"
    english = fields["sms.en"].replace("before you pay", "before you pay anything")
    save(author, "minimum-age", fields, sms__en=english, sms__ur=urdu)
    page = author.get("/desk/topics/minimum-age/edit").text
    assert "<ins>" in page
    assert 'name="confirmed.ur-Latn"' in page
    assert 'name="confirmed.ur"' not in page
    fields = {**open_editor(author, "minimum-age"), "confirmed.ur-Latn": "on"}
    save(author, "minimum-age", fields)
    assert saved(store, "minimum-age").confirmed == ("ur-Latn",)


def test_a_number_is_put_in_by_its_code_from_the_phone_book(
    author: DeskClient, store: Store
) -> None:
    fields = open_editor(author, FEES)
    page = author.get(f"/desk/topics/{FEES}/edit")
    assert '<code dir="ltr" lang="en">{helpline:mrc}</code>' in page.text
    save(author, FEES, fields, sms__en="Call 0304 1112123 or {helpline:nobody}")
    page = author.get(f"/desk/topics/{FEES}/edit")
    assert "A phone number is typed." in words(page)
    assert "nobody is not in the phone book." in words(page)


def test_the_organisation_that_answers_for_it_is_proposed_in_the_draft(
    author: DeskClient, other: DeskClient, store: Store
) -> None:
    owner = str(other.account.organisation_id)
    save(author, FEES, open_editor(author, FEES), owner=owner)
    assert saved(store).owner_id == other.account.organisation_id
    save(author, FEES, open_editor(author, FEES), owner="99999", title__en="T")
    assert saved(store).owner_id == other.account.organisation_id


def test_a_text_that_is_far_too_long_is_refused_and_stays_in_the_form(
    author: DeskClient, store: Store
) -> None:
    answer = save(author, FEES, open_editor(author, FEES), sms__en="a" * 100_000)
    assert answer.status_code == 422
    assert "a" * 100_000 in answer.text
    assert draft_of(store) is None


@pytest.mark.parametrize("evil", EVIL)
def test_stored_script_in_every_field_is_only_text(author: DeskClient, evil: str) -> None:
    fields = open_editor(author, FEES)
    typed = ("title", "whatsapp", "sms", "source", "variants", "sources", "note", "source_short")
    for name in fields:
        if name.startswith(typed) and not name.endswith("confidence"):
            fields[name] = evil
    fields["sources.1.url"] = "javascript:alert(1)"
    fields["sources.2.url"] = "data:text/html,<script>alert(1)</script>"
    fields["sources.3.url"] = f"https://example.org/{evil}"
    assert save(author, FEES, fields).status_code == 303
    pages = [
        author.get(f"/desk/topics/{FEES}/{room}").text for room in ("edit", "workflow", "changes")
    ]
    mine = {**fields, "version": "1"}
    pages.append(save(author, FEES, mine, title__en=evil + "!").text)
    # As a part of a page, the preview is what a browser puts in.
    path = f"/desk/topics/{FEES}/preview?language=en&form=whatsapp&kind=topic"
    pages.append(author.post(path, fields).text)
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>out</b>" not in page
        assert 'href="javascript' not in page.lower()
        assert 'href="data:text' not in page.lower()
        assert evil != "{{ 7 * 7 }}" or "{{ 7 * 7 }}" in page


def test_a_choice_of_both_sides_keeps_the_order_of_mine() -> None:
    fields = {"pick.variants.en": "both", "variants.en": "b\r\na", "theirs.variants.en": "a\nc"}
    assert chosen(fields) == {"variants.en": "b\na\nc"}


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMINISTRATOR])
def test_who_may_only_read_cannot_open_the_editor(desk_client: LogIn, role: Role) -> None:
    reader = desk_client(role)
    assert reader.get(f"/desk/topics/{FEES}/edit").status_code == 403
    for path in ("edit", "autosave", "rebase", "preview?language=en&form=sms&kind=topic"):
        assert reader.post(f"/desk/topics/{FEES}/{path}", {}).status_code == 403


def test_there_is_no_editor_for_a_topic_that_does_not_exist(author: DeskClient) -> None:
    assert author.get("/desk/topics/no-such-topic/edit").status_code == 404
    assert save(author, "no-such-topic", {"title.en": "x"}).status_code == 404


def test_an_act_has_no_sources_and_no_dates(author: DeskClient, store: Store) -> None:
    fields = open_editor(author, "greet")
    assert not [name for name in fields if name.startswith(("sources", "source.", "checked"))]
    save(author, "greet", fields, title__en="Welcome")
    assert set(saved(store, "greet").document) == {"id", "answers", "variants"}
