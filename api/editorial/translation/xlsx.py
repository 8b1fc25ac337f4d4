"""Units as a workbook, and rows from one.

Every cell is text and stays text: nothing that begins with = + - @ is ever a formula. Only the
translation can be typed into; the key at the end is locked.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.cell.cell import Cell  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill, Protection  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from api.editorial.translation.opening import MAX_ROWS, check_archive
from api.editorial.translation.units import Row, Unit, read_key
from api.errors import FileRefused

COLUMNS = ("Topic", "Field", "English", "Translation", "At most", "Note", "Key")
_WIDTHS = (24, 11, 60, 60, 9, 34, 14)
_MOST_COLUMNS = 24
_FIRST = 2  # the row of the first text
_CELL = 32_000  # Excel's own limit is 32,767

# Characters that XML cannot hold, the carriage return (XML reads it as a line feed), and what
# looks like an escape itself are written as Excel does it: _x000D_ (ECMA-376, ST_Xstring).
_ESCAPED = re.compile("[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def write_xlsx(units: Sequence[Unit], language: str) -> bytes:
    """A workbook with one sheet. Urdu runs from right to left.

    Raises:
        FileRefused: a text is longer than a cell can be ("too-large").
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  a new workbook has one
    book.properties.creator = "Sahi Rasta"
    sheet.title = language
    sheet.sheet_view.rightToLeft = language == "ur"
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    _write_row(sheet, 1, COLUMNS, language)
    for number, unit in enumerate(units, start=2):
        key = unit.key
        texts = (key.topic, key.field, unit.english, unit.translation, str(unit.limit), unit.note)
        _write_row(sheet, number, (*texts, str(key)), language)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False  # means: is allowed
    sheet.protection.formatRows = False
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_xlsx(data: bytes) -> tuple[Row, ...]:
    """The rows of the first sheet.

    Raises:
        FileRefused: "not-readable", "too-large", "macros", "entities", "columns" (no column Key
            or Translation), "rows" (too many).
    """
    check_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            return tuple(_rows(book.worksheets[0]))
        finally:
            book.close()
    except FileRefused:
        raise
    except Exception as error:  # noqa: BLE001  openpyxl meets a broken file with any error
        raise FileRefused("not-readable", type(error).__name__) from None


def _write_row(sheet: Worksheet, number: int, texts: Iterable[str], language: str) -> None:
    for column, text in enumerate(texts, start=1):
        cell = sheet.cell(number, column)
        _write(cell, text)
        if number > _FIRST:  # styling is what takes the time; the rows are alike
            cell._style = copy(sheet.cell(_FIRST, column)._style)
        else:
            _style(cell, COLUMNS[column - 1], language, is_head=number < _FIRST)


def _style(cell: Cell, name: str, language: str, *, is_head: bool) -> None:
    is_ours = is_head or name != "Translation"
    right_to_left = language == "ur" and not is_ours
    cell.alignment = Alignment(
        wrap_text=name != "Key",
        vertical="top",
        horizontal="right" if right_to_left else "left",
        readingOrder=2 if right_to_left else 1,
    )
    cell.protection = Protection(locked=is_ours)
    if is_head:
        cell.font = Font(bold=True)
    elif is_ours:
        cell.fill = PatternFill("solid", fgColor="F2F2F2")
    cell.number_format = "@"
    cell.quotePrefix = True  # keeps a text that begins with = a text when somebody edits it


def _write(cell: Cell, text: str) -> None:
    escaped = _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    if len(escaped) > _CELL:
        raise FileRefused("too-large", f"a text of {len(text)} characters")
    cell.value = escaped
    cell.data_type = "s"  # whatever the library took it for


def _rows(sheet: Any) -> Iterator[Row]:
    lines = sheet.iter_rows(min_row=1, max_row=MAX_ROWS + 2, min_col=1, max_col=_MOST_COLUMNS)
    header = [_text(cell.value) for cell in next(lines, ())]
    if not {"Key", "Translation"} <= set(header):
        raise FileRefused("columns", "no column Key or Translation")
    key_at, text_at = header.index("Key"), header.index("Translation")
    for number, cells in enumerate(lines, start=2):
        if all(cell.value is None for cell in cells):
            continue
        if number > MAX_ROWS + 1:
            raise FileRefused("rows", f"more than {MAX_ROWS} rows")
        key = cells[key_at].value if key_at < len(cells) else None
        text = cells[text_at].value if text_at < len(cells) else None
        problem = ""
        if any(cell.data_type == "f" for cell in cells):
            problem = "formula"
        elif not (text is None or isinstance(text, str | int)) or isinstance(text, bool):
            problem = "not-text"
        yield Row(
            place=str(number),
            key=read_key(_text(key)),
            text=None if text is None or problem else _text(text),
            problem=problem,
        )


def _text(value: object) -> str:
    """The text of a cell without the escapes."""
    return "" if value is None else _ESCAPE.sub(lambda match: chr(int(match[1], 16)), str(value))
