"""Gathers the texts of the desk for translation: `python -m setup.interface_texts`.

Reads templates and code, and brings `api/desk/locale/*/desk.po` up to date: new texts come in
empty, texts that are gone go out. Says how many wait for a translation.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "api" / "desk" / "locale"
# `Pages.text(visitor, "...")` names its text second.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "text": (2,),
}
_SOURCES = {
    ROOT / "api" / "templates" / "desk": ("**.html", "jinja2.ext:babel_extract"),
    ROOT / "api" / "desk": ("**.py", "python"),
}


def gathered() -> Iterator[str | tuple[str, ...]]:
    """Every text of the interface, each once; a pair is a singular and its plural."""
    seen = set()
    for folder, (pattern, method) in _SOURCES.items():
        options = {pattern: {"trimmed": "true", "newstyle_gettext": "true"}}
        for _file, _line, message, _comments, _context in extract_from_dir(
            folder, [(pattern, method)], options, keywords=KEYWORDS
        ):
            if message and message not in seen:
                seen.add(message)
                yield message


def update(file: Path) -> int:
    """Bring one catalogue up to date. Returns how many texts have no translation."""
    with file.open("rb") as lines:
        old = read_po(lines, locale=file.parent.name)
    new = Catalog(
        locale=file.parent.name,
        project="Sahi Rasta",
        header_comment="# The texts of the desk. `make texts` brings in what is new.",
        creation_date=old.creation_date,
        revision_date=old.creation_date,
        fuzzy=False,
    )
    for message in sorted(gathered(), key=str):
        known = old.get(message)
        new.add(message, known.string if known is not None else None)
    with file.open("wb") as out:
        write_po(out, new, width=0, omit_header=False, sort_output=True, no_location=True)
    return sum(1 for message in new if message.id and not message.string)


def main() -> int:
    """Update every catalogue and say what is missing."""
    for file in sorted(LOCALE.glob("*/desk.po")):
        print(f"{file.relative_to(ROOT)}: {update(file)} texts wait for a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
