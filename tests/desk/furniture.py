"""Something on every page of the desk: a draft in review, comments, unanswered questions."""

from collections.abc import Callable

from api.db import Store
from api.editorial import comments, drafts, workflow
from api.messages import unanswered
from api.staff.roles import Role
from tests.desk.fixtures import DeskClient

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
