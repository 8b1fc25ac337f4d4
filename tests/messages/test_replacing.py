"""One replacement of a lost message at most, whoever looks at the same time."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.db import Store
from api.keys import Keys
from api.messages import flood, inbox, outbox, replacing
from api.messages.outbox import Reply
from tests.conftest import take_in, text_message


def test_the_store_itself_takes_no_second_replacement(store: Store, keys: Keys) -> None:
    who = "whatsapp:+923001112223"
    take_in(store, keys, text_message(who=who, channel="whatsapp"))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        reply = Reply("numbers", topic="t", language="ur", urgent=True)
        ids = outbox.enqueue(session, message.conversation_id, "whatsapp", [reply], message.id)
        session.execute(text("UPDATE outbound SET state='failed'"))
    with store.read() as session:
        lost = replacing.lost(session, keys, ids[0], "gateway")
    assert lost is not None
    assert (lost.number, lost.topic, lost.language) == ("+923001112223", "t", "ur")
    with store.write() as session:
        assert replacing.replace(session, lost, "gateway", "short", "t", None)
    with store.read() as session:
        assert replacing.lost(session, keys, ids[0], "gateway") is None
    if store.is_sqlite:  # one writer at a time: nobody gets as far without having looked
        with pytest.raises(IntegrityError), store.write() as session:
            replacing.replace(session, lost, "gateway", "short", "t", None)
    else:
        with store.write() as session:
            assert replacing.replace(session, lost, "gateway", "short", "t", None) is None
    with store.read() as session:
        made = session.execute(
            text("SELECT urgent, priority FROM outbound WHERE fallback_of IS NOT NULL")
        ).all()
    assert len(made) == 1
    assert (bool(made[0].urgent), made[0].priority) == (True, flood.DANGER)
