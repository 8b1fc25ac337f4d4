"""Something on every page of the desk: a draft in review, comments, unanswered questions, news."""

import itertools
from collections.abc import Callable

from api.alerts import subscriptions, writing
from api.content.catalogue import read_catalogue
from api.db import Store
from api.editorial import comments, drafts, workflow
from api.keys import Keys
from api.messages import inbox, unanswered
from api.settings import Settings
from api.staff.roles import Role
from tests.alerts.conftest import NEWS
from tests.conftest import take_in, text_message
from tests.desk.fixtures import DeskClient

KEYS = Keys(Settings().secret_key.get_secret_value())
_people = itertools.count(1)

QUESTIONS = [
    ("canada me truck driver ki job kaise milegi", "ur-Latn", 6),
    ("is there free transport from Peshawar to the embassy", "en", 3),
    ("کیا عمان میں چوکیدار کا کام مل سکتا ہے", "ur", 4),
    ("<script>alert('x')</script> visa", "en", 1),
]


def furnish(desk_client: Callable[..., DeskClient], store: Store) -> None:
    """Put it there, as people would have left it."""
    author = desk_client(Role.AUTHOR, name="Amna Malik", organisation="UNODC").account
    with store.write() as session:
        draft = drafts.open_draft(session, "agent-fee-limit", author)
        document = dict(draft.document)
        for answer in document["answers"].values():
            answer["whatsapp"] = answer["whatsapp"].replace("6,000", "7,000")
            answer["sms"] = answer["sms"].replace("6,000", "7,000")
        draft = drafts.save(
            session,
            "agent-fee-limit",
            document,
            (),
            "The fee was raised",
            author,
            version=draft.version,
        )
        comments.add(session, "agent-fee-limit", "<b>Seen in the gazette of today.</b>", author)
        if not drafts.faults(session, draft):
            workflow.submit(session, "agent-fee-limit", author, version=draft.version)
        for text, language, count in QUESTIONS:
            asked = unanswered.prepare(text, language)
            for _ in range(count):
                unanswered.note(
                    session, None, asked, reason="unknown", nearest=("europe-legal-ways",)
                )
    publisher = desk_client(Role.PUBLISHER, name="Hina Raza", organisation="UNODC").account
    approver = desk_client(Role.REVIEWER, name="Omar Khan").account
    wait_for_news(store, "italy-work-quota", 7)
    wait_for_news(store, "greece-work", 2)
    with store.write() as session:
        sent = writing.write(session, "italy-work-quota", NEWS, publisher)
        writing.write(session, "greece-work", {"en": "Call 0304 1112123."}, publisher)
        writing.approve(session, sent, approver, read_catalogue(session), version=1)


def wait_for_news(store: Store, topic: str, people: int) -> list[int]:
    """People who wrote just now and want news on a topic. Gives their conversations."""
    waiting = []
    for _ in range(people):
        message = text_message(who=f"+92311{next(_people):07}")
        take_in(store, KEYS, message)
        with store.write() as session:
            taken = inbox.claim(session)
            assert taken is not None
            inbox.finish(session, taken.id, inbox.Understood("act"))
            subscriptions.subscribe(session, taken.conversation_id, topic, "ur", message.channel)
        waiting.append(taken.conversation_id)
    return waiting
