"""The form of one helpline: from what was typed to a document, with a sentence for each fault."""

import datetime
import re
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from api.content.documents import LANGUAGES, Helpline
from api.desk.pages import _

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_CODE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z]{2,8})?")

SENTENCES = {
    "id": _("Small letters, digits and hyphens, at most 64: for example mrc-lahore."),
    "number": _("Write the number as it is dialled: digits, with + or hyphens where needed."),
    "country": _("Write two or three capital letters, such as PK, EU or INT."),
    "name_en": _("A name is needed in every language, on one line."),
    "hours_en": _("Write the hours in all three languages, each on one line, or in none."),
    "languages": _("Write language codes with commas between, such as ur, en."),
    "source": _("Say where this number was found: a web address or a letter."),
    "source_date": _("At most 40 characters."),
    "confidence": _("Choose one."),
    "note": _("At most 1,000 characters."),
}
"""What a page says at a field that is wrong; name and hours are each one group of fields."""

MOST = {"source": 500, "source_date": 40, "note": 1000}
RESERVED = {"new"}  # an address of the desk

FIELD_OF = {"name": "name_en", "hours": "hours_en"}


class HelplineForm(BaseModel):
    """What comes from the browser. Checked by `read`, so that nothing typed is lost."""

    id: str = ""
    seen: str = ""
    number: str = ""
    country: str = ""
    name_en: str = ""
    name_ur: str = ""
    name_ur_latn: str = ""
    hours_en: str = ""
    hours_ur: str = ""
    hours_ur_latn: str = ""
    languages: str = ""
    source: str = ""
    source_date: str = ""
    confidence: str = ""
    note: str = ""
    dead: bool = False


@dataclass(frozen=True)
class Typed:
    """A form that was read: a document, or the fields that are wrong."""

    helpline: Helpline | None
    wrong: frozenset[str] = field(default_factory=frozenset)


def filled(helpline: Helpline | None, seen: str = "") -> HelplineForm:
    """The form as it is first shown; empty for a new number."""
    if helpline is None:
        return HelplineForm(confidence="medium", country="PK", languages="ur")
    typed: dict[str, str | bool] = {
        "id": helpline.id,
        "seen": seen,
        "number": helpline.number,
        "country": helpline.country,
        "languages": ", ".join(helpline.languages),
        "source": helpline.source,
        "source_date": helpline.source_date or "",
        "confidence": helpline.confidence,
        "note": helpline.note,
        "dead": helpline.dead,
    }
    for code, text in helpline.name.items():
        typed[f"name_{_suffix(code)}"] = text
    for code, text in (helpline.hours or {}).items():
        typed[f"hours_{_suffix(code)}"] = text
    return HelplineForm.model_validate(typed)


def read(form: HelplineForm, *, helpline_id: str, by: str, day: datetime.date) -> Typed:
    """The helpline that the form describes, verified by somebody on a day."""
    name = {code: _line(getattr(form, f"name_{_suffix(code)}")) for code in LANGUAGES}
    hours = {code: _line(getattr(form, f"hours_{_suffix(code)}")) for code in LANGUAGES}
    codes = [code for code in re.split(r"[\s,;،]+", form.languages.strip()) if code]
    wrong = set()
    if any(hours.values()) and not all(hours.values()):
        wrong.add("hours_en")
    if not 0 < len(codes) <= 10 or not all(_CODE.fullmatch(code) for code in codes):
        wrong.add("languages")
    if not 0 < len(form.source.strip()) <= MOST["source"]:
        wrong.add("source")
    wrong |= {name for name in ("source_date", "note") if len(getattr(form, name)) > MOST[name]}
    if helpline_id in RESERVED:
        wrong.add("id")
    try:
        helpline = Helpline.model_validate(
            {
                "id": helpline_id,
                "number": re.sub(r"[\s()]", "", form.number.translate(_DIGITS)),
                "country": form.country.strip().upper(),
                "name": name,
                "hours": hours if all(hours.values()) else None,
                "languages": codes,
                "source": _line(form.source),
                "source_date": _line(form.source_date) or None,
                "checked": day,
                "confidence": form.confidence,
                "note": _line(form.note),
                "dead": form.dead,
                "verified_by": by,
            }
        )
    except ValidationError as error:
        fields = {str(fault["loc"][0]) for fault in error.errors()}
        return Typed(None, frozenset({FIELD_OF.get(name, name) for name in fields} | wrong))
    return Typed(None if wrong else helpline, frozenset(wrong))


def _line(text: str) -> str:
    return " ".join(text.split())


def _suffix(code: str) -> str:
    return code.lower().replace("-", "_")
