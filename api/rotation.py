"""The exchange of one secret for another, over the whole store, while the service runs.

Short transactions of a few hundred rows each; what is killed in between is simply run again.
"""

from dataclasses import dataclass

from api.db import Store
from api.keys import Keys
from api.messages import rekeying, ticket_notes
from api.staff import rekeying as staff_rekeying


@dataclass(frozen=True)
class Rotated:
    """What was done, and what stays with an older secret.

    Attributes:
        people: whose address and pseudonym are new.
        staff: second factors that were sealed anew.
        unreadable: people whose address none of the secrets opens.
        by_hash_alone: people who opted out and had everything erased (of any secret).
        forgotten: those of them that were forgotten now.
    """

    people: int
    staff: int
    unreadable: int
    by_hash_alone: int
    forgotten: int


def rotate(store: Store, keys: Keys, *, forget: bool = False) -> Rotated:
    """Bring everybody under the newest secret.

    Args:
        forget: also forget opt-outs of which there is only a hash: whoever has the older secret
            and the store could try phone numbers on them.
    """
    people = unreadable = after = forgotten = 0
    while True:
        with store.write() as session:
            batch = rekeying.rekey(session, keys, after)
        people, unreadable = people + batch.changed, unreadable + batch.unreadable
        if batch.last is None:
            break
        after = batch.last
    with store.write() as session:
        staff = staff_rekeying.rekey(session, keys)
        ticket_notes.rekey(session, keys)
        if forget:
            forgotten = rekeying.forget_hashes(session)
        by_hash_alone = rekeying.known_by_hash_alone(session)
    return Rotated(people, staff, unreadable, by_hash_alone, forgotten)
