"""The unanswered inbox: seen, attached, dismissed and opened again by those who may write."""

import re
from collections.abc import Callable

import pytest

from api.content import publishing
from api.content.documents import TopicDocument
from api.db import Store
from api.editorial import drafts
from api.messages import unanswered, unanswered_inbox
from api.messages.unanswered_inbox import Group, Wanted
from api.services import Services
from api.staff.roles import Role
from tests.desk.fixtures import DeskClient, words

ROOM = "/desk/unanswered"
LogIn = Callable[..., DeskClient]


def asked(store: Store, *texts: str, nearest: tuple[str, ...] = (), **more: str) -> list[int]:
    """These questions, noted; gives their groups."""
    found = []
    with store.write() as session:
        for text in texts:
            group = unanswered.note(
                session,
                None,
                unanswered.prepare(text, None),
                reason=more.get("reason", "unknown"),
                nearest=nearest,
                topic=more.get("topic"),
            )
            assert group is not None
            found.append(group)
    return found


def listed(store: Store, state: unanswered_inbox.State = "open") -> tuple[Group, ...]:
    with store.read() as session:
        return unanswered_inbox.listing(session, Wanted(state=state)).groups


def form(group: int, text: str, language: str, topic: str, action: str) -> dict[str, object]:
    return {
        "group": group,
        "text": text,
        "language": language,
        "topic": topic,
        "action": action,
    }


@pytest.fixture
def harmless(services: Services) -> str:
    """A topic that is neither sensitive nor urgent."""
    return next(
        topic
        for topic, one in sorted(services.keeper.current().topics.items())
        if isinstance(one.document, TopicDocument)
        and not one.document.sensitive
        and not one.document.urgent
    )


@pytest.fixture
def grave(services: Services) -> str:
    """A topic that is sensitive or urgent."""
    return next(
        topic
        for topic, one in sorted(services.keeper.current().topics.items())
        if isinstance(one.document, TopicDocument)
        and (one.document.sensitive or one.document.urgent)
    )


def test_questions_are_listed_with_what_is_near(
    desk_client: LogIn, store: Store, services: Services, harmless: str
) -> None:
    asked(store, "zarb moodle kahan hai", "zarb moodle kahan he?", nearest=(harmless, "gone"))
    page = words(desk_client(Role.AUTHOR).get(ROOM))
    answer = services.keeper.current().topics[harmless].answer("en")
    assert "zarb moodle kahan hai" in page
    assert "zarb moodle kahan he?" in page
    assert "2 people" in page
    assert answer.title.split()[0] in page
    assert "gone" not in page


def test_personal_data_does_not_reach_the_page(desk_client: LogIn, store: Store) -> None:
    asked(store, "agent ka number 0300 1234567 sahi hai? mera naam Zarghun hai")
    page = desk_client(Role.AUTHOR).get(ROOM).text
    assert "1234567" not in page
    assert "Zarghun" not in page
    assert "[phone]" in page


def test_what_a_person_wrote_is_shown_as_text(desk_client: LogIn, store: Store) -> None:
    (group,) = asked(store, "<script>alert(1)</script> zarb moodle kahan hai")
    client = desk_client(Role.AUTHOR)
    for path in (ROOM, f"{ROOM}/attach?group={group}"):
        page = client.get(path)
        assert "<script>alert" not in page.text
        assert "alert(1)" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=dismissed",
        "?language=ur",
        "?reason=disliked",
        "?order=newest",
        "?page=2",
        "?search=zarb",
        "?search=%00%27%25",
        "?undo=1&undo=2",
    ],
)
def test_every_list_can_be_shown(desk_client: LogIn, store: Store, query: str) -> None:
    asked(store, "zarb moodle kahan hai", "zarb moodle kab hai")
    asked(store, "zarb moodle kyun hai", reason="disliked", topic="protector")
    assert desk_client(Role.AUTHOR).get(ROOM + query).status_code == 200


@pytest.mark.parametrize(
    "query", ["?state=x", "?page=0", "?language=fr", "?undo=99999999999999999999"]
)
def test_an_address_that_makes_no_sense_is_refused(desk_client: LogIn, query: str) -> None:
    assert desk_client(Role.AUTHOR).get(ROOM + query).status_code == 422


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMINISTRATOR])
def test_who_may_not_write_sees_nothing(desk_client: LogIn, store: Store, role: Role) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    client = desk_client(role)
    assert client.get(ROOM).status_code == 403
    assert client.get(f"{ROOM}/attach?group={group}").status_code == 403
    assert client.post(ROOM, {"group": group, "action": "dismiss"}).status_code == 403
    assert client.post(f"{ROOM}/attach", form(group, "x", "en", "", "draft")).status_code == 403
    assert len(listed(store)) == 1


