"""A gateway that takes messages and never says so: said again, but not without end."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from api import send
from api.channels.gateway import SmsGateway
from api.db import Store, now
from api.keys import Keys
from api.messages import inbox, outbox
from api.messages.outbox import Reply
from api.services import Services
from api.settings import Settings
from tests.conftest import take_in, text_message
from tests.provider.fake_gateway import PASSWORD, USER, Answer, FakeGateway


def state(store: Store) -> str:
    with store.read() as session:
        return str(session.scalar(text("SELECT state FROM outbound")))


@pytest.mark.parametrize("reported", [True, False])
def test_without_an_answer_or_a_report_a_message_is_handed_over_three_times_at_most(
    store: Store, keys: Keys, tmp_path: Path, *, reported: bool
) -> None:
    take_in(store, keys, text_message(who="+923001112223", channel="gateway"))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        outbox.enqueue(session, message.conversation_id, "gateway", [Reply("hello")])
    with FakeGateway() as gateway:
        settings = Settings(
            data_dir=tmp_path,
            sms_gateway_send_url=gateway.url,
            sms_gateway_user=USER,
            sms_gateway_password=PASSWORD,
            sms_gateway_receive_secret="receive-secret-of-the-tests",
        )
        channel = SmsGateway(settings)
        nothing: Any = None
        services = Services(
            settings, store, keys, {"gateway": channel}, nothing, nothing, nothing, nothing
        )
        gateway.next(*[Answer(kept=True, answered=False)] * 9)
        for seconds in range(0, 600, 40):
            with time_machine.travel(now() + timedelta(seconds=seconds)):
                send.settle(services)
                for queued in send.take(services, 8):
                    send.send(services, queued)
            if reported and seconds == 0:
                with store.write() as session:
                    session.execute(text("UPDATE outbound SET state='sent'"))  # as a report does
        channel.close()
        assert len(gateway.taken) == (1 if reported else 3)
    assert state(store) == ("sent" if reported else "failed")
