"""What the pages of news show: words as they arrive, what is wrong with them, how far it is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from markupsafe import Markup

from api.alerts import rules
from api.alerts.copies import Counts
from api.channels.base import Form, Limits
from api.channels.segments import segments
from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.desk.pages import _
from api.desk.preview import rich
from api.desk.topic_words import LANGUAGE_NAMES
from api.insight import suppression
from api.news import words_of
from api.reply.compose import Composer

FAULTS = {
    "missing": _("There is no text yet."),
    "number": _("A phone number is typed; refer to it as {helpline:id}."),
    "helpline": _("It names a number that is not in the phone book."),
    "long": _("It is too long."),
    "characters": _("It has a character that makes an SMS twice as dear, such as “ or –."),
    "script": _("It is not in the letters of this language."),
}


@dataclass(frozen=True)
class Shown:
    """One language of an alert: its text, what is wrong with it, and how it arrives."""

    code: str
    name: str
    text: str
    limit: int
    faults: tuple[str, ...]
    arrives: Markup
    sms: int


def few(number: int) -> str:
    """A number of people that nobody can be found in."""
    return suppression.shown(number).text


def people(counts: Counts) -> Mapping[str, str]:
    """How far an alert is, by the names of `Counts`: nobody can be found in these either, by
    whoever knows how many wanted it."""
    found = suppression.protect({"alert": asdict(counts)})
    return {name: figure.text for name, figure in found.tables["alert"].items()}


def rows(counts: Counts) -> list[tuple[str, str, str]]:
    """What the table of an alert says: the kind of tag, the words, the number."""
    shown_as = people(counts)
    return [
        ("ok", _("Reached"), shown_as["reached"]),
        ("info", _("Waiting"), shown_as["waiting"]),
        ("warn", _("Cannot be reached now"), shown_as["held"]),
        ("bad", _("Failed"), shown_as["failed"]),
        ("", _("Did not want it any more"), shown_as["unwanted"]),
        ("", _("Could not be reached in time"), shown_as["missed"]),
    ]


def shown(
    catalogue: Catalogue,
    topic: str,
    titles: Mapping[str, str],
    texts: Mapping[str, str],
    *,
    judged: bool,
) -> list[Shown]:
    """Every language of an alert, as it is typed and as it will arrive."""
    found = list(rules.faults(texts, catalogue.helplines)) if judged else []
    published = catalogue.topic(topic)
    if not titles and published is not None:
        titles = {code: answer.title for code, answer in published.document.answers.items()}
    all_of_them = []
    for code in LANGUAGES:
        wrong = tuple(fault for language, fault in found if language == code)
        arrives, sms = Markup(), 0
        if judged and titles and texts.get(code) and "helpline" not in wrong:
            whatsapp, short = (
                words_of(Composer(catalogue, code, Limits(form=form)), texts, titles)
                for form in (Form.WHATSAPP, Form.SMS)
            )
            arrives, sms = rich(whatsapp), segments(short)
        name = LANGUAGE_NAMES[code]
        all_of_them.append(
            Shown(code, name, texts.get(code, ""), rules.LIMIT[code], wrong, arrives, sms)
        )
    return all_of_them
