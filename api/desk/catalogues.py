"""The texts of the interface in Urdu, from `locale/ur/desk.po`.

The catalogue is compiled in memory when the desk starts: there is no compiled file to forget.
"""

import gettext
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"


class Catalogues:
    """Translations by interface language; English is what stands in the code."""

    def __init__(self) -> None:
        self._of: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
        for file in sorted(LOCALE.glob("*/desk.po")):
            compiled = BytesIO()
            with file.open("rb") as lines:
                write_mo(compiled, read_po(lines))
            compiled.seek(0)
            self._of[file.parent.name] = gettext.GNUTranslations(compiled)

    def of(self, language: str) -> gettext.NullTranslations:
        """The translations of a language; of one that we do not have, English."""
        return self._of.get(language, self._of["en"])

    def text(self, language: str, text: str) -> str:
        """One text in a language."""
        return self.of(language).gettext(text)
