"""Letters to the people of the desk: the weekly ones, and those that cannot wait. Find what is
due, send, write down what was sent. For the worker."""

from datetime import datetime, timedelta

from api.content.expiry import PAKISTAN
from api.editorial import audit, digest, on_call
from api.editorial.mail import Post
from api.log import get_logger
from api.messages import ticket_chores
from api.services import Services
from api.staff import accounts, duty

log = get_logger(__name__)

FORGOTTEN = timedelta(hours=12)
"""How long a person waits for the counsellor who has claimed the ticket before it is open again:
half of the day in which WhatsApp takes a reply."""


def send_digests(services: Services, post: Post, moment: datetime) -> int:
    """Send the letters of this week that are still due; returns how many were sent.

    No transaction is open while the post is at work. After a failure the rest is sent the next
    time this is called; calling it once in an hour is often enough.

    Raises:
        MailError: the post took none of them.
    """
    with services.store.read() as session:
        if not digest.digest_due(session, moment):
            return 0
    with services.store.write() as session:
        if not digest.begin(session, moment):
            return 0
    with services.store.read() as session:
        catalogue = services.keeper.current(session)
        address = services.settings.public_base_url
        waiting = digest.letters(session, catalogue, moment, address)
    taken = post.send([one.letter for one in waiting]) if waiting else []
    sent = [one for one in waiting if one.letter in taken]
    with services.store.write() as session:
        digest.note_sent(session, sent)
        if len(sent) == len(waiting):
            digest.note_done(session)
    log.info("digests_sent", letters=len(sent), waiting=len(waiting) - len(sent))
    return len(sent)


def page_on_call(services: Services, post: Post, moment: datetime) -> int:
    """Tell whoever is on call of emergencies that no counsellor has answered, of those for whom
    nobody is on duty: nobody of the organisation that has the ticket, or nobody at all.

    Each once, in one letter with the others; what could not be sent is sent the next time.
    Returns how many tickets were in it.

    Raises:
        MailError: the post did not take it.
    """
    settings = services.settings
    if not settings.on_call:
        return 0
    with services.store.read() as session:
        found = ticket_chores.not_paged(session, moment)
        if not found:
            return 0
        shifts = duty.on_duty(duty.hours(session), moment.astimezone(PAKISTAN))
        there = shifts.keys() & accounts.counselling(session)
    waiting = [one for one in found if not duty.is_there(there, one.organisation_id)]
    if not waiting:
        return 0
    letter = on_call.letter(waiting, settings.on_call, settings.public_base_url, moment)
    if not post.send([letter]):
        return 0
    with services.store.write() as session:
        ticket_chores.note_paged(session, [one.id for one in waiting])
    log.warning("on_call_paged", tickets=len(waiting))
    return len(waiting)


def give_back_forgotten(services: Services, moment: datetime) -> int:
    """Tickets whose counsellor has left the person waiting are open again, for anybody of the
    organisation, and the bot answers meanwhile; where nobody of it could take one, for anybody.
    Returns how many were given back."""
    with services.store.write() as session:
        counselling = accounts.counselling(session)
        given_back = ticket_chores.give_back(session, moment - FORGOTTEN, counselling)
        for ticket_id, account_id in given_back:
            detail = {"ticket": ticket_id, "account": account_id}
            audit.record(session, None, "ticket-given-back", detail=detail)
        for ticket_id in ticket_chores.to_anybody(session, counselling):
            to = {"ticket": ticket_id, "organisation": None}
            audit.record(session, None, "ticket-transferred", detail=to)
    return len(given_back)
