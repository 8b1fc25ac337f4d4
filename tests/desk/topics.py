"""What the tests of the pages about topics do to a store and read from a list."""

import re
from collections.abc import Callable

from api.content import publishing
from api.content.catalogue import Published
from api.content.documents import TopicDocument
from api.db import Store
from api.desk.access import Desk
from api.editorial import drafts, workflow
from api.staff.accounts import Account
from tests.desk.conftest import DeskClient

LogIn = Callable[..., DeskClient]
ROW = re.compile(r'<th scope="row"[^>]*>\s*<a href="/desk/topics/([^"]+)"')


def listed(client: DeskClient, query: str = "") -> list[str]:
    """The ids of the topics that a page of the list shows, in order."""
    answer = client.get(f"/desk/topics?{query}")
    assert answer.status_code == 200
    return ROW.findall(answer.text)


def published(desk: Desk, topic_id: str) -> Published:
    return desk.services.keeper.current().topics[topic_id]


def publish_again(desk: Desk, topic_id: str, **changes: object) -> None:
    """Publish a topic with other words or dates, as an editor would have."""
    item = published(desk, topic_id)
    document = TopicDocument.model_validate(item.document.plain() | changes)
    with desk.services.store.write() as session:
        publishing.publish(session, document, group=item.group, author="Somebody")


def with_english(desk: Desk, topic_id: str) -> dict[str, object]:
    """The answers of a topic, of which the English alone was changed."""
    answers = published(desk, topic_id).document.plain()["answers"]
    answers["en"]["title"] = answers["en"]["title"][:50] + " today"
    return {"answers": answers}


def saved_draft(
    store: Store, topic_id: str, actor: Account, *, submitted: bool = False
) -> drafts.Draft:
    with store.write() as session:
        draft = drafts.open_draft(session, topic_id, actor)
        document = dict(draft.document)
        title = document["answers"]["en"]["title"][:50] + " new"
        answers = dict(document["answers"])
        answers["en"] = answers["en"] | {"title": title}
        draft = drafts.save(
            session,
            topic_id,
            document | {"answers": answers},
            ["ur", "ur-Latn"],
            "a fee changed",
            actor,
            version=draft.version,
        )
        if submitted:
            draft = workflow.submit(session, topic_id, actor, version=draft.version)
    return draft