def test_a_dismissal_can_be_undone_from_the_next_page(desk_client: LogIn, store: Store) -> None:
    groups = asked(store, "zarb moodle kahan hai", "sing a song for me")
    client = desk_client(Role.AUTHOR)
    done = client.post(ROOM, {"group": groups, "action": "dismiss", "back": "order=newest"})
    assert done.status_code == 303
    assert listed(store) == ()
    after = client.get(done.headers["location"])
    assert "Undo" in words(after)
    assert "order=newest" in done.headers["location"]
    undo = re.findall(r'name="group" value="(\d+)"', after.text)
    assert sorted(map(int, undo)) == sorted(groups)
    client.post(ROOM, {"group": undo, "action": "reopen"})
    assert {group.id for group in listed(store)} == set(groups)


def test_ticked_questions_go_to_the_page_that_attaches_them(
    desk_client: LogIn, store: Store
) -> None:
    groups = asked(store, "zarb moodle kahan hai", "sing a song for me")
    done = desk_client(Role.AUTHOR).post(ROOM, {"group": groups, "action": "attach"})
    assert done.headers["location"] == f"{ROOM}/attach?group={groups[0]}&group={groups[1]}"


def test_where_somebody_came_from_leads_nowhere_else(desk_client: LogIn, store: Store) -> None:
    asked(store, "zarb moodle kahan hai")
    done = desk_client(Role.AUTHOR).post(
        ROOM, {"action": "dismiss", "back": "//evil.example/?state=x"}
    )
    assert done.headers["location"] == f"{ROOM}?said=none-chosen"


