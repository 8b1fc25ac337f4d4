"""Hours of duty: when counsellors of which organisation are there, by the week.

All times are those of Pakistan, which has no summer time; callers give moments by that clock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.errors import WrongDetail
from api.staff.models import DutyHoursRow, OrganisationRow

_DAY = 24 * 60


@dataclass(frozen=True)
class Hours:
    """One shift of an organisation.

    Attributes:
        weekday: 0 is Monday.
        begins, ends: minutes after midnight; one that ends before it begins ends the next day.
    """

    id: int
    organisation_id: int
    weekday: int
    begins: int
    ends: int


def hours(session: Session) -> list[Hours]:
    """All shifts, in the order of the week."""
    rows = session.scalars(
        select(DutyHoursRow).order_by(
            DutyHoursRow.weekday, DutyHoursRow.begins, DutyHoursRow.organisation_id
        )
    )
    return [Hours(row.id, row.organisation_id, row.weekday, row.begins, row.ends) for row in rows]


def add(
    session: Session, organisation_id: int, weekdays: Sequence[int], begins: str, ends: str
) -> None:
    """Add a shift on some days of the week; one that begins at the same minute is replaced.

    Args:
        begins, ends: "09:00".

    Raises:
        WrongDetail: a field that makes no shift ("organisation", "weekday", "begins", "ends").
    """
    if session.get(OrganisationRow, organisation_id) is None:
        raise WrongDetail("organisation", "unknown")
    if not weekdays or not all(0 <= day <= 6 for day in weekdays):
        raise WrongDetail("weekday", "empty")
    first, last = _minutes("begins", begins), _minutes("ends", ends)
    if first == last:
        raise WrongDetail("ends", "no-time")
    for day in sorted(set(weekdays)):
        session.execute(
            delete(DutyHoursRow).where(
                DutyHoursRow.organisation_id == organisation_id,
                DutyHoursRow.weekday == day,
                DutyHoursRow.begins == first,
            )
        )
        session.add(
            DutyHoursRow(organisation_id=organisation_id, weekday=day, begins=first, ends=last)
        )
    session.flush()


def remove(session: Session, hours_id: int) -> Hours | None:
    """Take a shift away; None: it is gone already."""
    row = session.get(DutyHoursRow, hours_id)
    if row is None:
        return None
    gone = Hours(row.id, row.organisation_id, row.weekday, row.begins, row.ends)
    session.delete(row)
    return gone


def away_until(session: Session, here: datetime) -> datetime | None:
    """When somebody is here again; None: somebody is, or nobody has said when.

    Args:
        here: the moment, by the clock of Pakistan.
    """
    shifts = hours(session)
    if not shifts or on_duty(shifts, here):
        return None
    return min(_next(shift, here) for shift in shifts)


def on_duty(shifts: Sequence[Hours], here: datetime) -> dict[int, datetime]:
    """Who is there now: by organisation, until when."""
    found: dict[int, datetime] = {}
    for shift in shifts:
        end = _end(shift, here)
        if end is not None:
            found[shift.organisation_id] = max(end, found.get(shift.organisation_id, end))
    return found


def is_there(there: Collection[int], organisation_id: int | None) -> bool:
    """Whether somebody of an organisation is there, of any for None.

    Args:
        there: organisations of which somebody is (`on_duty`).
    """
    return bool(there) if organisation_id is None else organisation_id in there


def _end(shift: Hours, here: datetime) -> datetime | None:
    """When a shift that is on now ends; None: it is not on."""
    length = (shift.ends - shift.begins) % _DAY
    begun = _next(shift, here) - timedelta(days=7)
    end = begun + timedelta(minutes=length)
    return end if here < end else None


def _next(shift: Hours, here: datetime) -> datetime:
    """When a shift begins next, after this minute."""
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (shift.weekday - here.weekday()) % 7
    begins = midnight + timedelta(days=days, minutes=shift.begins)
    return begins if begins > here else begins + timedelta(days=7)


def _minutes(field: str, text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise WrongDetail(field, "no-time")
    return int(hour) * 60 + int(minute)
