"""What a file that somebody uploads must be before a library looks at it.

Files come from translators' computers, by mail, from anywhere. Nothing in them is executed,
expanded or fetched: macros, document types and entities are refused, and a small file that
unpacks to a huge one is refused before it is unpacked.
"""

import io
import zipfile
from xml.parsers import expat

from api.errors import FileRefused

MAX_FILE = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 20_000

_ENCRYPTED = 0x1
_MACROS = ("macroenabled", "vbaproject", "ms-office.activex", "oleobject", "ms-excel.intlmacro")


def check_size(data: bytes) -> None:
    """Raises `FileRefused` ("empty", "too-large")."""
    if not data:
        raise FileRefused("empty", "the file is empty")
    if len(data) > MAX_FILE:
        raise FileRefused("too-large", f"{len(data)} bytes, at most {MAX_FILE}")


def check_archive(data: bytes) -> None:
    """Look at a zipped workbook without a spreadsheet library.

    Raises:
        FileRefused: "not-readable", "too-large" (unpacked), "macros", "entities".
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            # Python never unpacks more of a part than its header says, so the sum is a bound.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise FileRefused("too-large", "unpacks to more than it may")
            for part in parts:
                name = part.filename.casefold()
                if part.flag_bits & _ENCRYPTED:
                    raise FileRefused("not-readable", "encrypted")
                if any(word in name for word in _MACROS):
                    raise FileRefused("macros", "holds macros or embedded programs")
                if name.endswith((".xml", ".rels", ".vml")):
                    with archive.open(part) as content:
                        _check_part(content.read(), name)
    except FileRefused:
        raise
    except Exception as error:  # noqa: BLE001  a broken archive breaks in a dozen ways
        raise FileRefused("not-readable", type(error).__name__) from None


def _check_part(content: bytes, name: str) -> None:
    check_xml(content)
    if name == "[content_types].xml":
        types = content.decode("utf-8", "replace").casefold().replace("\0", "")
        if any(word in types for word in _MACROS):
            raise FileRefused("macros", "holds macros or embedded programs")


def check_xml(content: bytes) -> None:
    """Refuse XML that declares a document type: entities begin there.

    Raises:
        FileRefused: "entities", "not-readable" (not well-formed).
    """

    def refuse(*_args: object) -> None:
        raise FileRefused("entities", "declares a document type")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FileRefused("not-readable", type(error).__name__) from None
