"""An emergency answer that WhatsApp could not deliver goes out once more, by SMS.

A phone without data still gets an SMS, and who writes from a boat may have lost the one between
question and answer. Only for what is urgent: an SMS costs money, and the person has not asked for
one. Called in the transaction that writes the failure down, so that both are there or neither.
"""

from sqlalchemy.orm import Session

from api.log import get_logger
from api.messages import replacing
from api.messages.outbox import Reply
from api.messages.replacing import Lost
from api.reply.compose import Composer
from api.services import Services

log = get_logger(__name__)

CHANNELS = ("gateway", "sms")
"""By which an SMS may go, the best first: the short code reaches every phone in the country."""

_LANGUAGE = "ur"
_EMERGENCY = "emergency-numbers-pakistan"


def after_failure(services: Services, session: Session, outbound_id: str) -> str | None:
    """Put an SMS in the outbox for a message that was just found undeliverable, if it is due one.

    Whoever opted out gets it only when they wrote of an emergency themselves.

    Returns our id of the SMS, None when there is none to send.
    """
    channel = next((name for name in CHANNELS if name in services.channels), None)
    if channel is None:
        return None
    lost = replacing.lost(session, services.keys, outbound_id, channel)
    if lost is None or (lost.opted_out and not lost.emergency):
        return None
    composer = Composer(
        services.keeper.current(session),
        lost.language or _LANGUAGE,
        services.channels[channel].limits,
    )
    reply = _short_form(composer, lost)
    sms = replacing.replace(session, lost, channel, reply.text, reply.topic, reply.revision_id)
    if sms is not None:
        services.jobs.to_send(session, lost.conversation_id, {sms: True}, channel)
        log.warning("sent_by_sms_instead", outbound=outbound_id, channel=channel, instead=sms)
    return sms


def _short_form(composer: Composer, lost: Lost) -> Reply:
    """The short form of the answer; of the emergency numbers where it was a list to choose from:
    a number typed into an SMS would find no list."""
    catalogue = composer.catalogue
    published = catalogue.topic(lost.topic) or catalogue.topic(_EMERGENCY)
    if published is None:
        return composer.say("trouble").reply
    told = composer.notice("human-told") if lost.emergency else ""
    reply = composer.topic(published, after=told, danger=True).reply
    # The rest of the long answer waits in the WhatsApp conversation; MORE by SMS would not find it.
    hint = " " + composer.notice("more-hint")
    return Reply(
        reply.text.removesuffix(hint), reply.topic, reply.revision_id, reply.language, urgent=True
    )
