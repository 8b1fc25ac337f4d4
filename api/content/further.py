"""Languages beside the full ones, kept in the store as a sheet of their own.

A process of an older release reads the sheets it knows, and would stumble over a language that it
does not. So `languages` and `notices` hold the full languages alone; the rest is here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from api.content.documents import LANGUAGES, LanguageForm, Notice

SHEET = "further"
_TEXTS = ("text", "sms")


def taken_out(forms: Iterable[LanguageForm], notices: Iterable[Notice]) -> dict[str, Any]:
    """What goes into the sheet: the declared languages, and the notices' texts in them, by id."""
    texts: dict[str, dict[str, dict[str, str]]] = {}
    for notice in notices:
        for part in _TEXTS:
            for code, text in getattr(notice, part).items():
                if code not in LANGUAGES:
                    texts.setdefault(notice.id, {}).setdefault(part, {})[code] = text
    return {"languages": [form.plain() for form in forms if not form.full], "notices": texts}


def left(document: dict[str, Any]) -> dict[str, Any]:
    """A notice as it stands in its own sheet: in the full languages."""
    kept: dict[str, Any] = {}
    for name, value in document.items():
        if name in _TEXTS:
            value = {code: text for code, text in value.items() if code in LANGUAGES}
        if value:
            kept[name] = value
    return kept


def joined(sheets: Mapping[str, Any]) -> dict[str, Any]:
    """The sheets of a store as they were in the files."""
    found = dict(sheets)
    further = found.pop(SHEET, None)
    if not further:
        return found
    found["languages"] = [*found.get("languages", []), *further["languages"]]
    notices = []
    for notice in found.get("notices", []):
        more = further["notices"].get(notice["id"], {})
        parts = {part: {**notice.get(part, {}), **texts} for part, texts in more.items()}
        notices.append({**notice, **parts})
    found["notices"] = notices
    return found
