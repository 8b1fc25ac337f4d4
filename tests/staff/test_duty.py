"""Hours of duty: who is there, until when, and when somebody is again."""

from datetime import datetime, timedelta

import pytest

from api.content.expiry import PAKISTAN
from api.db import Store
from api.errors import WrongDetail
from api.staff import duty
from api.staff.accounts import Account

MONDAY = datetime(2026, 11, 23, tzinfo=PAKISTAN)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def test_nothing_set_means_nobody_knows(store: Store) -> None:
    with store.read() as session:
        assert duty.away_until(session, at(0, 3)) is None
        assert not duty.is_there(duty.on_duty(duty.hours(session), at(0, 3)), None)


@pytest.mark.parametrize(
    ("here", "again"),
    [
        (at(0, 8, 59), at(0, 9)),
        (at(0, 9), None),
        (at(0, 16, 59), None),
        (at(0, 17), at(1, 9)),
        (at(4, 18), at(5, 22)),  # Friday evening: the night shift of Saturday is next
        (at(5, 23), None),
        (at(6, 1, 59), None),  # past midnight it is still that shift
        (at(6, 2), at(7, 9)),
        (at(5, 21), at(5, 22)),
    ],
)
def test_the_week(store: Store, amna: Account, here: datetime, again: datetime | None) -> None:
    with store.write() as session:
        duty.add(session, amna.organisation_id, [0, 1, 2, 3, 4], "09:00", "17:00")
        duty.add(session, amna.organisation_id, [5], "22:00", "02:00")
    with store.read() as session:
        assert duty.away_until(session, here) == again
        there = duty.on_duty(duty.hours(session), here)
        for organisation in (None, amna.organisation_id):
            assert duty.is_there(there, organisation) is (again is None)
        assert not duty.is_there(there, amna.organisation_id + 1)


def test_who_is_there_and_until_when(store: Store, amna: Account) -> None:
    with store.write() as session:
        duty.add(session, amna.organisation_id, [0], "09:00", "12:00")
        duty.add(session, amna.organisation_id, [0], "11:00", "15:00")
        duty.add(session, amna.organisation_id, [0], "11:00", "16:00")  # instead of it
        shifts = duty.hours(session)
        assert len(shifts) == 2
        assert duty.on_duty(shifts, at(0, 11, 30)) == {amna.organisation_id: at(0, 16)}
        for shift in shifts:
            duty.remove(session, shift.id)
        assert duty.remove(session, shifts[0].id) is None
        assert duty.away_until(session, at(0, 3)) is None


@pytest.mark.parametrize(
    ("days", "begins", "ends", "field"),
    [
        ([], "09:00", "17:00", "weekday"),
        ([7], "09:00", "17:00", "weekday"),
        ([0], "", "17:00", "begins"),
        ([0], "9", "17:00", "begins"),
        ([0], "09:00", "24:00", "ends"),
        ([0], "09:00", "09:00", "ends"),
    ],
)
def test_what_makes_no_hours(
    store: Store, amna: Account, days: list[int], begins: str, ends: str, field: str
) -> None:
    with store.write() as session, pytest.raises(WrongDetail) as caught:
        duty.add(session, amna.organisation_id, days, begins, ends)
    assert caught.value.field == field


def test_an_organisation_that_is_not_there(store: Store) -> None:
    with store.write() as session, pytest.raises(WrongDetail, match="organisation"):
        duty.add(session, 999, [0], "09:00", "17:00")