def test_an_author_attaches_into_the_draft(
    desk_client: LogIn, store: Store, services: Services, harmless: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai mera naam Zarghun hai")
    client = desk_client(Role.AUTHOR)
    page = client.get(f"{ROOM}/attach?group={group}&topic={harmless}")
    assert "Publish at once" not in page.text
    done = client.post(
        f"{ROOM}/attach", form(group, " zarb moodle\nkahan hai ", "ur-Latn", harmless, "draft")
    )
    assert done.status_code == 303
    with store.read() as session:
        draft = drafts.find(session, harmless)
        assert draft is not None
        assert draft.document["variants"]["ur-Latn"][-1] == "zarb moodle kahan hai"
    published = services.keeper.current().topics[harmless].document
    assert "zarb moodle kahan hai" not in published.variants["ur-Latn"]
    assert [one.attached_to for one in listed(store, "attached")] == [harmless]


def test_a_publisher_may_publish_a_variant_at_once_and_alone(
    desk_client: LogIn, store: Store, services: Services, harmless: str
) -> None:
    one, two = asked(store, "zarb moodle kahan hai", "sing a song for me")
    client = desk_client(Role.PUBLISHER)
    assert "Publish at once" in client.get(f"{ROOM}/attach?group={one}&topic={harmless}").text
    before = services.keeper.current().topics[harmless].document
    done = client.post(
        f"{ROOM}/attach",
        {
            "group": [one, two],
            "text": ["zarb moodle kahan hai", "sing a song for me"],
            "language": ["ur-Latn", "en"],
            "topic": harmless,
            "action": "publish",
        },
    )
    assert done.status_code == 303
    document = services.keeper.current().topics[harmless].document
    assert document.variants["ur-Latn"][-1] == "zarb moodle kahan hai"
    assert document.variants["en"][-1] == "sing a song for me"
    assert document.answers == before.answers
    assert listed(store) == ()


def test_an_author_cannot_publish_at_once(
    desk_client: LogIn, store: Store, services: Services, harmless: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    done = desk_client(Role.AUTHOR).post(
        f"{ROOM}/attach", form(group, "zarb moodle kahan hai", "ur-Latn", harmless, "publish")
    )
    assert done.status_code == 422
    assert "zarb" not in str(services.keeper.current().topics[harmless].document.variants)
    assert len(listed(store)) == 1


def test_nobody_publishes_a_variant_of_a_grave_topic_alone(
    desk_client: LogIn, store: Store, services: Services, grave: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    client = desk_client(Role.PUBLISHER, Role.REVIEWER)
    assert "Publish at once" not in client.get(f"{ROOM}/attach?group={group}&topic={grave}").text
    done = client.post(
        f"{ROOM}/attach", form(group, "zarb moodle kahan hai", "ur-Latn", grave, "publish")
    )
    assert done.status_code == 422
    assert "zarb" not in str(services.keeper.current().topics[grave].document.variants)
    assert len(listed(store)) == 1


def test_a_topic_with_a_draft_is_not_published_past_it(
    desk_client: LogIn, store: Store, harmless: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    client = desk_client(Role.PUBLISHER)
    with store.write() as session:
        drafts.open_draft(session, harmless, client.account)
    done = client.post(
        f"{ROOM}/attach", form(group, "zarb moodle kahan hai", "ur-Latn", harmless, "publish")
    )
    assert done.status_code == 422
    assert "has a draft" in words(done)


def test_what_is_not_for_us_teaches_the_bot_to_say_so(
    desk_client: LogIn, store: Store, services: Services
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    client = desk_client(Role.PUBLISHER)
    where = client.post(ROOM, {"group": group, "action": "out-of-scope"}).headers["location"]
    assert client.get(where).text.count("checked") == 1
    client.post(
        f"{ROOM}/attach",
        form(group, "zarb moodle kahan hai", "ur-Latn", "out-of-scope", "publish"),
    )
    act = services.keeper.current().act("out-of-scope")
    assert act is not None
    assert "zarb moodle kahan hai" in act.document.variants["ur-Latn"]


@pytest.mark.parametrize(
    ("text", "language", "sentence"),
    [
        ("", "en", "Write the question"),
        ("call [phone] now please", "en", "Take out the mark"),
        ("zarb moodle kahan hai", "ur", "The letters are not those"),
        ("عمان کا ویزا", "ur-Latn", "The letters are not those"),
        ("zarb moodle", "fr", "The letters are not those"),
    ],
)
def test_a_way_to_ask_that_is_none_is_shown_again_with_the_reason(
    desk_client: LogIn, store: Store, harmless: str, text: str, language: str, sentence: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    done = desk_client(Role.AUTHOR).post(
        f"{ROOM}/attach", form(group, text, language, harmless, "draft")
    )
    assert done.status_code == 422
    assert sentence in words(done)
    assert len(listed(store)) == 1


def test_a_way_to_ask_another_topic_is_refused_and_named(
    desk_client: LogIn, store: Store, services: Services, harmless: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    catalogue = services.keeper.current()
    other = next(one for one in sorted(catalogue.topics) if one != harmless)
    text = catalogue.topics[other].document.variants["en"][0].upper()
    client = desk_client(Role.AUTHOR)
    done = client.post(f"{ROOM}/attach", form(group, text, "en", harmless, "draft"))
    assert "already a way to ask" in words(done)
    done = client.post(f"{ROOM}/attach", form(group, text, "en", other, "draft"))
    assert "has this question already" in words(done)


@pytest.mark.parametrize("topic", ["", "no-such-topic", "greet"])
def test_questions_are_attached_to_topics_only(
    desk_client: LogIn, store: Store, topic: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    done = desk_client(Role.PUBLISHER).post(
        f"{ROOM}/attach", form(group, "zarb moodle kahan hai", "ur-Latn", topic, "publish")
    )
    assert done.status_code == 422
    assert "Choose a topic." in words(done)


def test_what_somebody_else_decided_meanwhile_is_not_decided_again(
    desk_client: LogIn, store: Store, services: Services, harmless: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    with store.write() as session:
        unanswered_inbox.dismiss(session, [group], 1)
    done = desk_client(Role.PUBLISHER).post(
        f"{ROOM}/attach", form(group, "zarb moodle kahan hai", "ur-Latn", harmless, "publish")
    )
    assert done.status_code == 422
    assert "Somebody else" in words(done)
    assert "zarb" not in str(services.keeper.current().topics[harmless].document.variants)


def test_a_topic_can_be_looked_for_and_nothing_typed_is_lost(
    desk_client: LogIn, store: Store, services: Services
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    done = desk_client(Role.AUTHOR).post(
        f"{ROOM}/attach",
        {**form(group, "as I put it", "en", "", "find"), "find": "protectr kya"},
    )
    assert done.status_code == 200
    assert "as I put it" in done.text
    offered = re.findall(r'name="topic" value="([^"]+)"', done.text)
    titles = [services.keeper.current().topics[one].answer("en").title for one in offered[:-1]]
    assert titles
    assert all("rotect" in title for title in titles)


def test_a_question_whose_writer_deleted_everything_is_gone(desk_client: LogIn) -> None:
    page = desk_client(Role.AUTHOR).get(f"{ROOM}/attach?group=999")
    assert page.status_code == 200
    assert "are gone" in words(page)


def test_a_topic_that_was_withdrawn_is_not_attached_to(
    desk_client: LogIn, store: Store, harmless: str
) -> None:
    (group,) = asked(store, "zarb moodle kahan hai", nearest=(harmless,))
    with store.write() as session:
        publishing.withdraw(session, harmless, author="x", reason="wrong")
    done = desk_client(Role.PUBLISHER).post(
        f"{ROOM}/attach", form(group, "zarb moodle kahan hai", "ur-Latn", harmless, "publish")
    )
    assert done.status_code == 422
    assert len(listed(store)) == 1


def test_the_room_speaks_urdu(desk_client: LogIn, store: Store) -> None:
    (group,) = asked(store, "zarb moodle kahan hai")
    client = desk_client(Role.PUBLISHER, language="ur")
    for path in (ROOM, f"{ROOM}/attach?group={group}"):
        assert '<html lang="ur" dir="rtl">' in client.get(path).text
