"""Secrets can be exchanged while the service runs, and nobody is lost on the way."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from sqlalchemy import event, text

from api import cli, rotation
from api.channels.base import Sent
from api.db import Store
from api.errors import SettingsError
from api.keys import Keys
from api.messages import contacts, inbox, outbox, outcomes, rekeying
from api.messages.outbox import Reply
from api.settings import Settings, read_settings
from api.staff import rekeying as staff_rekeying
from api.staff import second_factor
from api.staff.development import development_account
from tests.conftest import take_in, text_message
from tests.messages.conftest import store as store  # both kinds of stores

OLD, NEW = (
    "the older secret of the tests: 32 and more",
    "the newer secret of the tests: 32 and more",
)
ONLY_OLD, BOTH, ONLY_NEW = Keys(OLD), Keys(NEW, OLD), Keys(NEW)
WHO = "whatsapp:+923001234567"


def conversation_of(store: Store, keys: Keys, who: str = WHO, alias: str = "") -> int:
    """Somebody writes; gives their conversation."""
    row = take_in(store, keys, text_message("salam", who=who, alias=alias))
    with store.read() as session:
        return int(
            session.scalar(text("SELECT conversation_id FROM inbound WHERE id = :id"), {"id": row})
        )


def rekey_all(store: Store, keys: Keys) -> tuple[int, int]:
    done = rotation.rotate(store, keys)
    return done.people, done.unreadable


def reachable(store: Store, keys: Keys, conversation: int) -> str:
    with store.read() as session:
        return contacts.address(session, keys, conversation)[0]


def test_what_any_of_the_secrets_locked_is_opened_and_the_newest_locks() -> None:
    sealed = ONLY_OLD.seal(WHO)
    assert BOTH.unseal(sealed) == WHO
    assert ONLY_NEW.unseal(BOTH.seal(WHO)) == WHO
    with pytest.raises(InvalidToken):
        ONLY_OLD.unseal(BOTH.seal(WHO))
    for_staff = ONLY_OLD.seal_for("second factor", "x")
    assert BOTH.unseal_for("second factor", for_staff, seconds=60) == "x"
    with pytest.raises(InvalidToken):
        BOTH.unseal_for("log-in elsewhere", for_staff)


def test_sealing_anew_is_needed_once() -> None:
    sealed = BOTH.resealed(ONLY_OLD.seal(WHO))
    assert sealed is not None
    assert ONLY_NEW.unseal(sealed) == WHO
    assert BOTH.resealed(sealed) is None
    with pytest.raises(InvalidToken):
        ONLY_NEW.resealed(ONLY_OLD.seal(WHO))


def test_who_writes_is_found_by_the_older_secret_and_known_by_the_newer_from_then_on(
    store: Store,
) -> None:
    before = conversation_of(store, ONLY_OLD)
    assert conversation_of(store, BOTH) == before
    assert conversation_of(store, ONLY_NEW) == before
    assert reachable(store, ONLY_NEW, before) == WHO


def test_a_process_that_still_prefers_the_older_secret_finds_everybody_too(store: Store) -> None:
    behind = Keys(OLD, NEW)  # the first step, where several processes run
    first = conversation_of(store, ONLY_OLD)
    assert conversation_of(store, BOTH) == first
    assert conversation_of(store, behind) == first
    assert conversation_of(store, BOTH) == first
    assert reachable(store, behind, first) == WHO


def test_the_older_secret_may_go_after_everybody_was_brought_under_the_newer(
    store: Store,
) -> None:
    people = {
        who: conversation_of(store, ONLY_OLD, who)
        for who in (f"whatsapp:+9230012345{n:02}" for n in range(30))
    }
    opted_out = people["whatsapp:+923001234507"]
    with store.write() as session:
        contacts.opt_out(session, opted_out)
        outbox.enqueue(session, people[WHO[:-2] + "05"], "phone-whatsapp", [Reply("waits")])
    assert rekey_all(store, BOTH) == (30, 0)
    assert rekey_all(store, BOTH) == (0, 0)
    with store.write() as session:
        queued = outbox.claim(session, ONLY_NEW)
        assert queued is not None
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
    assert queued.message.address == "whatsapp:+923001234505"
    for who, conversation in people.items():
        assert conversation_of(store, ONLY_NEW, who) == conversation
    with store.read() as session:
        assert contacts.conversation(session, opted_out).opted_out


def test_somebody_with_another_identity_than_the_address_is_known_after_the_exchange(
    store: Store,
) -> None:
    with_user_id = text_message("salam", who="PK.12345678901234567890", alias=WHO)
    row = take_in(store, ONLY_OLD, with_user_id)
    with store.write() as session:
        session.execute(
            text("UPDATE contact SET sealed_address = :sealed"), {"sealed": ONLY_OLD.seal(WHO)}
        )
        before = session.scalar(
            text("SELECT conversation_id FROM inbound WHERE id = :id"), {"id": row}
        )
    assert rekey_all(store, BOTH) == (1, 0)
    who = "PK.12345678901234567890"
    assert conversation_of(store, ONLY_NEW, who, alias=WHO) == before
    assert conversation_of(store, ONLY_NEW, who) == before


def test_two_rows_of_one_person_stay_two_and_the_newer_is_in_use(store: Store) -> None:
    older = conversation_of(store, ONLY_OLD)
    newer = conversation_of(store, ONLY_NEW)  # a process that did not know the older secret
    assert newer != older
    assert rekey_all(store, BOTH) == (1, 0)
    assert conversation_of(store, ONLY_NEW) == newer
    assert reachable(store, ONLY_NEW, older) == WHO


def test_what_is_locked_with_a_secret_that_is_gone_is_counted_and_left(store: Store) -> None:
    conversation_of(store, Keys("a third secret that nobody has any more"))
    conversation_of(store, ONLY_OLD)
    assert rekey_all(store, BOTH) == (1, 1)


def erased_after_an_opt_out(store: Store, keys: Keys) -> None:
    conversation = conversation_of(store, keys)
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, inbox.Understood("act"))
        contacts.opt_out(session, conversation)
        contacts.erase(session, conversation)
        assert contacts.forget(session, conversation)


def test_an_opt_out_that_is_a_hash_alone_holds_while_the_older_secret_is_kept(
    store: Store,
) -> None:
    erased_after_an_opt_out(store, ONLY_OLD)
    assert rekey_all(store, BOTH) == (0, 0)
    with store.read() as session:
        assert rekeying.known_by_hash_alone(session) == 1
    with store.read() as session:
        assert contacts.conversation(session, conversation_of(store, BOTH)).opted_out
    with store.read() as session:
        assert rekeying.known_by_hash_alone(session) == 0
    with store.read() as session:
        assert contacts.conversation(session, conversation_of(store, ONLY_NEW)).opted_out


def test_hashes_under_a_stolen_secret_can_be_forgotten(store: Store) -> None:
    erased_after_an_opt_out(store, ONLY_OLD)
    with store.write() as session:
        assert rekeying.forget_hashes(session) == 1
        assert rekeying.forget_hashes(session) == 0
    with store.read() as session:
        left = session.scalar(text("SELECT pseudonym FROM contact"))
    assert left != ONLY_OLD.pseudonym("phone-whatsapp", WHO)


@pytest.mark.parametrize(("keys", "most"), [(ONLY_OLD, 0), (BOTH, 1)])
def test_one_secret_costs_no_look_up_more(store: Store, keys: Keys, most: int) -> None:
    conversation_of(store, keys)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    def statements(run: Callable[[], object]) -> int:
        asked.clear()
        run()
        return len(asked)

    event.listen(store.engine, "before_cursor_execute", note)
    known = statements(lambda: take_in(store, keys, text_message(who=WHO)))
    unknown = statements(lambda: take_in(store, keys, text_message(who=WHO + "9")))
    event.remove(store.engine, "before_cursor_execute", note)
    assert known == 4  # look, change the contact, weigh what came lately, store the message
    assert unknown == 5 + most  # look, contact, conversation, weigh, message


def test_second_factors_are_brought_under_the_newer_secret(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        development_account(session, ONLY_OLD, tmp_path)
    with store.write() as session:
        account = session.scalar(text("SELECT id FROM account"))
        secret = second_factor.secret_of(session, ONLY_OLD, account)
        assert staff_rekeying.rekey(session, BOTH) == 1
        assert staff_rekeying.rekey(session, BOTH) == 0
    with store.read() as session:
        assert secret
        assert second_factor.secret_of(session, ONLY_NEW, account) == secret


def test_sealing_with_several_secrets_costs_no_more() -> None:
    def seconds(keys: Keys) -> float:
        best = []
        for _ in range(5):
            begun = time.perf_counter()
            for _ in range(200):
                keys.unseal(keys.seal(WHO))
            best.append(time.perf_counter() - begun)
        return min(best)

    assert seconds(BOTH) < 2 * seconds(ONLY_NEW)


@pytest.mark.parametrize("secret", ["short," + "x" * 40, "x" * 40 + ",short", " , ", ""])
def test_in_production_each_secret_is_long(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    for name, value in {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secret,
        "BOT_TOKEN": "y" * 20,
        "PUBLIC_BASE_URL": "https://bot.example.org",
    }.items():
        monkeypatch.setenv(f"SAHI_{name}", value)
    with pytest.raises(SettingsError, match="SAHI_SECRET_KEY"):
        read_settings()


def test_secrets_are_named_newest_first() -> None:
    assert Settings(secret_key=f" {NEW} , {OLD},").secret_keys == (NEW, OLD)


def test_the_command_says_when_the_older_secret_may_go(
    filled_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(filled_file, tmp_path / "sahi.db")
    monkeypatch.setenv("SAHI_DATA_DIR", str(tmp_path))
    # Else the log of later tests would go to what captures the output of this one.
    monkeypatch.setattr(cli, "set_up_logging", lambda: None)
    own = Store(f"sqlite:///{tmp_path / 'sahi.db'}")
    conversation = conversation_of(own, ONLY_OLD)

    def rotate(secret: str, *more: str) -> tuple[int, str]:
        monkeypatch.setenv("SAHI_SECRET_KEY", secret)
        monkeypatch.setattr(sys, "argv", ["cli", "rotate-keys", *more])
        status = cli.main()
        return status, "".join(capsys.readouterr())

    status, told = rotate(NEW)
    assert status == 1
    assert "1 people are locked with a secret that is not in SAHI_SECRET_KEY" in told
    status, told = rotate(f"{NEW},{OLD}")
    assert (status, "1 people" in told, "may go" in told) == (0, True, True)
    assert conversation_of(own, ONLY_NEW) == conversation
    with own.write() as session:
        contacts.opt_out(session, conversation)
        session.execute(text("UPDATE contact SET sealed_address = NULL"))
    _, told = rotate(f"{NEW},{OLD}")
    assert "hash alone" in told
    _, told = rotate(f"{NEW},{OLD}", "--forget-hashes")
    assert "1 opt-outs forgotten" in told
    own.close()
