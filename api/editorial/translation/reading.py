"""A file that somebody uploads -> rows, whichever of the formats it is."""

from api.editorial.translation.opening import check_size
from api.editorial.translation.units import Row
from api.editorial.translation.xliff import read_xliff
from api.editorial.translation.xlsx import read_xlsx


def read_file(data: bytes) -> tuple[Row, ...]:
    """The texts of a file. Its content decides what it is, not its name.

    Raises:
        FileRefused: it is none of ours, too large, or holds what has no business in it.
    """
    check_size(data)
    return read_xlsx(data) if data.startswith(b"PK") else read_xliff(data)
