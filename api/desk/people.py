"""People of the desk: who may log in and do what, by organisation."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.desk.access import Desk, Visitor, need
from api.editorial import audit
from api.errors import LastAdministrator, UnknownAccount, WrongDetail
from api.staff import accounts, administration
from api.staff.accounts import Account
from api.staff.passwords import StartPassword, start_password
from api.staff.roles import Right, Role

Administrator = Annotated[Visitor, need(Right.ADMINISTER)]


class PersonForm(BaseModel):
    """What an administrator says of a person."""

    email: str = ""
    name: str = ""
    organisation: str = ""
    roles: list[Role] = Field(default_factory=list)
    elsewhere: bool = False  # logs in through the organisation's own log-in only


def people_router(desk: Desk) -> APIRouter:
    """The pages of an administrator."""
    router = APIRouter()
    services = desk.services
    oidc_name = services.settings.oidc_name if services.settings.oidc_issuer else ""

    def show_start_password(
        request: Request, visitor: Visitor, account: Account, password: StartPassword
    ) -> Response:
        return desk.pages.show(
            request,
            visitor,
            "people/start_password.html",
            person=account,
            password=password.plain,
        )

    def show_form(
        request: Request,
        visitor: Visitor,
        form: PersonForm,
        person: Account | None = None,
        *,
        status: int = 200,
        faults: Mapping[str, str] | None = None,
    ) -> Response:
        with services.store.read() as session:
            organisations = list(accounts.organisations(session).values())
        return desk.pages.show(
            request,
            visitor,
            "people/person.html" if person else "people/new.html",
            status=status,
            form=form,
            person=person,
            organisations=organisations,
            roles=list(Role),
            faults=defaultdict(str, faults or {}),
            oidc_name=oidc_name,
        )

    def found(session: Session, account_id: int) -> Account:
        account = accounts.by_id(session, account_id)
        if account is None:
            raise HTTPException(404)
        return account

    def note(session: Session, visitor: Visitor, action: str, account: Account) -> None:
        detail = {
            "account": account.id,
            "name": account.name,
            "organisation": account.organisation,
            "roles": sorted(account.roles),
        }
        audit.record(session, visitor.account, action, detail=detail)

    @router.get("/people")
    def people(request: Request, visitor: Administrator) -> Response:
        with services.store.read() as session:
            everybody = accounts.everybody(session)
        groups = [
            (name, list(members))
            for name, members in groupby(everybody, key=lambda one: one.organisation)
        ]
        return desk.pages.show(request, visitor, "people/list.html", groups=groups)

    @router.get("/people/new")
    def new(request: Request, visitor: Administrator) -> Response:
        form = PersonForm(organisation=visitor.account.organisation)
        return show_form(request, visitor, form)

    @router.post("/people/new")
    def invite(
        request: Request, visitor: Administrator, form: Annotated[PersonForm, Form()]
    ) -> Response:
        password = None if form.elsewhere and oidc_name else start_password()
        try:
            with services.store.write(first=True) as session:
                account = administration.invite(
                    session,
                    email=form.email,
                    name=form.name,
                    organisation=form.organisation,
                    roles=form.roles,
                    password=password,
                )
                note(session, visitor, "account-made", account)
        except WrongDetail as error:
            return show_form(request, visitor, form, status=422, faults={error.field: error.reason})
        if password is None:
            return desk.pages.go("/desk/people", said="added")
        return show_start_password(request, visitor, account, password)

    @router.get("/people/{account_id}")
    def person(request: Request, visitor: Administrator, account_id: int) -> Response:
        with services.store.read() as session:
            account = found(session, account_id)
        return show_form(request, visitor, _form_of(account), account)

    @router.post("/people/{account_id}")
    def change(
        request: Request,
        visitor: Administrator,
        account_id: int,
        form: Annotated[PersonForm, Form()],
    ) -> Response:
        with services.store.read() as session:
            before = found(session, account_id)
        try:
            with services.store.write(first=True) as session:
                account = administration.change(
                    session,
                    account_id,
                    name=form.name,
                    organisation=form.organisation,
                    roles=form.roles,
                )
                note(session, visitor, "account-changed", account)
        except WrongDetail as error:
            fault = {error.field: error.reason}
            return show_form(request, visitor, form, before, status=422, faults=fault)
        except LastAdministrator:
            return show_form(request, visitor, form, before, status=422, faults={"roles": "last"})
        return desk.pages.go("/desk/people", said="saved")

    @router.post("/people/{account_id}/deactivate")
    def deactivate(request: Request, visitor: Administrator, account_id: int) -> Response:
        with services.store.read() as session:
            before = found(session, account_id)
        try:
            with services.store.write(first=True) as session:
                administration.deactivate(session, account_id)
                note(session, visitor, "account-deactivated", before)
        except LastAdministrator:
            return show_form(
                request,
                visitor,
                _form_of(before),
                before,
                status=422,
                faults={"deactivate": "last"},
            )
        return desk.pages.go("/desk/people", said="changed")

    @router.post("/people/{account_id}/reset-second-factor")
    def reset_second_factor(visitor: Administrator, account_id: int) -> Response:
        with services.store.write(first=True) as session:
            account = found(session, account_id)
            administration.reset_second_factor(session, account_id)
            note(session, visitor, "second-factor-reset", account)
        return desk.pages.go(f"/desk/people/{account_id}", said="changed")

    @router.post("/people/{account_id}/reset-password")
    def reset_password(request: Request, visitor: Administrator, account_id: int) -> Response:
        return _with_start_password(request, visitor, account_id, again=False)

    @router.post("/people/{account_id}/reactivate")
    def reactivate(request: Request, visitor: Administrator, account_id: int) -> Response:
        return _with_start_password(request, visitor, account_id, again=True)

    def _with_start_password(
        request: Request, visitor: Visitor, account_id: int, *, again: bool
    ) -> Response:
        password = start_password()
        act = administration.reactivate if again else administration.reset_password
        try:
            with services.store.write(first=True) as session:
                act(session, account_id, password)
                account = found(session, account_id)
                note(
                    session, visitor, "account-reactivated" if again else "password-reset", account
                )
        except UnknownAccount:
            raise HTTPException(404) from None
        return show_start_password(request, visitor, account, password)

    return router


def _form_of(account: Account) -> PersonForm:
    return PersonForm(
        email=account.email,
        name=account.name,
        organisation=account.organisation,
        roles=sorted(account.roles),
    )
