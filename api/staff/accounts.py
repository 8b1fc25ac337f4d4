"""Who may log in: accounts and their organisations.

What an administrator does to the accounts of others is in `administration`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.errors import EmailTaken, UnknownAccount, WrongDetail
from api.staff.models import AccountRow, OrganisationRow
from api.staff.passwords import hash_password
from api.staff.roles import Right, Role, rights_of

LANGUAGES = ("en", "ur")  # what the pages of the desk are written in

_EMAIL = re.compile(r"[^\s@<>\"',;:\\()\[\]]+@[^\s@<>\"',;:\\()\[\]]+")


@dataclass(frozen=True)
class Account:
    """A person who may log in, and what is known of the log-in."""

    id: int
    email: str
    name: str
    organisation_id: int
    organisation: str
    roles: frozenset[Role]
    language: str
    active: bool
    has_second_factor: bool
    must_change_password: bool

    @property
    def rights(self) -> frozenset[Right]:
        """Everything that the roles allow."""
        return rights_of(self.roles)


def create(
    session: Session,
    *,
    email: str,
    name: str,
    organisation: str,
    roles: Iterable[Role],
    password: str | None = None,
    password_hash: str | None = None,
    must_change_password: bool = False,
) -> Account:
    """Make an account; the organisation is made too if there is none of that name.

    Args:
        password: None for somebody who logs in through the organisation's own log-in only.
        password_hash: instead of it, where hashing must not hold up a transaction.

    Raises:
        WrongDetail: the e-mail address, a name or the password breaks a rule (`field` says which).
        EmailTaken: somebody has that e-mail address already.
    """
    email = normalised(email)
    name = named("name", name)
    if password is not None:
        password_hash = hash_password(password, email=email)
    if find_id(session, email) is not None:
        raise EmailTaken("email", "taken")
    row = AccountRow(
        email=email,
        name=name,
        organisation=organisation_row(session, organisation),
        roles=sorted(set(roles)),
        language=LANGUAGES[0],
        password_hash=password_hash,
        must_change_password=must_change_password,
    )
    session.add(row)
    session.flush()
    return account_of(row)


def by_id(session: Session, account_id: int) -> Account | None:
    """The account, active or not."""
    row = session.get(AccountRow, account_id)
    return None if row is None else account_of(row)


def by_email(session: Session, email: str) -> Account | None:
    """The account with that e-mail address, in any writing of it, active or not."""
    account_id = find_id(session, email)
    return None if account_id is None else by_id(session, account_id)


def everybody(session: Session) -> list[Account]:
    """All accounts, by organisation and name."""
    rows = session.scalars(
        select(AccountRow)
        .join(AccountRow.organisation)
        .order_by(func.lower(OrganisationRow.name), func.lower(AccountRow.name), AccountRow.id)
    )
    return [account_of(row) for row in rows]


def organisations(session: Session) -> dict[int, str]:
    """The names of all organisations, in the order of the alphabet."""
    rows = session.execute(
        select(OrganisationRow.id, OrganisationRow.name).order_by(func.lower(OrganisationRow.name))
    )
    return {row.id: row.name for row in rows}


def counselling(session: Session) -> dict[int, str]:
    """The names of the organisations that have somebody who could take a ticket."""
    return {
        one.organisation_id: one.organisation
        for one in everybody(session)
        if one.active and Right.COUNSEL in one.rights
    }


def set_language(session: Session, account_id: int, language: str) -> None:
    """Choose the language in which the desk speaks to this person.

    Raises:
        WrongDetail: the desk does not speak it.
    """
    if language not in LANGUAGES:
        raise WrongDetail("language", "unknown")
    row_of(session, account_id).language = language


def normalised(email: str) -> str:
    """An e-mail address as it is kept: no spaces around it, small letters.

    Raises:
        WrongDetail: it is not an e-mail address.
    """
    email = email.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise WrongDetail("email", "not-an-address")
    return email


def find_id(session: Session, email: str) -> int | None:
    """The id of the account with that e-mail address; None also for what is no address."""
    return session.scalar(select(AccountRow.id).where(AccountRow.email == email.strip().lower()))


def row_of(session: Session, account_id: int) -> AccountRow:
    """The row, for the other files of this package.

    Raises:
        UnknownAccount: there is none.
    """
    row = session.get(AccountRow, account_id)
    if row is None:
        raise UnknownAccount(f"no account {account_id}")
    return row


def account_of(row: AccountRow) -> Account:
    """The row as a value."""
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation=row.organisation.name,
        roles=frozenset(Role(role) for role in row.roles),
        language=row.language,
        active=row.active,
        has_second_factor=row.totp_confirmed_at is not None,
        must_change_password=row.must_change_password,
    )


def organisation_row(session: Session, name: str) -> OrganisationRow:
    """The organisation of that name, made if there is none.

    Raises:
        WrongDetail: the name is empty or too long.
    """
    name = named("organisation", name)
    row = session.scalar(
        select(OrganisationRow).where(func.lower(OrganisationRow.name) == name.lower())
    )
    if row is None:
        row = OrganisationRow(name=name)
        session.add(row)
        session.flush()
    return row


def named(field: str, value: str) -> str:
    """A name without needless spaces.

    Raises:
        WrongDetail: it is empty or too long for its field.
    """
    value = " ".join(value.split())
    if not value:
        raise WrongDetail(field, "empty")
    if len(value) > 80:
        raise WrongDetail(field, "too-long")
    return value
