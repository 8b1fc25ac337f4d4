"""The editors' table of licensed recruiters: looked up by number, filled from a CSV file.

The table is no register: a number that is not in it may be good, one that is in it may have been
cancelled since. So nothing here ever calls a licence false.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from api.checks.licence_number import figures_and_city, ways_to_write
from api.checks.models import PromoterLicenceRow
from api.errors import ContentError, Fault
from spelling import normalise

STATES = ("valid", "suspended", "cancelled", "expired")
COLUMNS = ("number", "name", "state", "checked_on", "source")
MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = {"number": 40, "name": 200, "state": 16, "checked_on": 10, "source": 500}


@dataclass(frozen=True)
class Licence:
    """One recruiter as an editor saw it on a day."""

    number: str
    name: str
    state: str
    checked_on: date
    source: str

    @property
    def is_valid(self) -> bool:
        """It was valid on the day it was checked."""
        return self.state == "valid"


def normal(number: str) -> str:
    """A licence number as it is compared: letters and digits, capitals, without spaces."""
    return re.sub(r"[^0-9A-Z]", "", normalise(number).upper())[:40]


def look_up(session: Session, number: str) -> Licence | None:
    """The licence of a number, or None when the table does not have it.

    "OEP 3456/LHR" and "LHR 3456" are found, too, and both of them as "MPD/3456/LHR/2019": a
    licence that was cancelled must not be missed for the way it was typed.
    """
    rows = (session.get(PromoterLicenceRow, way) for way in ways_to_write(number))
    row = next((one for one in rows if one is not None), None) or _written_longer(session, number)
    if row is None:
        return None
    return Licence(row.written, row.name, row.state, row.checked_on, row.source)


def _written_longer(session: Session, number: str) -> PromoterLicenceRow | None:
    """The row whose number has more in it than was typed, but the same figures and city code.

    Of several, the one that was checked last; of those of one day, one that is not valid.
    """
    if (typed := figures_and_city(number)) is None:
        return None
    rows = session.scalars(
        select(PromoterLicenceRow).where(PromoterLicenceRow.number.contains(typed[0]))
    )
    alike = [row for row in rows if figures_and_city(row.written) == typed]
    return max(alike, key=lambda row: (row.checked_on, row.state != "valid"), default=None)


def count(session: Session) -> int:
    """How many licences the table has."""
    return session.scalar(select(func.count()).select_from(PromoterLicenceRow)) or 0


@dataclass(frozen=True)
class Summary:
    """How much the table knows: how many recruiters of each state, and seen on which days."""

    by_state: dict[str, int]
    oldest: date | None = None
    newest: date | None = None

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


def summary(session: Session) -> Summary:
    """What the table holds now."""
    states = session.execute(
        select(PromoterLicenceRow.state, func.count().label("number")).group_by(
            PromoterLicenceRow.state
        )
    ).all()
    days = session.execute(
        select(func.min(PromoterLicenceRow.checked_on), func.max(PromoterLicenceRow.checked_on))
    ).one()
    return Summary({row.state: row.number for row in states}, *days)


def read_csv(data: bytes, file: str, today: date) -> list[Licence]:
    """The licences of a CSV file with the columns `number,name,state,checked_on,source`.

    Raises:
        ContentError: with every fault found, each with the line it stands on.
    """
    if len(data) > MOST_BYTES:
        raise ContentError(f"{file}: larger than {MOST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ContentError(f"{file}: is not UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    faults: list[Fault] = []
    licences: dict[str, Licence] = {}
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ContentError(f"{file}:1: no column {', '.join(missing)}")
        for row in reader:
            licence = _licence(row, file, reader.line_num, today, faults)
            if licence is None:
                continue
            if normal(licence.number) in licences:
                faults.append(Fault(file, reader.line_num, "number: stands here twice"))
            licences[normal(licence.number)] = licence
            if len(licences) > MOST_ROWS:
                raise ContentError(f"{file}: more than {MOST_ROWS:,} rows")
    except csv.Error as error:
        raise ContentError(f"{file}:{reader.line_num}: {error}") from None
    if faults:
        raise ContentError(f"{len(faults)} faults in {file}, nothing was imported", tuple(faults))
    if not licences:
        raise ContentError(f"{file}: no licences in it, nothing was imported")
    return list(licences.values())


def replace_all(session: Session, licences: list[Licence]) -> int:
    """Put these licences in the place of all that were there. The caller commits.

    Returns how many there were.
    """
    before = count(session)
    session.execute(delete(PromoterLicenceRow))
    session.add_all(
        PromoterLicenceRow(
            number=normal(one.number),
            written=one.number,
            name=one.name,
            state=one.state,
            checked_on=one.checked_on,
            source=one.source,
        )
        for one in licences
    )
    session.flush()
    return before


def _licence(
    row: dict[str | None, str | None], file: str, line: int, today: date, faults: list[Fault]
) -> Licence | None:
    """One row as a licence; None, and what is wrong with it among the faults."""
    before = len(faults)

    def fault(message: str) -> None:
        faults.append(Fault(file, line, message))

    if None in row or None in row.values():
        fault("has more or fewer fields than the header")
        return None
    values = {name: (row[name] or "").strip() for name in COLUMNS}
    for name, value in values.items():
        if not value:
            fault(f"{name}: is empty")
        elif value.startswith(_FORMULA):
            fault(f"{name}: begins with {value[0]!r}, which a spreadsheet takes for a formula")
        elif len(value) > _LONGEST[name] or any(ord(letter) < 32 for letter in value):
            fault(f"{name}: too long, or with a control character")
    if len(normal(values["number"])) < 3:
        fault("number: has fewer than three letters and digits")
    if values["state"] not in STATES:
        fault(f"state: one of {', '.join(STATES)}")
    try:
        checked_on = date.fromisoformat(values["checked_on"])
    except ValueError:
        fault("checked_on: a day such as 2026-11-21")
        return None
    if checked_on > today:
        fault("checked_on: is in the future")
    if len(faults) > before:
        return None
    return Licence(values["number"], values["name"], values["state"], checked_on, values["source"])
