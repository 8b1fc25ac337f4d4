"""Review and publish: who may take which step, what stands in the way, and the ways back."""

import datetime
from collections.abc import Callable

import pytest
import time_machine

from api.content import revisions
from api.db import Store, now
from api.desk.pakistan import field_value, pakistan_time, read_moment
from api.editorial import audit, drafts, golden_runs
from api.staff.roles import Role
from tests.desk.editor import open_editor, save, step
from tests.desk.fixtures import DeskClient, words

LogIn = Callable[..., DeskClient]
FEES = "protector-fees"  # sensitive
AGE = "minimum-age"  # not


@pytest.fixture
def author(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.AUTHOR, name="Amina")


@pytest.fixture
def reviewer(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.REVIEWER, name="Sara", organisation="UNODC")


@pytest.fixture
def publisher(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.PUBLISHER, name="Bilal")


def change(somebody: DeskClient, topic: str, title: str = "A new title") -> None:
    assert save(somebody, topic, open_editor(somebody, topic), title__en=title).status_code == 303


def draft_of(store: Store, topic: str) -> drafts.Draft | None:
    with store.read() as session:
        return drafts.find(session, topic)


def state(store: Store, topic: str) -> str:
    draft = draft_of(store, topic)
    return draft.state if draft else "none"


def published(store: Store, topic: str) -> revisions.Revision:
    with store.read() as session:
        found = revisions.published(session, topic)
    assert found is not None
    return found


def page(somebody: DeskClient, topic: str) -> str:
    return words(somebody.get(f"/desk/topics/{topic}/workflow"))


def publish(store: Store, topic: str, *people: DeskClient, title: str = "A new title") -> None:
    """The whole way: author, reviewer, publisher."""
    author, reviewer, publisher = people
    change(author, topic, title)
    for somebody, name in ((author, "submit"), (reviewer, "approve"), (publisher, "publish")):
        assert step(somebody, topic, name).status_code == 303, name
    assert draft_of(store, topic) is None


def test_a_change_goes_from_author_to_reviewer_to_publisher(
    author: DeskClient, reviewer: DeskClient, publisher: DeskClient, store: Store
) -> None:
    change(author, FEES)
    assert "Send for review" in page(author, FEES)
    assert "Publish now" not in page(publisher, FEES)
    answer = step(author, FEES, "submit", comment="Please look at the fees")
    assert answer.headers["location"] == f"/desk/topics/{FEES}/workflow?said=sent"
    shown = page(reviewer, FEES)
    assert "Please look at the fees" in shown
    assert "Written by Amina (IOM)." in shown
    assert step(reviewer, FEES, "approve").status_code == 303
    assert "Approved by Sara (UNODC)" in page(publisher, FEES)
    assert step(publisher, FEES, "publish").status_code == 303
    assert published(store, FEES).document["answers"]["en"]["title"] == "A new title"


def test_who_wrote_a_sensitive_change_is_told_why_he_cannot_approve_it(
    reviewer: DeskClient, author: DeskClient, store: Store
) -> None:
    change(reviewer, FEES)
    step(reviewer, FEES, "submit")
    assert "You wrote a part of it." in page(reviewer, FEES)
    assert "It needs a reviewer who did not write it" in page(author, FEES)
    answer = step(reviewer, FEES, "approve")
    assert answer.status_code == 403
    assert "Somebody who did not write it has to approve it." in words(answer)
    assert state(store, FEES) == "in-review"


def test_what_was_changed_after_it_was_read_is_not_approved(
    author: DeskClient, reviewer: DeskClient, store: Store
) -> None:
    change(author, AGE)
    step(author, AGE, "submit")
    draft = draft_of(store, AGE)
    assert draft is not None
    change(author, AGE, "Another title")
    step(author, AGE, "submit")
    answer = reviewer.post(f"/desk/topics/{AGE}/approve", {"version": str(draft.version)})
    assert answer.status_code == 409
    assert "it is another text now" in words(answer)
    assert state(store, AGE) == "in-review"


def test_faults_stand_in_the_way_and_are_listed(author: DeskClient, store: Store) -> None:
    save(author, FEES, open_editor(author, FEES), sms__ur="")
    shown = page(author, FEES)
    assert "To be repaired first:" in shown
    assert "Urdu, SMS : This is missing." in shown
    assert step(author, FEES, "submit").status_code == 422
    assert state(store, FEES) == "draft"


