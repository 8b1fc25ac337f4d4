"""Editors publish while people ask: every reply is made of one revision."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from sqlalchemy import text

from api.content import publishing
from api.content.documents import TopicDocument
from tests.journeys.conftest import Person, Service

TOPIC = "agent-fee-limit"
RATE = 20.0
SECONDS = 8.0


def edition(document: TopicDocument, number: int) -> TopicDocument:
    """The topic with one number in its title and its text, which must be told together."""
    plain = document.plain()
    for answer in plain["answers"].values():
        answer["whatsapp"] = f"{answer['whatsapp'][:300].split('{')[0]}\nEdition {number}"
        answer["source"] = f"Gazette {number}"
    # Numbers must be the same in all languages; the Urdu script keeps its own words.
    return TopicDocument.model_validate(plain)


def test_publishing_under_load_mixes_no_answer(service: Service) -> None:
    store = service.services.store
    published = service.services.keeper.current().topics[TOPIC]
    original = published.document
    assert isinstance(original, TopicDocument)
    waits = service.services.keeper.current().notices["many-wait"].text
    must_wait = tuple(words[:20] for words in waits.values())
    stopping = threading.Event()
    editions = count(1001)

    def publish() -> None:
        while not stopping.wait(0.4):
            with store.write() as session:
                publishing.publish(
                    session, edition(original, next(editions)), group=published.group, author="test"
                )

    editor = threading.Thread(target=publish)
    editor.start()
    people = [Person(service) for _ in range(int(RATE * SECONDS))]
    try:
        with ThreadPoolExecutor(16) as pool:
            began = time.monotonic()
            asked = []
            for number, person in enumerate(people):
                time.sleep(max(0.0, began + number / RATE - time.monotonic()))
                form = person.form("agent ki fees kitni hoti hai")
                asked.append(pool.submit(person.posts, form))
            assert {one.result() for one in asked} == {200}
        for person in people:
            person.waits_for(1, 120)
    finally:
        stopping.set()
        editor.join()
        with store.write() as session:
            publishing.publish(session, original, group=published.group, author="test")
    told = set()
    for person in people:
        # Before it some may have been told that they must wait.
        (reply,) = (said for said in person.heard() if not said.startswith(must_wait))
        body, source = re.search(r"Edition (\d+)", reply), re.search(r"Gazette (\d+)", reply)
        assert (body is None) == (source is None), reply
        if body and source:
            assert body[1] == source[1], reply
            told.add(int(body[1]))
    assert len(told) > SECONDS
    assert_each_reply_names_its_revision(service)


def assert_each_reply_names_its_revision(service: Service) -> None:
    """What went out is what stands in the revision that the store names for it."""
    with service.services.store.read() as session:
        rows = session.execute(
            text(
                "SELECT outbound.text, revision.document FROM outbound"
                " JOIN revision ON revision.id = outbound.revision_id"
                " WHERE outbound.text LIKE '%Edition%'"
            )
        ).all()
    assert rows
    for body, document in rows:
        assert f"Edition {body.split('Edition ')[1].split()[0]}" in str(document)
