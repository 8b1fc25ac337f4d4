"""People who have written before: a store as it is after months."""

import itertools
from datetime import timedelta

from sqlalchemy import text

from api.channels.base import Inbound
from api.db import Store, now
from api.keys import Keys
from api.messages import inbox
from api.settings import Settings
from measure.load import whatsapp_address

_AT_ONCE = 250
_numbers = itertools.count(1)


def write_before(database: str, people: range, messages: int) -> None:
    """Let people have written and been answered so many more times, weeks ago.

    Args:
        people: the numbers they have (`whatsapp_address`).
    """
    store = Store(database)
    keys = Keys(Settings().secret_key.get_secret_value())
    everything = [(who, turn) for turn in range(messages) for who in people]
    for start in range(0, len(everything), _AT_ONCE):
        with store.write() as session:
            for who, _ in everything[start : start + _AT_ONCE]:
                address, message = whatsapp_address(who), f"HIST{next(_numbers):028d}"
                inbox.receive(
                    session,
                    keys,
                    Inbound("whatsapp", message, address, address, "agent ki fees"),
                )
            session.execute(
                text(
                    "UPDATE inbound SET state = 'done', outcome = 'answer', "
                    "received_at = :past, answered_at = :past WHERE provider_id LIKE 'HIST%' "
                    "AND state = 'new'"
                ),
                {"past": (now() - timedelta(days=20)).replace(tzinfo=None)},
            )
    store.close()
