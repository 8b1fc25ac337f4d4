"""Texts out to translators and back: units, two file formats, and the judgement of what returns.

Only answers travel (title, source line, both forms). Ways to ask do not: they are no translations
of each other, each language has its own.
"""

from api.editorial.translation.importing import Judged, Outcome, Report, apply, judge
from api.editorial.translation.packing import pack, unpack
from api.editorial.translation.present import Present, present
from api.editorial.translation.reading import read_file
from api.editorial.translation.units import Format, Row, Unit, units
from api.editorial.translation.xliff import write_xliff
from api.editorial.translation.xlsx import write_xlsx

__all__ = [
    "Format",
    "Judged",
    "Outcome",
    "Present",
    "Report",
    "Row",
    "Unit",
    "apply",
    "judge",
    "pack",
    "present",
    "read_file",
    "units",
    "unpack",
    "write_xliff",
    "write_xlsx",
]
