"""When we may write: WhatsApp's 24 hours, and never out of the blue to whoever opted out
or talks with a counsellor."""

from datetime import timedelta

from api.channels.base import Limits
from api.db import now
from api.errors import SendError
from api.messages.night import is_night
from api.messages.outbox import Queued


def check_window(queued: Queued, limits: Limits) -> None:
    """Refuse locally what the provider would refuse later.

    WhatsApp takes free text only within 24 hours of the person's last message; outside it
    answers 201 first and 63016 afterwards, which would look like a delivered reply. An approved
    template may go at any time, but nothing unasked to whoever opted out.

    Raises:
        SendError: `window-closed`, `opted-out`; for what nobody asked for, `night` at this hour and
            `with-counsellor` in the midst of a talk with one.
    """
    if queued.begins and queued.opted_out:
        raise SendError("opted-out", "the person asked for no more messages", blame="person")
    if queued.unasked and is_night(now()):
        raise SendError("night", "nobody is woken for it", blame="ours")
    if queued.unasked and queued.with_counsellor:
        raise SendError("with-counsellor", "a counsellor is talking with them", blame="ours")
    template = queued.message.template
    if limits.window_hours is None or (template is not None and not template.in_session):
        return
    since = queued.last_inbound_at
    if since is None or now() - since >= timedelta(hours=limits.window_hours):
        raise SendError(
            "window-closed", "more than 24 hours since the person last wrote", blame="ours"
        )
