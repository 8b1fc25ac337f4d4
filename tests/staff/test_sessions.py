"""Sessions: when they end, and that a cookie is nowhere but in the browser."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from api.db import Store, now
from api.staff import sessions
from api.staff.accounts import Account
from api.staff.models import SessionRow


def find(store: Store, cookie: str) -> sessions.Visit | None:
    with store.read() as session:
        return sessions.find(session, cookie)


def begin(store: Store, account: Account, *, second_factor: bool = True) -> str:
    with store.write() as session:
        return sessions.begin(session, account.id, second_factor=second_factor)


def test_a_cookie_leads_to_its_account(store: Store, amna: Account) -> None:
    visit = find(store, begin(store, amna))
    assert visit is not None
    assert visit.account == amna
    assert visit.second_factor
    assert len(visit.form_token) >= 32


def test_the_cookie_itself_is_not_kept(store: Store, amna: Account) -> None:
    cookie = begin(store, amna)
    with store.read() as session:
        row = session.scalars(select(SessionRow)).one()
    assert cookie not in (row.digest, row.form_token)


def test_no_other_cookie_leads_anywhere(store: Store, amna: Account) -> None:
    cookie = begin(store, amna)
    assert find(store, cookie[:-1] + ("a" if cookie[-1] != "a" else "b")) is None
    assert find(store, "") is None


def test_a_session_ends_an_hour_after_the_last_page(store: Store, amna: Account) -> None:
    cookie = begin(store, amna)
    with time_machine.travel(now() + timedelta(minutes=59), tick=False):
        visit = find(store, cookie)
        assert visit is not None
        assert visit.mark
        with store.write() as session:
            sessions.mark_seen(session, visit.id)
        visit = find(store, cookie)
        assert visit is not None
        assert not visit.mark
    with time_machine.travel(now() + timedelta(minutes=118), tick=False):
        assert find(store, cookie) is not None
    with time_machine.travel(now() + timedelta(minutes=121), tick=False):
        assert find(store, cookie) is None


def test_a_session_ends_after_twelve_hours_whatever_is_done(store: Store, amna: Account) -> None:
    cookie = begin(store, amna)
    start = now()
    for minutes in range(30, 12 * 60, 30):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            visit = find(store, cookie)
            assert visit is not None
            with store.write() as session:
                sessions.mark_seen(session, visit.id)
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        assert find(store, cookie) is None


def test_a_session_without_second_factor_ends_after_half_an_hour(
    store: Store, amna: Account
) -> None:
    cookie = begin(store, amna, second_factor=False)
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        assert find(store, cookie) is None


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_session_that_was_ended_is_gone(store: Store, amna: Account, everywhere: bool) -> None:
    cookie, other = begin(store, amna), begin(store, amna)
    with store.write() as session:
        if everywhere:
            sessions.end_all(session, amna.id)
        else:
            sessions.end(session, cookie)
    assert find(store, cookie) is None
    assert (find(store, other) is None) is everywhere


def test_sessions_that_are_over_are_swept_out(store: Store, amna: Account) -> None:
    begin(store, amna)
    with time_machine.travel(now() + timedelta(hours=13), tick=False):
        begin(store, amna)
    with store.read() as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1
