"""The weekly letter: who gets it, in which language, and that nobody gets it twice."""

import datetime
import io
import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
import time_machine
from structlog.processors import JSONRenderer

from api.content import phone_book, publishing
from api.content.documents import TopicDocument
from api.db import Store
from api.digest import send_digests
from api.editorial import audit, digest
from api.editorial.mail import Letter, LogPost, SmtpPost, build_post
from api.errors import MailError, SettingsError
from api.services import Services
from api.staff import accounts
from api.staff.models import AccountRow
from api.staff.roles import Role
from tests.editorial.mail_server import MailServer, start
from tests.stores import own_store

FEE = "agent-fee-limit"
SENDER = "Sahi Rasta <desk@example.org>"
_numbers = itertools.count(1)


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.datetime(2026, 12, 1, 12, tzinfo=datetime.UTC)) as traveller:
        yield traveller


@pytest.fixture
def mail() -> Iterator[MailServer]:
    mail = MailServer()
    server = start(mail)
    yield mail
    server.shutdown()
    server.server_close()


@pytest.fixture
def post(mail: MailServer) -> SmtpPost:
    return SmtpPost(mail.url, SENDER)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path
) -> Iterator[Store]:
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        yield store


def somebody(
    services: Services, organisation: str, *roles: Role, language: str = "en", name: str = "Sana"
) -> accounts.Account:
    with services.store.write() as session:
        account = accounts.create(
            session,
            email=f"reader{next(_numbers)}@example.org",
            name=name,
            organisation=organisation,
            roles=roles or (Role.AUTHOR,),
        )
        accounts.set_language(session, account.id, language)
    return replace(account, language=language)


def owns(services: Services, organisation_id: int, *topics: str) -> None:
    with services.store.write() as session:
        catalogue = services.keeper.current(session)
        for item in list(catalogue.topics.values()):
            if item.kind == "topic" and (not topics or item.document.id in topics):
                publishing.publish(
                    session,
                    item.document,
                    group=item.group,
                    author="A",
                    owner_id=organisation_id,
                )


def after_review(travel: time_machine.Traveller, services: Services, days: int) -> None:
    """To a Tuesday about that long after the review day of the agent's fee."""
    document = services.keeper.current().topics[FEE].document
    assert isinstance(document, TopicDocument)
    day = document.review_by + datetime.timedelta(days=days)
    day += datetime.timedelta(days=(1 - day.weekday()) % 7)
    travel.move_to(datetime.datetime.combine(day, datetime.time(12), datetime.UTC))


def send(services: Services, post: SmtpPost | LogPost) -> int:
    return send_digests(services, post, datetime.datetime.now(datetime.UTC))


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2026-11-23T03:59:00+00:00", "2026-11-16T04:00:00+00:00"),
        ("2026-11-23T04:00:00+00:00", "2026-11-23T04:00:00+00:00"),
        ("2026-11-29T20:00:00+00:00", "2026-11-23T04:00:00+00:00"),
        ("2026-11-30T04:00:00+00:00", "2026-11-30T04:00:00+00:00"),
    ],
)
def test_a_week_begins_on_monday_at_nine_in_pakistan(moment: str, week: str) -> None:
    found = digest.week_of(datetime.datetime.fromisoformat(moment))
    assert found == datetime.datetime.fromisoformat(week)


