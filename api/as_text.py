"""A message with something to tap that WhatsApp took and then refused goes out once more, as text.

Twilio takes a content first (201) and says afterwards that WhatsApp did not like it. Called in
the transaction that writes the failure down, so that both are there or neither.
"""

from sqlalchemy.orm import Session

from api.channels.twilio_errors import CONTENT_REFUSED
from api.log import get_logger
from api.messages import interactive
from api.services import Services

log = get_logger(__name__)


def after_refusal(services: Services, session: Session, outbound_id: str, code: str) -> bool:
    """Put a message back in the line without its choices, if a refused content was the reason.

    Returns whether it was; without choices it cannot happen to it again.
    """
    if code not in CONTENT_REFUSED:
        return False
    again = interactive.without_choices(session, outbound_id)
    if again is None:
        return False
    conversation_id, channel = again
    services.jobs.to_send(session, conversation_id, {outbound_id: False}, channel)
    log.error("content_refused_later", outbound=outbound_id, code=code)
    return True
