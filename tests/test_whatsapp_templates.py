"""`make whatsapp-templates`: what is missing is made, nothing is made twice, whatever happens."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api import whatsapp_templates
from api.bot_client import BotTurn
from api.channels.content_api import Approval, ContentApi
from api.channels.content_shapes import contents
from api.content.catalogue import CatalogueKeeper
from api.content.files import ContentSet
from api.db import Store
from api.errors import SettingsError, TemplatesError
from api.keys import Keys
from api.messages import templates
from api.messages.spool import Spool
from api.safety.check import SafetyCheck
from api.services import Services
from tests.provider.behaviour import drop, refuse, slow
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.fixtures import MakeSettings
from tests.provider.forms import ACCOUNT, TOKEN
from tests.reply.people import ScriptedBot

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def api(twilio_settings: MakeSettings, prism: str) -> Iterator[ContentApi]:
    client = ContentApi(twilio_settings(twilio_content_base=prism))
    yield client
    client.close()


def bring(
    store: Store, api: ContentApi, content: ContentSet, *, check: bool = False
) -> tuple[list[templates.Registered], list[str]]:
    told: list[str] = []
    rows = whatsapp_templates.bring(store, api, content, told.append, check=check)
    return rows, told


def states(rows: list[templates.Registered]) -> Counter[str]:
    return Counter(one.state for one in rows)


def posts(fake: FakeTwilio) -> int:
    return sum(call[0] == "POST" for call in fake.contents.calls)


def count(content: ContentSet) -> tuple[int, int]:
    """(contents for choices, templates in every language)."""
    return len(contents()), sum(len(one.body) for one in content.whatsapp.values())


def test_everything_is_made_submitted_and_shown_and_then_nothing_more_is_done(
    store: Store, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    shapes, approvals = count(content)
    rows, told = bring(store, api, content)
    assert states(rows) == {"ready": shapes, "received": approvals}
    assert len(told) == shapes + 2 * approvals == posts(fake_twilio)
    names = [one.friendly_name for one in fake_twilio.contents.kept]
    assert len(set(names)) == len(names) == shapes + approvals
    assert {one.category for one in fake_twilio.contents.kept} == {"", "UTILITY"}
    again, told = bring(store, api, content)
    assert told == []
    assert [(one.sid, one.state) for one in again] == [(one.sid, one.state) for one in rows]
    assert posts(fake_twilio) == shapes + 2 * approvals
    shown = whatsapp_templates.table(again)
    assert "topic-alert" in shown
    assert "received" in shown


def test_looking_changes_nothing_at_the_provider(
    store: Store, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    rows, told = bring(store, api, content, check=True)
    assert states(rows) == {"new": sum(count(content))}
    assert told == []
    assert posts(fake_twilio) == 0
    bring(store, api, content)
    fake_twilio.contents.decide("topic_alert", "approved")
    fake_twilio.contents.decide("reopen", "rejected", "Too vague.")
    before = posts(fake_twilio)
    rows, _ = bring(store, api, content, check=True)
    assert states(rows)["approved"] == 3
    assert {one.reason for one in rows if one.state == "rejected"} == {"Too vague."}
    assert "Too vague." in whatsapp_templates.table(rows)
    assert posts(fake_twilio) == before


def test_words_that_changed_are_a_new_template_and_the_old_one_serves_until_it_is_approved(
    store: Store, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    bring(store, api, content)
    fake_twilio.contents.decide("topic_alert", "approved")
    bring(store, api, content)

    def in_use() -> str | None:
        with store.read() as session:
            return templates.approved(session, "topic-alert", "en", 2)

    old = in_use()
    alert = content.whatsapp["topic-alert"]
    english = alert.body["en"].replace("The news:", "This is the news:")
    changed = alert.model_copy(update={"body": {**alert.body, "en": english}})
    newer = replace(content, whatsapp={**content.whatsapp, "topic-alert": changed})
    rows, told = bring(store, api, newer)
    assert len(told) == 2, "made and submitted, in one language"
    assert in_use() == old is not None
    assert len([one for one in rows if (one.name, one.language) == ("topic-alert", "en")]) == 2
    fake_twilio.contents.decide("topic_alert", "approved")
    bring(store, api, newer)
    assert in_use() not in (old, None)


@pytest.mark.parametrize("nth", [0, 5, 22, 23, 24, 39])
@pytest.mark.parametrize("kept", [True, False])
def test_broken_off_at_any_step_and_begun_again_nothing_is_doubled_and_nothing_missing(
    store: Store,
    api: ContentApi,
    twilio_settings: MakeSettings,
    content: ContentSet,
    fake_twilio: FakeTwilio,
    nth: int,
    kept: bool,
) -> None:
    # Past Prism, which would answer for a fake that breaks the line.
    direct = ContentApi(twilio_settings(twilio_content_base=fake_twilio.url))
    fake_twilio.contents.next(*[None] * nth, drop(kept=kept))
    with pytest.raises(TemplatesError, match="broken"):
        bring(store, direct, content)
    direct.close()
    shapes, approvals = count(content)
    rows, _ = bring(store, api, content)
    assert states(rows) == {"ready": shapes, "received": approvals}
    names = [one.friendly_name for one in fake_twilio.contents.kept]
    assert len(set(names)) == len(names) == shapes + approvals


def test_a_refused_one_does_not_stop_the_others(
    store: Store, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.contents.next(refuse(20001, 400, "Invalid parameter"))
    rows, told = bring(store, api, content)
    shapes, approvals = count(content)
    assert states(rows) == {"ready": shapes - 1, "new": 1, "received": approvals}
    assert "refused, 20001: Invalid parameter" in told[0]


def test_of_doubles_that_somebody_made_the_first_is_used(
    store: Store, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    one = contents()[0]
    sids = [api.create(one), api.create(one)]
    fake_twilio.contents.kept[1].created = "2026-01-01T00:00:00Z"
    rows, _ = bring(store, api, content)
    (found,) = [row for row in rows if row.friendly_name == one.friendly_name]
    assert found.sid == sids[1]


def test_what_was_deleted_at_the_provider_is_made_again(
    store: Store, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    bring(store, api, content)
    fake_twilio.contents.kept.pop(0)
    rows, told = bring(store, api, content)
    assert len(told) == 1
    assert states(rows)["ready"] == len(contents())


def test_two_at_the_same_time_are_one(
    store: Store, twilio_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = twilio_settings(data_dir=tmp_path)
    with (
        whatsapp_templates.alone(settings, store),
        pytest.raises(SettingsError, match="another process"),
        whatsapp_templates.alone(settings, store),
    ):
        pass
    with whatsapp_templates.alone(settings, store):
        pass


@pytest.fixture
def services(
    filled_store: Store,
    twilio_settings: MakeSettings,
    prism: str,
    keys: Keys,
    safety: SafetyCheck,
    tmp_path: Path,
) -> Services:
    return Services(
        settings=twilio_settings(twilio_content_base=prism, data_dir=tmp_path),
        store=filled_store,
        keys=keys,
        channels={},
        keeper=CatalogueKeeper(filled_store),
        safety=safety,
        bot=ScriptedBot(BotTurn("unknown")),
        spool=Spool(tmp_path / "spool", keys),
    )


def test_an_approval_is_noticed_by_the_service_itself(
    services: Services, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    assert whatsapp_templates.look_after(services) == 0, "nothing is there to ask about"
    bring(services.store, api, content)
    fake_twilio.contents.decide("topic_alert", "approved")
    assert whatsapp_templates.look_after(services) == count(content)[1]
    with services.store.read() as session:
        assert templates.approved(session, "topic-alert", "ur", 2)
        assert not templates.approved(session, "reopen-conversation", "ur", 1)
    fake_twilio.contents.decide("topic_alert", "paused")
    whatsapp_templates.look_after(services)
    with services.store.read() as session:
        assert not templates.approved(session, "topic-alert", "ur", 2)


def test_a_content_that_was_deleted_there_hides_no_other(
    services: Services, api: ContentApi, content: ContentSet, fake_twilio: FakeTwilio
) -> None:
    bring(services.store, api, content)
    fake_twilio.contents.decide("topic_alert", "approved")
    whatsapp_templates.look_after(services)
    with services.store.read() as session:
        asked = [one for one in templates.registered(session) if one.sid and one.category]
    gone, kept = asked[0], asked[-1]
    fake_twilio.contents.kept[:] = [
        one for one in fake_twilio.contents.kept if one.friendly_name != gone.friendly_name
    ]
    fake_twilio.contents.decide(kept.friendly_name, "paused")
    whatsapp_templates.look_after(services)
    with services.store.read() as session:
        found = {one.friendly_name: one for one in templates.registered(session)}
    assert (found[gone.friendly_name].sid, found[gone.friendly_name].state) == (None, "new")
    assert found[kept.friendly_name].state == "paused"


@pytest.mark.parametrize(("code", "ends"), [("20001", False), ("20003", True)])
def test_one_that_cannot_be_asked_about_hides_no_other_unless_none_can(
    services: Services,
    api: ContentApi,
    content: ContentSet,
    fake_twilio: FakeTwilio,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    ends: bool,
) -> None:
    bring(services.store, api, content)
    fake_twilio.contents.decide("", "paused")
    first = fake_twilio.contents.of("topic_alert")[0].sid
    real = ContentApi.approval

    def approval(self: ContentApi, sid: str) -> Approval:
        if sid == first:
            raise TemplatesError(code, "no")
        return real(self, sid)

    monkeypatch.setattr(ContentApi, "approval", approval)
    if ends:
        with pytest.raises(TemplatesError):
            whatsapp_templates.look_after(services)
        return
    asked = whatsapp_templates.look_after(services)
    with services.store.read() as session:
        states = Counter(
            one.state for one in templates.registered(session) if one.sid and one.category
        )
    assert states == {"paused": asked - 1, "received": 1}


def command(folder: Path, base: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", "whatsapp-templates", *arguments],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "SAHI_DATA_DIR": str(folder),
            "SAHI_TWILIO_ACCOUNT_SID": ACCOUNT,
            "SAHI_TWILIO_AUTH_TOKEN": TOKEN,
            "SAHI_TWILIO_CONTENT_BASE": base,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_command_is_killed_half_way_and_run_again(
    fake_twilio: FakeTwilio, content: ContentSet, tmp_path: Path
) -> None:
    half = len(contents()) // 2
    fake_twilio.contents.next(*[None] * half, slow(30, kept=True))
    first = command(tmp_path, fake_twilio.url)
    until = time.monotonic() + 60
    while posts(fake_twilio) <= half:
        assert first.poll() is None, first.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert len(fake_twilio.contents.kept) == half + 1
    again = command(tmp_path, fake_twilio.url)
    output = again.communicate(timeout=60)[0]
    assert again.returncode == 0, output
    names = [one.friendly_name for one in fake_twilio.contents.kept]
    assert len(set(names)) == len(names) == sum(count(content))
    assert output.count(": made") == sum(count(content)) - half - 1
    assert "counsellor-reply-waiting" in output
