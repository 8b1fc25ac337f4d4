"""Further languages: what each has, writing one, and the second pair of eyes."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.editorial import languages
from api.editorial.languages import Draft
from api.errors import EditorialError, NotAllowed
from api.staff import accounts
from api.staff.roles import Right

FIRST = (
    *languages.NEEDED,
    "menu-intro",
    "menu-outro",
    "choice-intro",
    "choice-outro",
    "unknown-intro",
    "no-such-number",
    "human-told",
    "language-ask",
)
"""Notices that people see most; the others stand behind them."""

FAULTS = {
    "missing": _("It is missing."),
    "unheard": _("Without letters or telling words nobody is heard in it."),
    "urdu": _("Too many Urdu questions would be taken for it."),
    "taken": _("One of these words is missing, or means something else already."),
    "places": _("The places in braces must be the ones of the English text."),
    "letters": _("It breaks a rule: letters of another script, or a number not in the phone book."),
}
TROUBLE = {
    "changed": _("Somebody saved it meanwhile, so it is another text now. Read it again."),
    "right": _("Your account does not have the right for this."),
    "second-person": _("Somebody who did not write it has to approve it."),
    "state": _("Somebody took another step meanwhile. Look where it stands now."),
    "faults": _("There are things to repair first."),
    "code": _("A code is two or three small letters, such as ps."),
}

Code = Annotated[str, Path(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]


class LanguageFields(BaseModel):
    """The declaration, as the page sends it; texts of notices come beside it."""

    version: int = 0
    name: str = Field("", max_length=60)
    direction: str = Field("rtl", pattern="^(ltr|rtl)$")
    falls_back_to: str = Field("ur", max_length=8)
    letters: str = Field("", max_length=200)
    telling: str = Field("", max_length=4000)
    words: str = Field("", max_length=4000)

    def plain(self, code: str) -> dict[str, Any]:
        """The fields of a declaration; what is empty is left out."""
        fields = {
            "code": code,
            "name": self.name.strip(),
            "direction": self.direction,
            "full": False,
            "falls_back_to": self.falls_back_to,
            "letters": " ".join(self.letters.split()),
            "telling": list(dict.fromkeys(self.telling.split())),
            "words": list(dict.fromkeys(_lines(self.words))),
        }
        return {name: value for name, value in fields.items() if value not in ("", [])}


def languages_router(desk: Desk) -> APIRouter:
    """The pages below `/languages`."""
    router = APIRouter(prefix="/languages")
    store = desk.services.store

    @router.get("")
    def every(request: Request, visitor: Annotated[Visitor, need(Right.READ)]) -> Response:
        catalogue = desk.services.keeper.current()
        with store.read() as session:
            drafts = languages.drafts(session)
        return desk.pages.show(
            request,
            visitor,
            "languages/list.html",
            forms=catalogue.languages,
            drafts=drafts,
            written={
                code: sum(code in notice.text for notice in catalogue.notices.values())
                for code in catalogue.languages
            },
            total=len(catalogue.notices),
        )

    @router.get("/open")
    def new(visitor: Annotated[Visitor, need(Right.PUBLISH)], code: str = "") -> Response:  # noqa: ARG001
        wanted = code.strip()
        known = languages.is_code(wanted)
        return desk.pages.go(f"/desk/languages/{wanted}" if known else "/desk/languages")

    @router.get("/{code}")
    def one(
        request: Request, code: Code, visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        return _show(desk, request, visitor, code)

    def take(
        request: Request,
        visitor: Visitor,
        code: str,
        said: str,
        do: Callable[[Session], object],
        typed: Draft | None = None,
    ) -> Response:
        try:
            with store.write() as session:
                do(session)
        except EditorialError as error:
            status = 403 if isinstance(error, NotAllowed) else 409
            return _show(
                desk, request, visitor, code, trouble=error.code, typed=typed, status=status
            )
        return desk.pages.go(f"/desk/languages/{code}", said=said)

    @router.post("/{code}")
    def save(
        request: Request,
        code: Code,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        fields: Annotated[LanguageFields, Form()],
        texts: Annotated[dict[str, str], Depends(_texts)],
    ) -> Response:
        known = desk.services.keeper.current().notices
        given = {id_: text for id_, text in texts.items() if id_ in known}
        draft = Draft(code, fields.plain(code), given, fields.version)

        def do(session: Session) -> None:
            languages.save(session, draft, visitor.account)

        return take(request, visitor, code, "saved", do, draft)

    @router.post("/{code}/approve")
    def approve(
        request: Request,
        code: Code,
        visitor: Annotated[Visitor, need(Right.REVIEW)],
        version: Annotated[int, Form()] = 0,
    ) -> Response:
        def do(session: Session) -> None:
            catalogue = desk.services.keeper.current(session)
            languages.approve(session, code, visitor.account, catalogue, version=version)

        return take(request, visitor, code, "approved", do)

    @router.post("/{code}/discard")
    def discard(
        request: Request, code: Code, visitor: Annotated[Visitor, need(Right.PUBLISH)]
    ) -> Response:
        def do(session: Session) -> None:
            languages.discard(session, code, visitor.account)

        return take(request, visitor, code, "discarded", do)

    return router


def _show(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    code: str,
    *,
    trouble: str = "",
    typed: Draft | None = None,
    status: int = 200,
) -> Response:
    """One language; what was typed stays in the form when it could not be saved."""
    if code in LANGUAGES:
        raise HTTPException(404)
    catalogue = desk.services.keeper.current()
    with desk.services.store.read() as session:
        draft = languages.drafts(session).get(code)
        names = {one.id: f"{one.name}, {one.organisation}" for one in accounts.everybody(session)}
    in_force = languages.in_force(catalogue, code)
    shown = typed or draft or in_force or Draft(code, {"direction": "rtl"}, {})
    judged = dict(languages.faults(draft, catalogue)) if draft and typed is None else {}
    return desk.pages.show(
        request,
        visitor,
        "languages/one.html",
        status=status,
        code=code,
        shown=shown,
        draft=draft,
        in_force=in_force is not None,
        version=draft.version if draft else 0,
        notices=_ordered(catalogue),
        first=len([id_ for id_ in FIRST if id_ in catalogue.notices]),
        full=[(one, catalogue.languages[one].name) for one in LANGUAGES],
        wrong=judged,
        faults=FAULTS,
        names=names,
        trouble=TROUBLE.get(trouble, TROUBLE["state"]) if trouble else "",
    )


def _ordered(catalogue: Catalogue) -> list[Any]:
    """All notices, those that people see most first."""
    first = [catalogue.notices[id_] for id_ in FIRST if id_ in catalogue.notices]
    return [*first, *(one for id_, one in catalogue.notices.items() if id_ not in FIRST)]


async def _texts(request: Request) -> dict[str, str]:
    """The fields of notices, by the notice's id; empty ones are left out."""
    typed = {
        name.removeprefix("text-"): "\n".join(str(value)[:2000].splitlines()).strip()
        for name, value in (await request.form()).items()
        if name.startswith("text-")
    }
    return {id_: text for id_, text in typed.items() if text}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
