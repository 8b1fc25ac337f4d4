"""What the box to try the bot calls things."""


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


OUTCOMES = {
    "answer": _("An answer"),
    "choice": _("A choice of topics"),
    "act": _("A reply that is not about a topic"),
    "fallback": _("Not understood"),
}

BANDS = {
    "answer": _("sure"),
    "choice": _("not sure"),
    "unknown": _("does not know"),
    "act": _("not a question"),
}
"""How sure the bot was."""

SAFETY = {
    "danger": (_("Danger"), "bad"),
    "refuse": (_("A request to refuse"), "warn"),
    "none": (_("Nothing"), "ok"),
}