def test_each_organisation_gets_what_is_its_own_and_due(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    iom = somebody(desk_services, "IOM")
    unodc = somebody(desk_services, "UNODC")
    owns(desk_services, iom.organisation_id)
    owns(desk_services, unodc.organisation_id, FEE)
    after_review(travel, desk_services, 31)
    assert send(desk_services, post) == 2
    letters = {letter.recipients: letter for letter in mail.delivered}
    theirs = letters[(unodc.email,)]
    assert "UNODC" in theirs.message["Subject"]
    assert "NOT GIVEN ANY MORE (1)" in theirs.text
    assert "What an agent may legally charge (review by 19 Feb 2027)" in theirs.text
    assert f"/desk/topics/{FEE}" in theirs.text
    assert f"/desk/reviews?owner={unodc.organisation_id}" in theirs.text
    assert FEE not in letters[(iom.email,)].text
    assert "and" in letters[(iom.email,)].text
    assert theirs.sender == "desk@example.org"
    assert theirs.message["From"] == SENDER
    assert "@example.org>" in theirs.message["Message-ID"]


def test_only_people_who_can_mend_it_get_it_each_in_their_language(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    author = somebody(desk_services, "IOM")
    reviewer = somebody(desk_services, "IOM", Role.REVIEWER, name="علی")
    urdu = somebody(desk_services, "IOM", Role.PUBLISHER, language="ur")
    somebody(desk_services, "IOM", Role.COUNSELLOR)
    somebody(desk_services, "IOM", Role.ADMINISTRATOR)
    gone = somebody(desk_services, "IOM")
    with desk_services.store.write() as session:
        session.get_one(AccountRow, gone.id).active = False
    owns(desk_services, author.organisation_id)
    after_review(travel, desk_services, 31)
    assert send(desk_services, post) == 2
    by_language = {letter.message["Content-Language"]: letter for letter in mail.delivered}
    assert set(by_language["en"].recipients) == {author.email, reviewer.email}
    assert by_language["ur"].recipients == (urdu.email,)
    assert "صحیح راستہ" in by_language["ur"].message["Subject"]
    answers = desk_services.keeper.current().topics[FEE].document.answers
    assert answers["ur"].title in by_language["ur"].text
    assert "علی" in by_language["en"].message["To"]


def test_nothing_is_sent_where_nothing_is_due(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    owns(desk_services, somebody(desk_services, "IOM").organisation_id)
    assert send(desk_services, post) == 0
    assert mail.delivered == []
    with desk_services.store.read() as session:
        assert not digest.digest_due(session, datetime.datetime.now(datetime.UTC))


def test_a_letter_comes_once_a_week(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    somebody(desk_services, "IOM")
    after_review(travel, desk_services, 31)
    assert send(desk_services, post) == 1
    for _ in range(5):
        travel.shift(datetime.timedelta(days=1))
        assert send(desk_services, post) == 0
    travel.shift(datetime.timedelta(days=1))
    assert send(desk_services, post) == 1
    assert len(mail.delivered) == 2


def test_what_nobody_owns_is_told_to_everybody(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    somebody(desk_services, "IOM")
    after_review(travel, desk_services, 31)
    send(desk_services, post)
    assert "nobody owns" in mail.delivered[0].text
    assert "/desk/reviews?owner=none" in mail.delivered[0].text


def test_a_dead_number_that_is_still_told_is_in_the_letter(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    somebody(desk_services, "IOM")
    with desk_services.store.write() as session:
        catalogue = desk_services.keeper.current(session)
        mrc = catalogue.helplines["mrc"]
        dead = mrc.model_copy(update={"dead": True})
        phone_book.change(session, catalogue, dead, seen=phone_book.mark(mrc))
    assert send(desk_services, post) == 1
    assert "DEAD NUMBERS" in mail.delivered[0].text
    assert "/desk/phone-book/mrc" in mail.delivered[0].text


def test_after_a_failure_only_what_was_not_sent_is_sent_again(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    somebody(desk_services, "IOM")
    other = somebody(desk_services, "UNODC")
    after_review(travel, desk_services, 31)
    mail.is_down = True
    with pytest.raises(MailError):
        send(desk_services, post)
    mail.is_down = False
    assert send(desk_services, post) == 0  # left alone for a while
    travel.shift(datetime.timedelta(hours=1))
    mail.refuses_words = "UNODC"
    assert send(desk_services, post) == 1
    mail.refuses_words = ""
    travel.shift(datetime.timedelta(hours=1))
    assert send(desk_services, post) == 1
    assert mail.delivered[-1].recipients == (other.email,)
    travel.shift(datetime.timedelta(hours=1))
    assert send(desk_services, post) == 0
    assert len(mail.delivered) == 2


def test_one_address_that_is_refused_does_not_keep_the_letter_from_others(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    refused, taken = somebody(desk_services, "IOM"), somebody(desk_services, "IOM")
    somebody(desk_services, "UNODC")
    mail.refuses = frozenset({refused.email})
    after_review(travel, desk_services, 31)
    assert send(desk_services, post) == 2
    assert mail.delivered[0].recipients == (taken.email,)


def test_a_letter_that_is_refused_for_everybody_is_sent_again(
    travel: time_machine.Traveller, desk_services: Services, mail: MailServer, post: SmtpPost
) -> None:
    refused = somebody(desk_services, "IOM")
    somebody(desk_services, "UNODC")
    mail.refuses = frozenset({refused.email})
    mail.refusal = "450 greylisted, come back later"
    after_review(travel, desk_services, 31)
    assert send(desk_services, post) == 1
    mail.refuses = frozenset()
    travel.shift(datetime.timedelta(hours=1))
    assert send(desk_services, post) == 1
    assert mail.delivered[-1].recipients == (refused.email,)


def test_of_many_processes_one_takes_the_letters_on(empty_store: Store) -> None:
    moment = datetime.datetime.now(datetime.UTC)
    took: list[bool] = []

    def try_it() -> None:
        with empty_store.write() as session:
            took.append(digest.begin(session, moment))

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(took) == [False] * 7 + [True]


def test_without_a_server_the_words_go_into_the_log_and_no_name_does(
    travel: time_machine.Traveller,
    desk_services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A logger of its own, unfiltered: the one of the process may already be bound to a stream.
    lines = io.StringIO()
    logger = structlog.wrap_logger(structlog.PrintLogger(lines), [JSONRenderer(ensure_ascii=False)])
    monkeypatch.setattr("api.editorial.mail.log", logger)
    reader = somebody(desk_services, "IOM", name="Sana Khan")
    after_review(travel, desk_services, 31)
    assert send(desk_services, LogPost()) == 1
    written = lines.getvalue()
    assert "What an agent may legally charge" in written or "nobody owns" in written
    assert reader.email not in written
    assert "Sana" not in written


def test_a_password_is_given_to_this_machine_but_never_in_the_clear_to_another(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = Letter((("Sana", "a@example.org"),), "subject", "text", "en")
    url = f"smtp://us%40er:pass%3Aword@127.0.0.1:{mail.port}"
    assert SmtpPost(url, SENDER).send([letter]) == [letter]
    assert mail.passwords == ["\0us@er\0pass:word"]
    monkeypatch.setattr("api.editorial.mail._LOOPBACK", frozenset())
    with pytest.raises(MailError):
        SmtpPost(url, SENDER).send([letter])
    assert len(mail.passwords) == 1


def test_a_name_cannot_bring_a_header_of_its_own(mail: MailServer, post: SmtpPost) -> None:
    letter = Letter((("Sana\r\nBcc: x@example.org", "a@example.org"),), "a\nb: c", "text", "en")
    post.send([letter])
    assert mail.delivered[0].message["Bcc"] is None
    assert mail.delivered[0].message["b"] is None
    assert mail.delivered[0].recipients == ("a@example.org",)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://127.0.0.1", SENDER),
        ("smtp://", SENDER),
        ("smtp://host:notaport", SENDER),
        ("127.0.0.1:25", SENDER),
        ("smtp://127.0.0.1", ""),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(url: str, sender: str) -> None:
    with pytest.raises(SettingsError) as refused:
        build_post(url, sender)
    assert "SAHI_" in str(refused.value)


def test_every_letter_is_in_the_audit_log_without_addresses(
    travel: time_machine.Traveller, desk_services: Services, post: SmtpPost, mail: MailServer
) -> None:
    reader = somebody(desk_services, "IOM")
    after_review(travel, desk_services, 31)
    send(desk_services, post)
    with desk_services.store.read() as session:
        entries = audit.entries(session)
    assert [entry.action for entry in entries] == [digest.DONE, digest.SENT, digest.BEGUN]
    assert reader.email not in str(entries)
