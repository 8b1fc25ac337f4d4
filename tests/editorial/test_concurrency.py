"""Many editors at the same moment: one wins, the others are told so, nothing is half done."""

import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy.orm import Session

from api.content import publishing, revisions
from api.content.catalogue import CatalogueKeeper, read_catalogue, version
from api.db import Store
from api.editorial import audit, drafts, workflow
from api.errors import SahiError
from tests.editorial.conftest import PLAIN, SENSITIVE, URGENT
from tests.editorial.people import People, approve, edit, submit, with_fee

THREADS = 8


def at_once(store: Store, *steps: Callable[[Session], object]) -> Counter[str]:
    """Take all steps at the same moment, each in its own transaction; how they ended, by name."""
    ready = threading.Barrier(len(steps))
    ends: list[str] = []

    def run(step: Callable[[Session], object]) -> None:
        ready.wait(20)
        try:
            with store.write() as session:
                step(session)
        except SahiError as error:
            ends.append(type(error).__name__)
        except BaseException as error:
            ends.append(f"unexpected {error!r}"[:300])
            raise
        else:
            ends.append("done")

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(ends) == len(steps)
    return Counter(ends)


def test_of_eight_that_save_one_wins_and_the_others_get_both_texts(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        seen = drafts.open_draft(session, PLAIN, people.amna)

    def saving(fee: int) -> Callable[[Session], object]:
        return lambda session: drafts.save(
            session,
            PLAIN,
            with_fee(seen.document, f"{fee}"),
            (),
            "",
            people.amna,
            version=seen.version,
        )

    ends = at_once(edited, *(saving(1000 + number) for number in range(THREADS)))
    assert ends == {"done": 1, "DraftChanged": THREADS - 1}
    with edited.read() as session:
        draft = drafts.find(session, PLAIN)
        saved = [one for one in audit.entries(session) if one.action == "draft-saved"]
    assert draft is not None
    assert draft.version == seen.version + 1
    assert len(saved) == 1


def test_of_eight_that_open_a_draft_all_get_the_same_one(edited: Store, people: People) -> None:
    ends = at_once(
        edited,
        *[lambda session: drafts.open_draft(session, PLAIN, people.amna)] * THREADS,
    )
    assert ends == {"done": THREADS}
    with edited.read() as session:
        assert [entry.action for entry in audit.entries(session)] == ["draft-opened"]


def test_of_eight_that_publish_one_does_and_there_is_one_new_revision(
    edited: Store, people: People
) -> None:
    draft = approve(
        edited, submit(edited, edit(edited, SENSITIVE, people.amna), people.amna), people.chandni
    )
    ends = at_once(
        edited,
        *[lambda s: workflow.publish(s, SENSITIVE, people.daud, version=draft.version)] * THREADS,
    )
    assert ends == {"done": 1, "NotReady": THREADS - 1}
    with edited.read() as session:
        assert [head.number for head in revisions.history(session, SENSITIVE)] == [2, 1]
        assert drafts.find(session, SENSITIVE) is None


def test_saving_sending_back_approving_and_publishing_never_mix(
    edited: Store, people: People
) -> None:
    draft = approve(
        edited, submit(edited, edit(edited, PLAIN, people.amna), people.amna), people.chandni
    )
    other = with_fee(draft.document, "6,666")
    number = draft.version
    ends = at_once(
        edited,
        *[lambda s: workflow.publish(s, PLAIN, people.daud, version=number)] * 2,
        *[lambda s: drafts.save(s, PLAIN, other, (), "", people.bilal, version=number)] * 2,
        *[lambda s: workflow.send_back(s, PLAIN, people.chandni, "no", version=number)] * 2,
        *[lambda s: workflow.withdraw(s, PLAIN, "wrong", people.daud)] * 2,
    )
    assert set(ends) <= {"done", "NotReady", "DraftChanged", "StaleRevision", "UnknownTopic"}
    with edited.read() as session:
        steps = [entry.action for entry in audit.entries(session, topic_id=PLAIN)][::-1]
        left = drafts.find(session, PLAIN)
        text = str(revisions.history(session, PLAIN)) + str(read_catalogue(session).topics.keys())
        told = read_catalogue(session).topic(PLAIN)
    after = steps[steps.index("approved") + 1 :]
    assert ("published" in after) == (left is None), (after, text)
    assert after.count("published") <= 1
    # What nobody approved is never told.
    assert told is None or "6,666" not in told.answer("en").sms
    if "published" in after:
        assert "draft-saved" not in after
        assert "sent-back" not in after


def test_every_publication_makes_a_content_version_of_its_own(
    edited: Store, people: People
) -> None:
    keeper = CatalogueKeeper(edited)
    with edited.read() as session:
        before = version(session)

    def teaching(topic_id: str, number: int) -> Callable[[Session], object]:
        return lambda session: publishing.add_variant(
            session, topic_id, "en", f"how about it {number}", author="x"
        )

    steps = [
        teaching(topic_id, number)
        for number, topic_id in enumerate([PLAIN, SENSITIVE, URGENT, PLAIN] * 2)
    ]
    stop = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        while not stop.is_set():
            catalogue = keeper.current()
            seen.append(catalogue.version)
            taught = sum(
                text.startswith("how about it")
                for item in catalogue.topics.values()
                for text in item.document.variants["en"]
            )
            # One variant a version: a catalogue that mixed two of them would show here.
            assert taught == catalogue.version - before

    watcher = threading.Thread(target=watch)
    watcher.start()
    ends = at_once(edited, *steps)
    stop.set()
    watcher.join(20)
    assert ends == {"done": len(steps)}
    assert seen == sorted(seen)
    catalogue = keeper.current()
    assert catalogue.version == before + len(steps)
    assert (
        sum("how about it" in str(item.document.variants) for item in catalogue.topics.values())
        == 3
    )
