"""Who works at the desk in these tests, and what they do there again and again."""

from typing import Any

from sqlalchemy.orm import Session

from api.db import Store
from api.editorial import drafts, workflow
from api.editorial.drafts import Draft
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Role

_STAFF = {
    "amna": ("IOM", {Role.AUTHOR}),
    "bilal": ("IOM", {Role.AUTHOR, Role.REVIEWER}),
    "chandni": ("UNODC", {Role.REVIEWER}),
    "daud": ("UNODC", {Role.PUBLISHER}),
    "everyone": ("IOM", {Role.REVIEWER, Role.PUBLISHER}),
    "ghazala": ("FIA", {Role.COUNSELLOR}),
}


def hire(session: Session) -> None:
    """Make the accounts."""
    for name, (organisation, roles) in _STAFF.items():
        accounts.create(
            session,
            email=f"{name}@example.org",
            name=name.capitalize(),
            organisation=organisation,
            roles=roles,
        )


class People:
    """amna writes; bilal writes and reviews; chandni reviews; daud publishes; `everyone` reviews
    and publishes; ghazala talks with people."""

    def __init__(self, session: Session) -> None:
        found = {account.email.split("@")[0]: account for account in accounts.everybody(session)}
        self.amna: Account = found["amna"]
        self.bilal: Account = found["bilal"]
        self.chandni: Account = found["chandni"]
        self.daud: Account = found["daud"]
        self.everyone: Account = found["everyone"]
        self.ghazala: Account = found["ghazala"]


def copied(document: Any) -> Any:
    """The same document, free to be changed."""
    if isinstance(document, dict):
        return {key: copied(value) for key, value in document.items()}
    return [copied(one) for one in document] if isinstance(document, list) else document


def with_fee(document: Any, fee: str = "8,800") -> dict[str, Any]:
    """The document with a short answer that names a fee, the same in all languages."""
    new: dict[str, Any] = copied(document)
    new["answers"]["en"]["sms"] = f"The fee is Rs {fee} now."
    new["answers"]["ur"]["sms"] = f"اب فیس {fee} روپے ہے۔"
    new["answers"]["ur-Latn"]["sms"] = f"Ab fees Rs {fee} hai."
    return new


def edit(
    store: Store,
    topic_id: str,
    actor: Account,
    *,
    fee: str = "8,800",
    note: str = "new fee",
    **changes: Any,
) -> Draft:
    """Open the draft and save another fee."""
    with store.write() as session:
        draft = drafts.open_draft(session, topic_id, actor)
        document = {**with_fee(draft.document, fee), **changes}
        return drafts.save(session, topic_id, document, (), note, actor, version=draft.version)


def submit(store: Store, draft: Draft, actor: Account) -> Draft:
    """Ask for a review."""
    with store.write() as session:
        return workflow.submit(session, draft.topic_id, actor, version=draft.version)


def approve(store: Store, draft: Draft, actor: Account) -> Draft:
    """Approve a draft that is in review."""
    with store.write() as session:
        return workflow.approve(session, draft.topic_id, actor, version=draft.version)


def publish(store: Store, draft: Draft, actor: Account) -> int:
    """Publish an approved draft."""
    with store.write() as session:
        return workflow.publish(session, draft.topic_id, actor, version=draft.version)


def through(store: Store, topic_id: str, people: People, fee: str = "8,800") -> int:
    """The whole way: amna writes, chandni approves, daud publishes."""
    draft = submit(store, edit(store, topic_id, people.amna, fee=fee), people.amna)
    return publish(store, approve(store, draft, people.chandni), people.daud)