def test_sending_back_needs_a_reason_and_keeps_it(
    author: DeskClient, reviewer: DeskClient, store: Store
) -> None:
    change(author, FEES)
    step(author, FEES, "submit")
    assert step(reviewer, FEES, "send-back").status_code == 422
    assert step(reviewer, FEES, "send-back", comment="The fee is old").status_code == 303
    assert state(store, FEES) == "draft"
    assert "Sara sent it back" in page(author, FEES)
    assert "The fee is old" in page(author, FEES)


def test_it_is_published_at_a_time_of_pakistan(
    author: DeskClient, reviewer: DeskClient, publisher: DeskClient, store: Store
) -> None:
    change(author, AGE)
    step(author, AGE, "submit")
    step(reviewer, AGE, "approve")
    moment = now() + datetime.timedelta(days=2)
    for wrong in ("", "soon", field_value(now() - datetime.timedelta(hours=1))):
        answer = step(publisher, AGE, "schedule", moment=wrong)
        assert answer.status_code == 422
        assert "Choose a moment to come" in words(answer)
    assert step(publisher, AGE, "schedule", moment=field_value(moment)).status_code == 303
    draft = draft_of(store, AGE)
    assert draft is not None
    assert draft.publish_at == moment.replace(second=0, microsecond=0)
    assert pakistan_time(moment) in page(author, AGE)
    assert step(publisher, AGE, "unschedule").status_code == 303
    assert state(store, AGE) == "approved"


def test_pakistan_time_is_five_hours_ahead_and_goes_there_and_back() -> None:
    with time_machine.travel("2026-11-21T20:30:00+00:00", tick=False):
        assert pakistan_time(now()) == "22 Nov 2026, 01:30 PKT"
        assert field_value(now()) == "2026-11-22T01:30"
        assert read_moment("2026-11-22T01:30") == now()
    assert read_moment("2026-11-22T01:30+00:00") is None
    assert read_moment("tomorrow") is None


def test_a_draft_is_thrown_away_only_after_a_question(author: DeskClient, store: Store) -> None:
    change(author, FEES)
    asked = author.get(f"/desk/topics/{FEES}/discard")
    assert "What people get now does not change" in words(asked)
    assert state(store, FEES) == "draft"
    assert step(author, FEES, "discard").headers["location"].endswith("?said=discarded")
    assert state(store, FEES) == "none"


def test_withdrawing_needs_a_reason_and_is_at_once(publisher: DeskClient, store: Store) -> None:
    answer = step(publisher, FEES, "withdraw", reason=" ")
    assert answer.status_code == 422
    assert "Say why." in words(answer)
    assert step(publisher, FEES, "withdraw", reason="A wrong fee").status_code == 303
    with store.read() as session:
        assert revisions.published(session, FEES) is None
        assert audit.entries(session, topic_id=FEES)[0].action == "withdrawn"
    assert "Nobody gets this answer now." in page(publisher, FEES)


def test_an_earlier_revision_is_published_again_as_a_new_one(
    author: DeskClient, reviewer: DeskClient, publisher: DeskClient, store: Store
) -> None:
    old = published(store, FEES).document["answers"]["en"]["title"]
    publish(store, FEES, author, reviewer, publisher)
    assert "Publish an earlier revision again" in page(publisher, FEES)
    assert step(publisher, FEES, "roll-back", number="1").status_code == 422
    answer = step(publisher, FEES, "roll-back", number="1", reason="The old fee was right")
    assert answer.status_code == 303
    assert published(store, FEES).number == 3
    assert published(store, FEES).document["answers"]["en"]["title"] == old


def test_who_looked_at_the_sources_again_confirms_without_a_draft(
    reviewer: DeskClient, store: Store
) -> None:
    before = published(store, FEES)
    checked = before.document["checked"]
    day = datetime.date.fromisoformat(checked) + datetime.timedelta(days=30)
    right = {"checked": checked, "review_by": day.isoformat(), "revision_id": str(before.id)}
    for wrong in ({"checked": "2999-01-01"}, {"review_by": ""}, {"review_by": "2020-01-01"}):
        answer = step(reviewer, FEES, "confirm", **right | wrong)
        assert answer.status_code == 422
        assert "The check cannot be in the future" in words(answer)
    assert step(reviewer, FEES, "confirm", **right).status_code == 303
    assert published(store, FEES).document["review_by"] == day.isoformat()
    # It was another revision that he read.
    assert step(reviewer, FEES, "confirm", **right | {"checked": checked}).status_code == 409


