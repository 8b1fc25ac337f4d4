"""Rows between the report and the button that applies them: they travel in the form.

Nothing is kept on the server in between, and nothing that comes back is believed: the rows are
judged again.
"""

import base64
import json
import zlib
from collections.abc import Sequence

from api.editorial.translation.opening import MAX_ROWS, MAX_UNPACKED
from api.editorial.translation.units import Row, read_key
from api.errors import FileRefused

_FIELD = 500_000
"""Characters of one field; a form takes a million."""


def pack(rows: Sequence[Row]) -> list[str]:
    """The rows as values of as many form fields as it takes."""
    plain = [[row.place, str(row.key), row.text] for row in rows if row.key is not None]
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(plain).encode())).decode()
    return [packed[start : start + _FIELD] for start in range(0, len(packed), _FIELD)]


def unpack(fields: Sequence[str]) -> tuple[Row, ...]:
    """The rows of a form.

    Raises:
        FileRefused: "not-readable", "too-large", "rows" (too many).
    """
    try:
        unpacker = zlib.decompressobj()
        packed = base64.b64decode("".join(fields), altchars=b"-_", validate=True)
        data = unpacker.decompress(packed, MAX_UNPACKED)
        if unpacker.unconsumed_tail:
            raise FileRefused("too-large", "unpacks to more than it may")
        plain = json.loads(data)
        rows = tuple(Row(str(place), read_key(str(key)), _text(text)) for place, key, text in plain)
    except (ValueError, TypeError, zlib.error, RecursionError) as error:
        raise FileRefused("not-readable", type(error).__name__) from None
    if len(rows) > MAX_ROWS:
        raise FileRefused("rows", f"more than {MAX_ROWS} rows")
    return rows


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("not a text")
    return value
