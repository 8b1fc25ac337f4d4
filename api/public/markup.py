"""From the WhatsApp form of an answer to HTML. Everything else in the text is escaped.

WhatsApp's own marks become elements, lines that begin with "- " or "1. " become lists,
helplines become links that dial and addresses links that open.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from markupsafe import Markup, escape

from api.content.documents import Helpline
from api.content.words import BOLD, ITALIC

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
_LINK = re.compile(
    r"\{helpline:(?P<helpline>[a-z0-9-]+)\}"
    rf"|(?<![\w.@/-])(?P<mail>[A-Za-z0-9._+-]+@{_HOST})(?![\w@])"
    rf"|(?<![\w.@/-])(?P<address>(?:https?://)?{_HOST}(?:/(?:[\w./~%#?=&+-]*[\w/])?)?)(?![\w@])"
)
_ITEM = re.compile(r"(?P<bullet>- )|(?P<number>\d{1,2})\. ")


def dial(number: str) -> str:
    """The address that calls a number as it stands in the phone book."""
    return "tel:" + re.sub(r"[^0-9+]", "", number)


def web(address: str) -> str | None:
    """An address as a link, or None when it is not one of the web."""
    if re.match(r"https?://", address):
        return address
    return f"https://{address}" if re.fullmatch(rf"{_HOST}(?:/\S*)?", address) else None


def to_html(text: str, helplines: Mapping[str, Helpline]) -> Markup:
    """An answer as paragraphs and lists.

    Args:
        text: with WhatsApp's marks and `{helpline:id}`.
        helplines: the phone book; an id that is not in it is left as it stands.
    """
    parts = []
    for kind, lines in groupby(text.split("\n"), key=_kind):
        shown = [_inline(_ITEM.sub("", line, 1) if kind else line, helplines) for line in lines]
        if kind == "":
            parts += [Markup("<p>{}</p>").format(line) for line in shown if line.strip()]
            continue
        items = Markup("").join(Markup("<li>{}</li>").format(line) for line in shown)
        tag = "ul" if kind == "ul" else "ol"
        parts.append(Markup(f"<{tag}>{{}}</{tag}>").format(items))  # noqa: S704  our own words
    return Markup("\n").join(parts)


def _kind(line: str) -> str:
    """What a line belongs to: "ul", "ol" or "" for a paragraph."""
    match = _ITEM.match(line)
    if match is None:
        return ""
    return "ul" if match["bullet"] else "ol"


def _inline(text: str, helplines: Mapping[str, Helpline]) -> Markup:
    return Markup("").join(_bold(text, helplines))


def _bold(text: str, helplines: Mapping[str, Helpline]) -> Iterator[Markup]:
    place = 0
    for match in BOLD.finditer(text):
        yield from _italic(text[place : match.start()], helplines)
        inside = Markup("").join(_italic(match[1], helplines))
        yield Markup("<strong>{}</strong>").format(inside)
        place = match.end()
    yield from _italic(text[place:], helplines)


def _italic(text: str, helplines: Mapping[str, Helpline]) -> Iterator[Markup]:
    place = 0
    for match in ITALIC.finditer(text):
        yield from _linked(text[place : match.start()], helplines)
        inside = Markup("").join(_linked(match[1], helplines))
        yield Markup("<em>{}</em>").format(inside)
        place = match.end()
    yield from _linked(text[place:], helplines)


def _linked(text: str, helplines: Mapping[str, Helpline]) -> Iterator[Markup]:
    place = 0
    for match in _LINK.finditer(text):
        link, shown = "", match[0]
        if match["helpline"]:
            helpline = helplines.get(match["helpline"])
            if helpline is not None:
                link, shown = dial(helpline.number), helpline.number
        elif match["mail"]:
            link = f"mailto:{match['mail']}"
        else:
            link = web(match["address"]) or ""
        if link:
            yield escape(text[place : match.start()])
            # Left to right by itself: in a line of Urdu + and hyphens would change places.
            yield Markup('<a href="{}" dir="ltr">{}</a>').format(link, shown)
            place = match.end()
    yield escape(text[place:])
