"""The letter to whoever is on call: that somebody wrote of an emergency, and where to look.

It may pass through any mail server, so it has no word, number or name of the person.
"""

from collections.abc import Sequence
from datetime import datetime

from api.editorial.mail import Letter
from api.messages.ticket_chores import Unanswered

MOST = 20
"""Tickets named in one letter; the inbox has them all."""


def letter(waiting: Sequence[Unanswered], to: str, base_url: str, moment: datetime) -> Letter:
    """One letter for all emergencies that wait.

    Args:
        base_url: of the desk as people reach it, without a slash at the end.
    """
    count = len(waiting)
    lines = [
        "Somebody wrote of an emergency, and no counsellor who could answer is on duty. The person "
        "has been given the emergency numbers; no human has answered yet.",
        "",
    ]
    for one in waiting[:MOST]:
        minutes = max(0, int((moment - one.since).total_seconds() // 60))
        held = ", claimed by somebody off duty" if one.claimed else ""
        lines.append(f"Ticket {one.id}: {one.category or 'emergency'}, waits {minutes} min{held}")
        lines.append(f"  {base_url}/desk/tickets/{one.id}")
    if count > MOST:
        lines.append(f"and {count - MOST} more: {base_url}/desk/tickets")
    subject = f"Emergency: {count} {'person waits' if count == 1 else 'people wait'}"
    return Letter((("", to),), subject, "\n".join(lines), "en")
