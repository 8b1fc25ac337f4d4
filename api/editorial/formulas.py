"""Cells that a spreadsheet would take for a formula, and how they are made harmless.

Source: OWASP, CSV Injection: the characters with which a formula can begin.
"""

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet could take the cell for a formula."""
    return cell.startswith(_BEGINNINGS)


def neutral(cell: str) -> str:
    """The cell such that no spreadsheet takes it for a formula."""
    return f"'{cell}" if is_formula(cell) else cell
