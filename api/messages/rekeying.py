"""Bring people under the newest secret, a few hundred at a time, while the service runs."""

import secrets
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from api.keys import Keys
from api.messages.models import CONTACT

A_BATCH = 500

_NEXT = (
    select(CONTACT.c.id, CONTACT.c.channel, CONTACT.c.pseudonym, CONTACT.c.sealed_address)
    .where(CONTACT.c.id > bindparam("after"), CONTACT.c.sealed_address.is_not(None))
    .order_by(CONTACT.c.id)
    .limit(A_BATCH)
)
# Somebody may write, or be erased, between the reading and this: then the row is left alone.
_CHANGE = update(CONTACT).where(
    CONTACT.c.id == bindparam("row"),
    CONTACT.c.pseudonym == bindparam("was_pseudonym"),
    CONTACT.c.sealed_address == bindparam("was_sealed"),
)
_BY_HASH_ALONE = CONTACT.c.sealed_address.is_(None) & CONTACT.c.opted_out_at.is_not(None)
_HASH = ~CONTACT.c.pseudonym.like("erased-%")


@dataclass(frozen=True)
class Batch:
    """What became of some people.

    Attributes:
        last: the id to go on after; None when there was nobody left.
        changed: brought under the newest secret.
        unreadable: locked with a secret that is not in the settings.
    """

    last: int | None = None
    changed: int = 0
    unreadable: int = 0


def rekey(session: Session, keys: Keys, after: int = 0) -> Batch:
    """Bring the next people after that id under the newest secret.

    Whose address is sealed with the newest has its pseudonym, too: both are written together.
    The pseudonym is computed anew from the address. That of an identity which is not the address
    (a BSUID beside a phone number) cannot be: its person is then known by the number until the
    next message, which names both, as somebody is who had no BSUID before.
    """
    rows = session.execute(_NEXT, {"after": after}).all()
    changes, unreadable = [], 0
    for row in rows:
        try:
            sealed = keys.resealed(row.sealed_address)
        except InvalidToken:
            unreadable += 1
            continue
        if sealed is not None:
            name = keys.pseudonym(row.channel, keys.unseal(sealed))
            changes.append((row, name, sealed))
    wanted = [name for _, name, _ in changes]
    taken = set(session.scalars(select(CONTACT.c.pseudonym).where(CONTACT.c.pseudonym.in_(wanted))))
    for row, name, sealed in changes:
        # A name that is taken: there are two rows of the person, and the other is in use.
        kept = row.pseudonym if name in taken else name
        taken.add(kept)
        session.execute(
            _CHANGE,
            {
                "row": row.id,
                "was_pseudonym": row.pseudonym,
                "was_sealed": row.sealed_address,
                "pseudonym": kept,
                "sealed_address": sealed,
            },
        )
    return Batch(rows[-1].id if rows else None, len(changes), unreadable)


def opens(session: Session, keys: Keys) -> bool:
    """Whether the secrets open the address of the newest person; true while nobody has."""
    sealed = session.scalar(
        select(CONTACT.c.sealed_address)
        .where(CONTACT.c.sealed_address.is_not(None))
        .order_by(CONTACT.c.id.desc())
        .limit(1)
    )
    if sealed is None:
        return True
    try:
        keys.unseal(sealed)
    except InvalidToken:
        return False
    return True


def known_by_hash_alone(session: Session) -> int:
    """How many opted out and had everything erased: of them there is only a hash, under the
    secret of its time, and nothing to compute another from."""
    return session.scalar(select(func.count()).where(_BY_HASH_ALONE, _HASH)) or 0


def forget_hashes(session: Session) -> int:
    """Forget those hashes, and with them that these people opted out. Returns how many."""
    ids = session.scalars(select(CONTACT.c.id).where(_BY_HASH_ALONE, _HASH)).all()
    for row in ids:
        session.execute(
            update(CONTACT)
            .where(CONTACT.c.id == row, CONTACT.c.sealed_address.is_(None))
            .values(pseudonym="erased-" + secrets.token_hex(24), opted_out_at=None)
        )
    return len(ids)
