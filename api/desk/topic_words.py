"""What the pages about topics call things: groups, languages, states."""

from collections.abc import Iterable


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


LANGUAGE_NAMES = {"en": _("English"), "ur": _("Urdu"), "ur-Latn": _("Roman Urdu")}

GROUPS = {
    "about": _("About this service"),
    "acts": _("Acts: what the bot says by itself"),
    "checks": _("Guided checks"),
    "countries": _("Countries"),
    "exploitation": _("Exploitation"),
    "help": _("Help in trouble"),
    "home": _("Coming home"),
    "other-ways": _("Other legal ways"),
    "papers": _("Papers"),
    "rights": _("Rights and money"),
    "risks": _("Risks on the way"),
    "work": _("Work abroad"),
}
"""The groups of the content that is shipped. A group of another name is shown as it is."""

STATES = {
    "published": _("Published"),
    "unpublished": _("Never published"),
    "withdrawn": _("Withdrawn"),
    "draft": _("Draft"),
    "in-review": _("In review"),
    "mine": _("In review, waits for me"),
    "approved": _("Approved"),
    "scheduled": _("Scheduled"),
}

LANGUAGE_STATES = {
    "complete": _("All complete"),
    "outdated": _("Any out of date"),
    "missing": _("Any missing"),
    "ur.outdated": _("Urdu out of date"),
    "ur-Latn.outdated": _("Roman Urdu out of date"),
    "en.missing": _("English missing"),
    "ur.missing": _("Urdu missing"),
    "ur-Latn.missing": _("Roman Urdu missing"),
}

DUE = {
    "overdue": _("Overdue"),
    "withheld": _("Withheld now"),
    "soon": _("Within 30 days"),
    "later": _("Later"),
}

FLAGS = {
    "sensitive": _("Sensitive"),
    "urgent": _("Urgent"),
    "dead-number": _("Dead number"),
}

KINDS = {"topic": _("Topics"), "act": _("Acts")}

WORK = {
    "dead-number": _("name a dead number"),
    "withheld": _("withheld from people"),
    "overdue": _("past their review"),
    "mine": _("wait for my review"),
    "soon": _("due in 30 days"),
    "outdated": _("out of date against the English"),
    "missing": _("with something missing"),
}

HEADINGS = {
    "title": _("Topic"),
    "due": _("Review due"),
    "asked": _("Asked, 7 days"),
    "unhelpful": _("Unhelpful, 7 days"),
}


def groups(used: Iterable[str]) -> dict[str, str]:
    """The groups that are there, by id, in the order of their names in English."""
    names = {group: GROUPS.get(group, group.replace("-", " ").capitalize()) for group in used}
    return dict(sorted(names.items(), key=lambda item: item[1]))
