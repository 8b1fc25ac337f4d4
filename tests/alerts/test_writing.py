"""Two people stand behind every piece of news, and what was approved never changes."""

import pytest
from sqlalchemy import text

from api.alerts import rules, writing
from api.content.catalogue import Catalogue
from api.errors import NotAllowed, NotReady
from api.staff.roles import Role
from tests.alerts.conftest import APPROVER, BOTH, NEWS, TOPIC, WRITER, House, account

ANOTHER = account(4, Role.PUBLISHER)


def test_one_writes_and_another_approves(house: House) -> None:
    house.person()
    store = house.services.store
    with store.write() as session:
        alert_id = writing.write(session, TOPIC, NEWS, BOTH)
    with pytest.raises(NotAllowed, match="wrote"), store.write() as session:
        writing.approve(session, alert_id, BOTH, house.catalogue, version=1)
    with pytest.raises(NotAllowed), store.write() as session:
        writing.approve(session, alert_id, WRITER, house.catalogue, version=1)
    with store.write() as session:
        writing.approve(session, alert_id, APPROVER, house.catalogue, version=1)
    assert house.state(alert_id) == "approved"


def test_whoever_saved_it_once_is_a_writer_for_good(house: House) -> None:
    store = house.services.store
    with store.write() as session:
        alert_id = writing.write(session, TOPIC, NEWS, BOTH)
        writing.change(session, alert_id, NEWS, ANOTHER, version=1)
    with pytest.raises(NotAllowed), store.write() as session:
        writing.approve(session, alert_id, BOTH, house.catalogue, version=2)


def test_an_approver_approves_what_he_has_read(house: House) -> None:
    store = house.services.store
    with store.write() as session:
        alert_id = writing.write(session, TOPIC, NEWS, WRITER)
        writing.change(session, alert_id, {**NEWS, "en": "Other words."}, WRITER, version=1)
    with pytest.raises(NotReady) as refused, store.write() as session:
        writing.approve(session, alert_id, APPROVER, house.catalogue, version=1)
    assert refused.value.code == "changed"


def test_after_the_approval_no_word_changes(house: House) -> None:
    house.person()
    alert_id = house.alert()
    store = house.services.store
    with pytest.raises(NotReady), store.write() as session:
        writing.change(session, alert_id, {**NEWS, "en": "Pay 5 lakh."}, WRITER, version=1)
    with pytest.raises(NotReady), store.write() as session:
        writing.approve(session, alert_id, APPROVER, house.catalogue, version=1)
    house.chore()
    assert [NEWS["en"] in row.text for row in house.outbox()] == [True]


def test_every_step_is_in_the_log(house: House) -> None:
    house.person()
    alert_id = house.alert()
    with house.services.store.write() as session:
        writing.stop(session, alert_id, WRITER)
        found = session.execute(text("SELECT action, account_id FROM audit_log ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        ("alert-written", WRITER.id),
        ("alert-approved", APPROVER.id),
        ("alert-stopped", WRITER.id),
    ]


@pytest.mark.parametrize(
    ("language", "words", "fault"),
    [
        ("en", "", "missing"),
        ("en", "Call 0304 1112123 now.", "number"),
        ("en", "Call {helpline:nobody} now.", "helpline"),
        ("en", "long " * 70, "long"),
        ("ur", "خبر " * 50, "long"),
        ("ur", "The quota is open", "script"),
        ("ur-Latn", "کوٹہ کھل گیا", "script"),
        ("en", "The “quota” is open", "characters"),
    ],
)
def test_words_that_cannot_go_out_are_named(
    catalogue: Catalogue, language: str, words: str, fault: str
) -> None:
    assert list(rules.faults(NEWS, catalogue.helplines)) == []
    found = list(rules.faults({**NEWS, language: words}, catalogue.helplines))
    assert found == [(language, fault)]


def test_what_breaks_a_rule_is_not_approved(house: House) -> None:
    store = house.services.store
    with store.write() as session:
        alert_id = writing.write(session, TOPIC, {"en": NEWS["en"]}, WRITER)
    with pytest.raises(NotReady) as refused, store.write() as session:
        writing.approve(session, alert_id, APPROVER, house.catalogue, version=1)
    assert refused.value.code == "faults"
