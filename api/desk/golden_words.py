"""What the pages about golden questions call things."""

from api.desk.topic_words import LANGUAGE_NAMES


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


NAMES = {**LANGUAGE_NAMES, "other": _("Another language, or mixed"), "all": _("All")}

VERDICTS = {
    "right": (_("right"), "ok"),
    "offered": (_("offered"), "info"),
    "missed": (_("not found"), "warn"),
    "wrong": (_("wrong"), "bad"),
}
"""How good an answer is: a word, and its colour."""

KINDS = {
    "danger-lost": (_("Danger is not recognised any more"), "bad"),
    "new-wrong": (_("Now wrong"), "bad"),
    "worse": (_("Worse"), "warn"),
    "other": (_("Another answer"), "info"),
    "better": (_("Better"), "ok"),
    "list": (_("Another list"), "info"),
}
"""What changed for a question."""

KINDS_OF_COLLISION = {
    "same": (_("The other topic has the same question"), "bad"),
    "answered": (_("People who ask this get the other topic today"), "warn"),
    "near": (_("The other topic has nearly the same question"), "warn"),
    "nearest": (_("The other topic is nearest to it today"), "info"),
}

ERRORS = {
    "bot": _("The bot did not answer. Run the check again in a minute."),
    "trial": _("The bot could not learn the draft. Run the check again."),
    "draft": _("The draft is not complete enough to answer from."),
    "newer": _("The draft was changed or thrown away meanwhile."),
    "published": _("Something was published meanwhile. Run the check again."),
    "stopped": _("The check was interrupted. Run it again."),
    "error": _("The check failed. Tell whoever runs this service."),
}
"""Why a run failed, by the word in its report."""