def test_what_stands_now_is_compared_word_by_word(author: DeskClient) -> None:
    fields = open_editor(author, FEES)
    save(author, FEES, fields, sms__en=fields["sms.en"].replace("9,200", "9,700"))
    answer = author.get(f"/desk/topics/{FEES}/workflow").text
    assert "<del>9,200</del><ins>9,700</ins>" in answer


def test_any_two_revisions_are_compared(
    author: DeskClient, reviewer: DeskClient, publisher: DeskClient, store: Store
) -> None:
    publish(store, FEES, author, reviewer, publisher, title="Second title")
    publish(store, FEES, author, reviewer, publisher, title="Third title")
    changes = f"/desk/topics/{FEES}/changes"
    assert "What became of revision 2" in words(author.get(changes))
    shown = author.get(f"{changes}?from=1&to=3")
    assert "<ins>Third" in shown.text
    assert "Second" not in words(shown).split("Compare", 1)[1]
    assert "Nothing differs." in words(author.get(f"{changes}?from=2&to=2"))
    assert "All of it is new" in words(author.get(f"{changes}?to=1"))
    for wrong in ("from=9&to=1", "from=1&to=draft", "from=x&to=1", "from=1&to=²"):
        assert author.get(f"{changes}?{wrong}").status_code == 404
    assert author.get("/desk/topics/no-such-topic/changes").status_code == 404


def test_publishing_says_how_many_golden_questions_change(
    author: DeskClient, reviewer: DeskClient, publisher: DeskClient, store: Store
) -> None:
    change(author, AGE)
    step(author, AGE, "submit")
    step(reviewer, AGE, "approve")
    assert "were not asked of this version yet" in page(publisher, AGE)
    draft = draft_of(store, AGE)
    assert draft is not None
    with store.write() as session:
        run = golden_runs.start(session, AGE, draft.version, None)
        golden_runs.take(session)
        golden_runs.finish(session, run, {"languages": {"all": {"changed": 3, "new_wrong": 1}}})
    shown = page(publisher, AGE)
    assert "3 golden questions get another answer." in shown
    assert "1 of them is wrong." in shown
    change(author, AGE, "Another title")
    assert "golden questions get another answer" not in page(publisher, AGE)


def test_everybody_who_reads_topics_may_comment(desk_client: LogIn, author: DeskClient) -> None:
    counsellor = desk_client(Role.COUNSELLOR, name="Nida")
    words_ = "People ask about the <b>new</b> fee"
    assert step(counsellor, FEES, "comments", comment=words_).status_code == 303
    shown = author.get(f"/desk/topics/{FEES}/workflow").text
    assert "People ask about the &lt;b&gt;new&lt;/b&gt; fee" in shown
    assert step(counsellor, FEES, "comments", comment="  ").status_code == 422
    assert (
        counsellor.post("/desk/topics/no-such-topic/comments", {"comment": "x"}).status_code == 404
    )


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role.AUTHOR, ("approve", "publish", "schedule", "unschedule", "withdraw", "roll-back")),
        (Role.REVIEWER, ("publish", "schedule", "unschedule", "withdraw", "roll-back")),
        (Role.PUBLISHER, ("approve",)),
        (Role.COUNSELLOR, ("submit", "send-back", "approve", "publish", "discard", "confirm")),
        (Role.ADMINISTRATOR, ("submit", "send-back", "approve", "publish", "discard", "confirm")),
    ],
)
def test_a_step_is_refused_to_whoever_lacks_the_right(
    desk_client: LogIn, author: DeskClient, store: Store, role: Role, refused: tuple[str, ...]
) -> None:
    change(author, AGE)
    step(author, AGE, "submit")
    somebody = desk_client(role)
    for name in refused:
        assert step(somebody, AGE, name, reason="r", number="1").status_code == 403, name
    assert state(store, AGE) == "in-review"


def test_an_author_who_confirms_a_review_is_refused_by_the_rules(
    author: DeskClient, store: Store
) -> None:
    days = {"checked": "2026-11-21", "review_by": "2026-12-31"}
    assert step(author, FEES, "confirm", **days).status_code == 403
    assert published(store, FEES).number == 1
