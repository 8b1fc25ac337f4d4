"""The editor's form as a browser holds it, for tests."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import httpx2

from tests.desk.fixtures import DeskClient


class _Fields(HTMLParser):
    """Every field of the form with one id, as a browser would send it."""

    def __init__(self, form: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, str] = {}
        self._form = form
        self._inside = False
        self._text: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._inside = self._form in (given.get("id"), given.get("class"))
        elif not self._inside:
            return
        elif tag == "textarea":
            self._text, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None:
            if "selected" in given or self._select not in self.fields:
                self.fields[self._select] = value
        elif tag == "input" and name:
            chosen = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if chosen:
                self.fields[name] = value or ("on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.fields[self._text] += data


def fields_in(page: httpx2.Response, form: str = "editor") -> dict[str, str]:
    """The fields of a form by its id or class."""
    parser = _Fields(form)
    parser.feed(page.text)
    # A browser drops the first line end of a text area and sends the others as CR LF.
    return {
        name: value.removeprefix("\n").replace("\n", "\r\n")
        for name, value in parser.fields.items()
    }


def open_editor(somebody: DeskClient, topic: str) -> dict[str, str]:
    """Open the editor of a topic."""
    page = somebody.get(f"/desk/topics/{topic}/edit")
    assert page.status_code == 200
    return fields_in(page)


def save(
    somebody: DeskClient, topic: str, fields: dict[str, str], do: str = "save", **changes: str
) -> httpx2.Response:
    """Press a button of the editor. `changes`: "sms__en" for the field `sms.en`."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return somebody.post(f"/desk/topics/{topic}/edit", {**fields, "do": do, **named})


def step(somebody: DeskClient, topic: str, name: str, **fields: Any) -> httpx2.Response:
    """Take a step of the workflow with the version that the page shows."""
    page = somebody.get(f"/desk/topics/{topic}/workflow").text
    found = re.search(r'name="version" value="(\d+)"', page)
    version = {"version": html.unescape(found[1])} if found else {}
    return somebody.post(f"/desk/topics/{topic}/{name}", {**version, **fields})
