"""The page of one topic, its owner, and a new topic."""

import pytest

from api.content import revisions
from api.content.documents import TopicDocument
from api.db import Store
from api.desk.access import Desk
from api.editorial import audit, drafts, status, workflow
from api.staff.roles import Role
from tests.desk.conftest import words
from tests.desk.topics import LogIn, listed, published, saved_draft


def test_the_page_shows_every_language_sources_variants_and_history(
    desk: Desk, desk_client: LogIn
) -> None:
    document = published(desk, "nicop").document
    assert isinstance(document, TopicDocument)
    page = desk_client(Role.AUTHOR).get("/desk/topics/nicop")
    for language, answer in document.answers.items():
        assert f'id="{language}"' in page.text
        assert answer.title in words(page)
    assert document.sources[0].name in words(page)
    assert f"English: {len(document.variants['en'])}" in words(page)
    assert "published now" in words(page)
    assert "{helpline:" not in words(page)


def test_a_topic_that_is_not_there_is_not_found(desk_client: LogIn) -> None:
    assert desk_client(Role.AUTHOR).get("/desk/topics/no-such-topic").status_code == 404


def test_a_withdrawn_topic_says_so(desk: Desk, desk_client: LogIn, store: Store) -> None:
    publisher = desk_client(Role.PUBLISHER)
    with store.write() as session:
        workflow.withdraw(session, "nicop", "the fee is wrong", publisher.account)
    page = words(publisher.get("/desk/topics/nicop"))
    assert "This is withdrawn" in page
    assert "the fee is wrong" in page
    assert listed(publisher, "state=withdrawn") == ["nicop"]


def test_scripts_in_a_draft_are_shown_as_text_and_never_followed(
    desk_client: LogIn, store: Store
) -> None:
    author = desk_client(Role.AUTHOR)
    bad = '"><img src=x onerror=alert(1)><script>alert(1)</script>]]>'
    with store.write() as session:
        drafts.start_topic(
            session,
            "bad-words",
            "papers",
            author.account,
            document={
                "id": "bad-words",
                "sources": [
                    {"supports": bad, "name": bad, "url": "javascript:alert(1)", "date": bad}
                ],
                "answers": {"en": {"title": bad, "whatsapp": bad, "sms": bad, "source": bad}},
                "variants": {"en": [bad]},
            },
        )
    for path in ("/desk/topics/bad-words", "/desk/topics", "/desk/coverage"):
        page = author.get(f"{path}?state=unpublished").text
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page


def test_a_publisher_hands_a_topic_over_and_the_log_says_so(
    desk: Desk, desk_client: LogIn, store: Store
) -> None:
    publisher = desk_client(Role.PUBLISHER, organisation="Ministry")
    owner = publisher.account.organisation_id
    saved_draft(store, "nicop", publisher.account)
    answer = publisher.post("/desk/topics/nicop/owner", {"owner": str(owner)})
    assert answer.status_code == 303
    with store.read() as session:
        found = status.of_topic(session, "nicop")
        draft = drafts.find(session, "nicop")
        entry = audit.entries(session, topic_id="nicop")[0]
    assert found is not None
    assert draft is not None
    assert found.owner_id == draft.owner_id == owner
    assert (entry.action, entry.detail["to"]) == ("handed-over", "Ministry")


def test_an_owner_who_is_no_organisation_is_refused(desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    for wrong in ("99999", "x", "-1"):
        assert publisher.post("/desk/topics/nicop/owner", {"owner": wrong}).status_code == 422
    assert publisher.post("/desk/topics/no-topic/owner", {"owner": ""}).status_code == 404


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.COUNSELLOR])
def test_who_may_not_publish_hands_no_topic_over(desk_client: LogIn, role: Role) -> None:
    somebody = desk_client(role)
    assert 'name="owner"' not in somebody.get("/desk/topics/nicop").text
    assert somebody.post("/desk/topics/nicop/owner", {"owner": ""}).status_code == 403


# --- a new topic ---------------------------------------------------------------------------


def test_a_question_becomes_the_first_variant_of_a_new_topic(
    desk_client: LogIn, store: Store
) -> None:
    author = desk_client(Role.AUTHOR)
    form = author.http.get(
        "/desk/topics/new", params={"variant": "mars ka visa kaise", "language": "ur-Latn"}
    )
    assert "mars ka visa kaise" in form.text
    answer = author.post(
        "/desk/topics/new",
        {
            "title": "Visa for Mars",
            "group": "papers",
            "language": "ur-Latn",
            "variant": "mars ka visa kaise",
        },
    )
    assert answer.headers["location"] == "/desk/topics/visa-for-mars/edit"
    with store.read() as session:
        draft = drafts.find(session, "visa-for-mars")
        assert revisions.last(session, "visa-for-mars") is None
    assert draft is not None
    assert draft.document["variants"]["ur-Latn"] == ["mars ka visa kaise"]
    assert draft.document["answers"]["ur-Latn"]["title"] == "Visa for Mars"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": " "}, "Please fill this in."),
        ({"group": ""}, "Please fill this in."),
        ({"title": "مریخ کا ویزا", "language": "ur"}, "Please write an id"),
        ({"id": "Not an id!"}, "Small letters a-z"),
        ({"id": "new"}, "Small letters a-z"),
        ({"id": "nicop"}, "A topic has this id already."),
    ],
)
def test_a_form_that_is_wrong_comes_back_with_what_was_typed(
    desk_client: LogIn, changed: dict[str, str], sentence: str
) -> None:
    form = {"title": "Mars", "group": "papers", "language": "en", "variant": "typed <b>words</b>"}
    answer = desk_client(Role.AUTHOR).post("/desk/topics/new", form | changed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "typed &lt;b&gt;words&lt;/b&gt;" in answer.text
    assert 'aria-invalid="true"' in answer.text
