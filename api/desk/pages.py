"""Makes pages: templates, the two languages of the interface, notes, dates and numbers."""

import datetime
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup, escape

from api.db import now
from api.desk.catalogues import Catalogues

if TYPE_CHECKING:
    from api.desk.access import Visitor

TEMPLATES = Path(__file__).parent.parent / "templates"
LANGUAGE_COOKIE = "sahi_desk_language"
INTERFACE_LANGUAGES = ("en", "ur")


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


NOTES = {
    "saved": _("Saved."),
    "added": _("Added."),
    "removed": _("Removed."),
    "sent": _("Sent for review."),
    "sent-back": _("Sent back to the authors."),
    "approved": _("Approved."),
    "published": _("Published. People get it from now on."),
    "scheduled": _("It will be published at the time you chose."),
    "unscheduled": _("The planned publication was called off."),
    "withdrawn": _("Withdrawn. Nobody gets this answer any more."),
    "rolled-back": _("An earlier state was published again."),
    "discarded": _("The draft was thrown away. What is published did not change."),
    "confirmed": _("Confirmed: still right."),
    "commented": _("Comment added."),
    "dismissed": _("Dismissed."),
    "attached": _("Attached."),
    "changed": _("Changed."),
    "reopened": _("Open again."),
    "none-chosen": _("Nothing was chosen."),
    "imported": _("The translations are in the drafts now."),
    "uploaded": _("Uploaded. People get it after somebody has listened and let it go."),
    "released": _("From now on people get it."),
    "licences": _("From now on licence numbers are looked up in this list."),
    "logged-out": _("You are logged out."),
    "claimed": _("The conversation is yours. The bot is silent in it until you close it."),
    "closed": _("Closed. The bot answers the person again."),
    "asked": _("The person was asked. You see it when they answer 1 for yes."),
    "asked-again": _("The person was asked to write again. You can reply when they have written."),
    "handed-over": _("Handed over. Until somebody takes it the bot answers the person."),
}
"""What a page says after something was done, by the key that the address carries."""


class Pages:
    """Renders templates and makes redirects."""

    def __init__(self, *, static_url: str = "/static") -> None:
        self._catalogues = Catalogues()
        self._environments = {
            language: self._environment(language, static_url) for language in INTERFACE_LANGUAGES
        }

    def show(
        self,
        request: Request,
        visitor: "Visitor | None",
        template: str,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """A page (or a fragment) below `templates/desk/`, in the visitor's language."""
        language = self.language(request, visitor)
        html = (
            self._environments[language]
            .get_template(f"desk/{template}")
            .render(
                request=request,
                path=request.url.path,
                visitor=visitor,
                language=language,
                direction="rtl" if language == "ur" else "ltr",
                said=NOTES.get(request.query_params.get("said", "")),
                form_token=partial(_token_field, visitor),
                now=now(),
                **values,
            )
        )
        return HTMLResponse(html, status)

    def go(self, address: str, *, said: str = "") -> Response:
        """To another page after a post (303), which shows the note of that key."""
        if said:
            address += f"{'&' if '?' in address else '?'}said={said}"
        return RedirectResponse(address, 303)

    def text(self, visitor: "Visitor | None", text: str, **values: Any) -> str:
        """A text of the catalogue in the visitor's language; `%(name)s` takes a value."""
        found = self._catalogues.text(visitor.language if visitor else "en", text)
        return found % values if values else found

    def language(self, request: Request, visitor: "Visitor | None") -> str:
        """The language of the interface: the account's, else the browser's choice here."""
        wanted = visitor.language if visitor else request.cookies.get(LANGUAGE_COOKIE, "en")
        return wanted if wanted in INTERFACE_LANGUAGES else "en"

    def _environment(self, language: str, static_url: str) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(  # type: ignore[attr-defined]  # of the extension
            self._catalogues.of(language), newstyle=True
        )
        environment.globals["static"] = lambda name: f"{static_url}/{name}"
        environment.filters |= _filters(language)
        return environment


def _filters(language: str) -> Mapping[str, Any]:
    locale = "ur_PK" if language == "ur" else "en_GB"

    def day(value: datetime.date | None) -> str:
        return format_date(value, "d MMM y", locale=locale) if value else ""

    def moment(value: datetime.datetime | None) -> Markup:
        if value is None:
            return Markup("")
        shown = format_datetime(value, "d MMM y, HH:mm", locale=locale)
        return Markup('<time datetime="{}">{} UTC</time>').format(value.isoformat(), shown)

    def ago(value: datetime.datetime | None) -> str:
        if value is None:
            return ""
        return format_timedelta(value - now(), add_direction=True, locale=locale)

    def number(value: float) -> str:
        return format_decimal(value, locale="en_GB")

    return {"day": day, "moment": moment, "ago": ago, "number": number}


def _token_field(visitor: "Visitor | None") -> Markup:
    if visitor is None:
        return Markup("")
    return Markup('<input type="hidden" name="token" value="{}">').format(
        escape(visitor.form_token)
    )
