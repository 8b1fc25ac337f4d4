"""The words of a guided check at the desk: changed, reviewed, published, never lost."""

from collections.abc import Callable

from api.content.documents import TopicDocument
from api.desk.access import Desk
from api.editorial import drafts
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words
from tests.desk.editor import fields_in, open_editor, save, step

LogIn = Callable[..., DeskClient]
PAGE = "/desk/topics/check-offer/check"
FIRST = "questions.0.text.en"


def published_question(desk: Desk) -> str:
    document = desk.services.keeper.current().topics["check-offer"].document
    assert isinstance(document, TopicDocument)
    assert document.check is not None
    return document.check.questions[0].text["en"]


def test_a_text_is_changed_reviewed_and_asked_from_the_next_message_on(
    desk: Desk, desk_client: LogIn
) -> None:
    author = desk_client(Role.AUTHOR)
    fields = fields_in(author.get(PAGE), "check")
    assert fields[FIRST] == published_question(desk)
    answer = author.post(PAGE, {**fields, FIRST: "Who makes you this offer?"})
    assert answer.headers["location"] == f"{PAGE}?said=saved"
    assert published_question(desk) != "Who makes you this offer?"
    changes = words(author.get("/desk/topics/check-offer/changes"))
    assert "check / questions / who / text / en" in changes
    assert step(author, "check-offer", "submit").status_code == 303
    second = desk_client(Role.REVIEWER, Role.PUBLISHER, organisation="UNODC")
    assert step(second, "check-offer", "approve").status_code == 303
    assert step(second, "check-offer", "publish").status_code == 303
    assert published_question(desk) == "Who makes you this offer?"


def test_saving_without_a_change_begins_no_draft(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    author.post(PAGE, fields_in(author.get(PAGE), "check"))
    with desk.services.store.read() as session:
        assert drafts.find(session, "check-offer") is None


def test_the_editor_of_the_words_around_it_keeps_the_questions(
    desk: Desk, desk_client: LogIn
) -> None:
    author = desk_client(Role.AUTHOR)
    fields = open_editor(author, "check-offer")
    save(author, "check-offer", fields)
    with desk.services.store.read() as session:
        assert drafts.find(session, "check-offer") is None
    save(author, "check-offer", fields, title__en="Is my offer safe? Check it")
    with desk.services.store.read() as session:
        draft = drafts.find(session, "check-offer")
        assert draft is not None
        assert not drafts.faults(session, draft)
    published = desk.services.keeper.current().topics["check-offer"].document.plain()
    assert draft.document["check"] == published["check"]


def test_two_who_change_it_at_once_lose_nothing(desk_client: LogIn) -> None:
    one, other = desk_client(Role.AUTHOR), desk_client(Role.AUTHOR)
    mine, theirs = fields_in(one.get(PAGE), "check"), fields_in(other.get(PAGE), "check")
    assert one.post(PAGE, {**mine, FIRST: "The first one wins?"}).status_code == 303
    answer = other.post(PAGE, {**theirs, FIRST: "The second one is told?"})
    assert answer.status_code == 409
    assert "The second one is told?" in answer.text
    again = other.post(PAGE, {**fields_in(answer, "check")})
    assert again.status_code == 303
    assert "The second one is told?" in other.get(PAGE).text


def test_a_text_that_is_missing_or_too_long_is_said(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    fields = fields_in(author.get(PAGE), "check")
    author.post(PAGE, {**fields, "questions.0.text.ur": ""})
    assert "no text in ur" in words(author.get(PAGE))
    fields = fields_in(author.get(PAGE), "check")
    author.post(PAGE, {**fields, "questions.0.text.ur": "ک" * 300, "questions.0.sms.ur": ""})
    assert "takes" in words(author.get(PAGE))


def test_options_words_and_figures_are_fields_too(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    fields = fields_in(author.get(PAGE), "check")
    words_of = next(name for name in fields if name.endswith("options.0.words"))
    changed = {words_of: "recruiter\r\nmanpower wala", "figures.1.amount": "20000"}
    assert author.post(PAGE, {**fields, **changed}).status_code == 303
    with desk.services.store.read() as session:
        draft = drafts.find(session, "check-offer")
    assert draft is not None
    check = draft.document["check"]
    assert check["questions"][0]["options"][0]["words"] == ["recruiter", "manpower wala"]
    assert check["figures"][1]["amount"] == 20000
    broken = fields_in(author.get(PAGE), "check")
    answer = author.post(PAGE, {**broken, "figures.1.checked": "tomorrow"})
    assert answer.status_code == 422


def test_a_topic_without_questions_has_no_such_page(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    assert author.get("/desk/topics/agent-fee-limit/check").status_code == 404
    assert author.get("/desk/topics/no-such-topic/check").status_code == 404
    assert desk_client(Role.COUNSELLOR).get(PAGE).status_code == 403
