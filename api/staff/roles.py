"""Who may do what at the desk. A role is a set of rights; an account has one or more roles."""

from collections.abc import Iterable
from enum import StrEnum


class Right(StrEnum):
    """One kind of thing that can be done."""

    READ = "read"  # see topics, the phone book, reviews due, and try the bot
    WRITE = "write"  # edit drafts, the phone book and golden questions
    REVIEW = "review"  # approve what somebody else wrote
    PUBLISH = "publish"  # publish, schedule, roll back, withdraw
    EXPORT = "export"  # take the figures along as a file
    COUNSEL = "counsel"  # talk with people who asked for a human
    ADMINISTER = "administer"  # accounts, organisations, the audit log


class Role(StrEnum):
    """What an account is for."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    COUNSELLOR = "counsellor"
    ADMINISTRATOR = "administrator"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AUTHOR: frozenset({Right.READ, Right.WRITE}),
    Role.REVIEWER: frozenset({Right.READ, Right.WRITE, Right.REVIEW}),
    Role.PUBLISHER: frozenset({Right.READ, Right.WRITE, Right.PUBLISH, Right.EXPORT}),
    Role.COUNSELLOR: frozenset({Right.READ, Right.COUNSEL}),
    Role.ADMINISTRATOR: frozenset({Right.READ, Right.ADMINISTER, Right.EXPORT}),
}


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Everything that an account with these roles may do."""
    return frozenset().union(*(RIGHTS[role] for role in roles))
