"""What an administrator does to accounts. Each of it ends all sessions of the account."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import LastAdministrator, WrongDetail
from api.staff import second_factor, sessions
from api.staff.accounts import (
    Account,
    account_of,
    by_email,
    create,
    named,
    organisation_row,
    row_of,
)
from api.staff.models import AccountRow
from api.staff.passwords import StartPassword, start_password
from api.staff.roles import Role


def invite(
    session: Session,
    *,
    email: str,
    name: str,
    organisation: str,
    roles: Collection[Role],
    password: StartPassword | None,
) -> Account:
    """Make an account for somebody else.

    Args:
        password: to be changed at the first log-in; None: only through the organisation's
            own log-in.

    Raises:
        WrongDetail: a field breaks a rule, or there is no role.
        EmailTaken: somebody has that e-mail address already.
    """
    if not roles:
        raise WrongDetail("roles", "empty")
    return create(
        session,
        email=email,
        name=name,
        organisation=organisation,
        roles=roles,
        password_hash=password.hashed if password else None,
        must_change_password=password is not None,
    )


def change(
    session: Session, account_id: int, *, name: str, organisation: str, roles: Collection[Role]
) -> Account:
    """Change name, organisation and roles.

    Raises:
        UnknownAccount: there is no such account.
        WrongDetail: a field breaks a rule, or there is no role.
        LastAdministrator: nobody would be left to administer.
    """
    if not roles:
        raise WrongDetail("roles", "empty")
    row = row_of(session, account_id)
    if Role.ADMINISTRATOR not in roles:
        _keep_one_administrator(session, account_id)
    row.name = named("name", name)
    row.organisation = organisation_row(session, organisation)
    row.roles = sorted(set(roles))
    session.flush()
    sessions.end_all(session, account_id)
    return account_of(row)


def deactivate(session: Session, account_id: int) -> None:
    """Let somebody log in no more. What he did stays under his name.

    Raises:
        UnknownAccount: there is no such account.
        LastAdministrator: nobody would be left to administer.
    """
    row = row_of(session, account_id)
    _keep_one_administrator(session, account_id)
    row.active = False
    sessions.end_all(session, account_id)


def reactivate(session: Session, account_id: int, password: StartPassword) -> None:
    """Let somebody log in again, with a start password and a second factor to be set up.

    Raises:
        UnknownAccount: there is no such account.
    """
    row_of(session, account_id).active = True
    reset_password(session, account_id, password)
    second_factor.forget(session, account_id)


def reset_password(session: Session, account_id: int, password: StartPassword) -> None:
    """Put a start password in the place of a forgotten one.

    Raises:
        UnknownAccount: there is no such account.
    """
    row = row_of(session, account_id)
    row.password_hash = password.hashed
    row.must_change_password = True
    sessions.end_all(session, account_id)


def reset_second_factor(session: Session, account_id: int) -> None:
    """Remove a lost second factor; the next log-in sets up another.

    Raises:
        UnknownAccount: there is no such account.
    """
    second_factor.forget(session, account_id)
    sessions.end_all(session, account_id)


def create_first_administrator(session: Session, email: str, name: str, organisation: str) -> str:
    """An administrator for a service that has none, or whose only one is locked out.

    An account with that e-mail address becomes an administrator again: active, with a start
    password, without second factor.

    Returns:
        The start password, which is kept nowhere.

    Raises:
        WrongDetail: a field breaks a rule.
    """
    password = start_password()
    present = by_email(session, email)
    if present is None:
        invite(
            session,
            email=email,
            name=name,
            organisation=organisation,
            roles={Role.ADMINISTRATOR},
            password=password,
        )
    else:
        change(
            session,
            present.id,
            name=name,
            organisation=organisation,
            roles=present.roles | {Role.ADMINISTRATOR},
        )
        reactivate(session, present.id, password)
    return password.plain


def _keep_one_administrator(session: Session, without: int) -> None:
    """Raise `LastAdministrator` if nobody but this account is an active administrator.

    Two administrators who remove each other at the same moment wait for each other here
    (PostgreSQL; SQLite has one writer at a time anyway).
    """
    rows = session.scalars(
        select(AccountRow)
        .where(AccountRow.active)
        .order_by(AccountRow.id)
        .with_for_update(of=AccountRow)
        .execution_options(populate_existing=True)
    ).all()
    administrators = {row.id for row in rows if Role.ADMINISTRATOR in row.roles}
    if administrators == {without}:
        raise LastAdministrator("the last administrator")
