"""What the pages about translation call things, and the sentences for what is refused."""

from api.desk.fault_texts import FIELD_NAMES, Translate, sentence
from api.desk.pages import _
from api.desk.topic_words import LANGUAGE_NAMES
from api.editorial.translation import Judged

__all__ = ["FIELD_NAMES", "FILES", "FORMATS", "LANGUAGE_NAMES", "WHICH", "why"]

FORMATS = {
    "xlsx": _("Excel (XLSX)"),
    "xlf": _("XLIFF 2, for translators' tools"),
}
WHICH = {
    "": _("All"),
    "missing": _("Something missing"),
    "outdated": _("Out of date against the English"),
}

FILES = {
    "nothing": _("Choose a file."),
    "empty": _("The file is empty."),
    "too-large": _("The file is too large: at most 5 MB, and 50 MB unpacked. Take fewer topics."),
    "not-readable": _("This is neither an XLSX nor an XLIFF 2 file, or it is damaged."),
    "macros": _("The file holds macros or embedded programs. Save it as a plain XLSX file."),
    "entities": _("The file declares a document type, which is not allowed."),
    "version": _("This is not XLIFF 2.0. Export it anew from here, or save it as XLIFF 2.0."),
    "columns": _("The first sheet has no column Translation or no column Key. Keep the first row."),
    "rows": _("The file has more than 20,000 texts. Take fewer topics."),
    "no-topics": _("Choose at least one topic."),
}

_REASONS = {
    "unknown": _("There is no such text here. Was the key changed, or the topic removed?"),
    "twice": _("This text stands in the file twice."),
    "formula": _("There is a formula in this row. Write plain text."),
    "not-text": _("This is not a text but a number or a date."),
    "empty": _("The translation was emptied. To delete a text, use the editor."),
    "english-changed": _("The English was changed since the export. Export this topic anew."),
    "changed-meanwhile": _("Somebody else changed this translation since the export."),
}
_HELPLINES = {
    "helpline-lost": _("A helpline of the English is missing: %(names)s."),
    "helpline-added": _("A helpline stands here that the English does not have: %(names)s."),
}


def why(judged: Judged, text: Translate) -> list[str]:
    """Why a row is refused, as sentences."""
    if judged.reason in _REASONS:
        return [text(_REASONS[judged.reason])]
    if judged.reason in _HELPLINES:
        return [text(_HELPLINES[judged.reason], names=judged.detail)]
    return [sentence(message, text) for _path, message in judged.faults]
