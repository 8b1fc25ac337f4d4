"""Tickets as the desk words them, and a counsellor's words as they are sent."""

import re
from collections.abc import Mapping
from datetime import timedelta

from api.channels.base import Form
from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.content.words import dialled, put_numbers_in
from api.desk.access import Visitor
from api.desk.pages import Pages, _
from api.messages.ticket_inbox import View
from api.messages.ticket_replies import language_of
from api.messages.tickets import CloseReason
from spelling import clean

VIEWS: dict[View, str] = {
    "open": _("Open"),
    "mine": _("Mine"),
    "organisation": _("All of my organisation"),
    "closed": _("Closed"),
}
REASONS = {
    "danger": _("Danger"),
    "asked": _("Asked for a human"),
    "not-understood": _("Not understood three times"),
    "trouble": _("Could not be answered"),
    "high-risk": _("High risk"),
}
"""Of tickets, as far as there are words for them; another is shown as it is."""

CATEGORIES = {
    "boat-in-danger": _("Boat in danger"),
    "kidnapped-ransom": _("Held for ransom"),
    "held-forced-to-work": _("Held and forced to work"),
    "sold-or-forced": _("Sold or forced"),
    "threatened-with-death": _("Threatened with death"),
    "violence-now": _("Violence now"),
    "suicidal": _("Thinks of suicide"),
    "child-in-danger": _("Child in danger"),
    "collapse-on-the-way": _("Collapse on the way"),
    "held-by-officials": _("Held by officials"),
    "missing-on-the-route": _("Missing on the route"),
    "hiding-from-smugglers": _("Hiding from smugglers"),
    "cry-for-help": _("Cry for help"),
    "check-offer": _("Check of an offer"),
    "my-legal-ways": _("Check of legal ways"),
    "before-i-fly": _("Check before flying"),
    "want-to-report": _("Wants to report"),
}
"""What the safety check or a guided check found; another one is shown as its id."""

CLOSINGS: dict[CloseReason, str] = {
    "solved": _("Solved"),
    "referred": _("Referred to somebody else"),
    "no-answer": _("The person does not answer"),
    "spam": _("Spam"),
    "duplicate": _("Duplicate"),
}
KINDS = {
    "voice": _("Voice note (not kept)"),
    "image": _("Picture (not kept)"),
    "video": _("Video (not kept)"),
    "sticker": _("Sticker"),
    "document": _("Document (not kept)"),
    "location": _("Location (not kept)"),
    "contact-card": _("Contact card (not kept)"),
    "choice": _("Tapped a button"),
}
STATES = {
    "queued": _("on its way"),
    "sent": _("sent"),
    "delivered": _("delivered"),
    "read": _("read"),
    "lost": _("not delivered"),
}
EARLIER = {
    "asked": _("The person was asked and has not answered yet."),
    "yes": _("The person agreed: you see them above."),
    "no": _("The person said no."),
}
FORMS = {Form.WHATSAPP: "WhatsApp", Form.SMS: "SMS"}
FAULTS = {
    "empty": _("Write something first."),
    "too-long": _("This is too long for one message. Make it shorter, or send it in two."),
    "window": _(
        "WhatsApp takes free text only for 24 hours after the person last wrote. That time is "
        "over: only a template that WhatsApp has approved can be sent now."
    ),
    "opted-out": _("The person has asked for no more messages. Nothing may be sent."),
    "no-channel": _("The channel of this person is not set up here. Nothing can be sent."),
    "changed": _(
        "Your message before was sent: you see it above. These words are not sent yet. Press Send "
        "again to send them, too."
    ),
    "asked": _("The person was asked already."),
    "asked-again": _("The person was asked to write again and has not written since."),
    "not-needed": _("The person has written meanwhile: you can reply in your own words."),
    "no-template": _("WhatsApp has not approved the template in the language of this person."),
    "note-too-long": _("A note has 2,000 characters at most."),
}

LONGEST = 10_000
"""Characters of a post that are looked at; no channel carries as much."""

CANNED = "canned-"
"""With this the ids of the texts begin that editors keep for counsellors."""

_NUMBER = re.compile(r"\+\d[\d-]{4,}\d|\d{2,}(?:-\d+)+")


def as_sent(text: str, form: Form) -> str:
    """What a counsellor typed, as it is sent: nothing invisible in it, but what keeps the digits
    of a number in their order between Urdu letters."""
    text = clean(text, LONGEST)
    if language_of(text) != "ur":
        return text
    return _NUMBER.sub(lambda match: dialled(match[0], "ur", form), text)


def canned(catalogue: Catalogue, language: str | None, form: Form) -> Mapping[str, str]:
    """The texts that can be put into a reply, by id, in the language of the person."""
    code = language if language in LANGUAGES else "ur"
    return {
        notice.id: put_numbers_in(text, catalogue.helplines, code, form)
        for notice in catalogue.notices.values()
        if notice.id.startswith(CANNED)
        and (text := (form is Form.SMS and notice.sms.get(code)) or notice.text.get(code))
    }


def span(pages: Pages, visitor: Visitor, length: timedelta) -> str:
    """ "4 min", "3 h 20 min", "2 d 5 h"; never less than nothing."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return pages.text(visitor, _("%(days)s d %(hours)s h"), days=days, hours=hours)
    if hours:
        return pages.text(
            visitor, _("%(hours)s h %(minutes)s min"), hours=hours, minutes=minutes % 60
        )
    return pages.text(visitor, _("%(minutes)s min"), minutes=minutes)
