"""Approved news, put into the outbox person by person: by day, slowly, and never in the way.

Each copy goes in its own step of one transaction with the row of the outbox, so killing us at any
moment neither loses nor doubles one (`api.alerts.copies`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api.alerts import copies, subscriptions
from api.alerts.copies import Copy
from api.content.catalogue import Catalogue
from api.content.words import put_numbers_in
from api.db import now
from api.errors import UnknownTemplate
from api.log import get_logger
from api.messages import outbox, reaching, templates
from api.messages.night import is_night
from api.messages.opening import template_reply
from api.messages.outbox import Reply
from api.messages.reaching import Reach
from api.reply.compose import Composer
from api.services import Services

log = get_logger(__name__)

CROWDED = 20
"""Messages that wait to be sent from which on news waits, too: answers go first."""

TEMPLATE = "topic-alert"
"""The one of content/whatsapp that tells news to whoever has not written for a day."""

_PLACES = 2  # its title and the news
_AT_ONCE = 50  # copies in one transaction: others must write, too
_AGAIN = timedelta(minutes=5)
_SPARE = timedelta(minutes=10)  # of a window that closes: it must not close on the way out
_MINUTE = timedelta(minutes=1)


def send_news(services: Services) -> int:
    """Put what is due into the outbox, as much as a minute may take. Returns how many copies."""
    moment = now()
    night = is_night(moment)
    with services.store.read() as session:
        if not copies.at_work(session, moment, night=night):
            return 0
    with services.store.write() as session:
        copies.settle(session, moment)
        crowded = outbox.waiting(session)[0] > CROWDED
    done = 0
    while not night and not crowded:
        looked_at, sent = _send_some(services)
        done += sent
        if looked_at < _AT_ONCE:
            break
    with services.store.write() as session:
        copies.finish(session, moment)
    if done:
        log.info("news", sent=done)
    return done


def forget_news(services: Services) -> int:
    """Who got which alert is forgotten with the texts; the numbers stay. Returns how many."""
    before = now() - timedelta(days=services.settings.retention_days)
    with services.store.write() as session:
        return copies.forget_older(session, before)


def _send_some(services: Services) -> tuple[int, int]:
    """Returns how many copies were looked at, and how many of them went into the outbox."""
    moment = now()
    sent = 0
    with services.store.write() as session:
        room = services.settings.alerts_a_minute - copies.queued_since(session, moment - _MINUTE)
        some = copies.next_ones(session, moment, max(0, min(room, _AT_ONCE)))
        people = reaching.reach(session, [copy.conversation_id for copy in some])
        catalogue = services.keeper.current(session)
        for copy in some:
            person = people.get(copy.conversation_id)
            if person is None:
                copies.give_up(session, copy.id, "left")
            else:
                sent += _send_one(services, session, catalogue, copy, person)
    return len(some), sent


def _send_one(
    services: Services, session: Session, catalogue: Catalogue, copy: Copy, person: Reach
) -> bool:
    """Send one copy, put it off or give it up. Returns whether it went into the outbox."""
    moment = now()
    channel = services.channels.get(person.channel)
    wanted = copy.language and (person.language_chosen or copy.language)
    if person.opted_out or person.gone:
        subscriptions.leave_all(session, copy.conversation_id)  # this copy with the others
    elif wanted is None:
        copies.give_up(session, copy.id, "left")
    elif copy.over:
        copies.give_up(session, copy.id, "missed")
    elif channel is None:
        copies.give_up(session, copy.id, "failed")
    elif person.claimed:
        copies.wait(session, copy.id, min(moment + _AGAIN, copy.until), held=True)
    elif (again := _too_soon(session, copy, moment)) is not None:
        copies.wait(session, copy.id, min(again, copy.until), held=False)
    elif (by_template := not _window_open(person, channel.limits.window_hours, moment)) and (
        not _has_template(session, catalogue.written_in(wanted, copy.texts))
    ):
        copies.wait(session, copy.id, min(moment + _AGAIN, copy.until), held=True)
    elif (
        reply := _reply(
            session, Composer(catalogue, wanted, channel.limits), copy, by_template=by_template
        )
    ) is None:
        copies.give_up(session, copy.id, "failed")
    elif copies.mark_queued(session, copy.id, moment):
        outbound = outbox.enqueue(session, copy.conversation_id, person.channel, [reply])[0]
        copies.name_outbound(session, copy.id, outbound)
        services.jobs.to_send(
            session, copy.conversation_id, {outbound: False}, person.channel, unasked=True
        )
        return True
    return False


def _reply(session: Session, composer: Composer, copy: Copy, *, by_template: bool) -> Reply | None:
    """One copy as it goes out: as a template where free text would not arrive.

    None: it cannot be written any more. One alert must not hold up the others.
    """
    written = composer.catalogue.written_in(composer.wanted, copy.texts)
    try:
        if by_template:
            places = copy.titles[written], _text_of(composer, copy.texts)
            return template_reply(
                session, TEMPLATE, places, written, topic=copy.topic, unasked=True
            )
        words = words_of(composer, copy.texts, copy.titles)
        return Reply(words, topic=copy.topic, language=written, unasked=True)
    except (KeyError, UnknownTemplate) as error:
        log.error("news_failed", copy=copy.id, topic=copy.topic, reason=type(error).__name__)
        return None


def _has_template(session: Session, language: str) -> bool:
    """Whether WhatsApp has approved the words around the news."""
    return templates.approved(session, TEMPLATE, language, _PLACES) is not None


def _too_soon(session: Session, copy: Copy, moment: datetime) -> datetime | None:
    """When the person may get another one; None: now."""
    last = copies.last_queued(session, copy.conversation_id)
    return last + copies.AT_MOST_EVERY if last and last + copies.AT_MOST_EVERY > moment else None


def _window_open(person: Reach, hours: int | None, moment: datetime) -> bool:
    """Whether free text reaches the person now."""
    if hours is None:
        return True
    since = person.last_inbound_at
    return since is not None and moment < since + timedelta(hours=hours) - _SPARE


def words_of(composer: Composer, texts: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """An alert as one person gets it: the topic that they asked for, the news, the way out.

    Raises `KeyError` for a text that names a helpline which is not in the phone book.
    """
    title = titles[composer.catalogue.written_in(composer.wanted, titles)]
    return composer.notice("news-message", title=title, text=_text_of(composer, texts))


def _text_of(composer: Composer, texts: Mapping[str, str]) -> str:
    """The news alone, with the numbers of the phone book in it."""
    catalogue = composer.catalogue
    language = catalogue.written_in(composer.wanted, texts)
    script = catalogue.script(language)
    return put_numbers_in(texts[language], catalogue.helplines, script, composer.form)
