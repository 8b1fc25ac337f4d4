"""The figures as tables: rows with a label, cells as they are written, bars where they help."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.desk import insight_words as words
from api.desk.pages import _
from api.desk.plots import bar
from api.insight.effects import Effect, Side
from api.insight.figures import LISTED, OTHER, UNKNOWN, Helped, Insight, Speed, share
from api.insight.suppression import Figure

Text = Callable[[str], str]
NO_BAR = Markup()


@dataclass(frozen=True)
class Column:
    """`name` is a text of the catalogue."""

    key: str
    name: str


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; the same on the page and in the file."""

    text: str
    bar: Markup = NO_BAR


@dataclass(frozen=True)
class Row:
    """One row; `topic` where the label is the title of a topic that has a page."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    topic: bool = False


@dataclass(frozen=True)
class Table:
    """A table; `head` is a text of the catalogue, the head of the labels."""

    name: str
    head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Compared:
    """One line of the summary: this month and the month before."""

    name: str
    here: str
    before: str


_ASKED = Column("questions", _("Questions"))
_UNANSWERED = Column("unanswered", _("Without an answer"))
_SHARE = Column("share", _("Share"))


def tables(
    insight: Insight,
    effects: Sequence[Effect],
    titles: Mapping[str, str],
    languages: Mapping[str, str],
    text: Text,
    *,
    rtl: bool,
) -> tuple[Table, ...]:
    """Every table of a time.

    Args:
        titles: of the topics.
        languages: what languages call themselves; for those that we have no word for.
        text: translates a text of the catalogue.
    """
    return (
        _overall(insight, text),
        _days(insight),
        _topics(insight, titles, text, rtl=rtl),
        _languages(insight, {**languages, **words.LANGUAGES}, text, rtl=rtl),
        _one("channels", _("Channel"), insight.channels, words.CHANNELS, text, rtl=rtl),
        _one("tickets", _("Reason"), insight.tickets, words.REASONS, text, rtl=rtl, kind="human"),
        _helped(insight.helped, titles, text),
        _effects(effects, titles),
    )


def summary(here: Insight, before: Insight) -> tuple[Compared, ...]:
    """The whole month beside the month before it."""
    return tuple(
        Compared(name, one, other)
        for (_key, name, one), (_same, _name, other) in zip(
            _whole(here), _whole(before), strict=True
        )
    )


def _whole(insight: Insight) -> list[tuple[str, str, str]]:
    percent = insight.unanswered_share
    return [
        ("messages", _("Messages"), insight.messages.text),
        ("questions", _("Questions"), insight.questions.text),
        ("unanswered", _("Questions without an answer"), insight.unanswered.text),
        ("unanswered-share", _("Share without an answer"), _percent(percent)),
        ("danger", _("Messages that sounded like danger"), insight.danger.text),
        ("refused", _("Requests that were refused"), insight.refused.text),
        ("tickets", _("Handed to a human"), insight.tickets_all.text),
        ("helped-yes", _("Answers that helped"), insight.helped_yes.text),
        ("helped-no", _("Answers that did not help"), insight.helped_no.text),
    ]


def _overall(insight: Insight, text: Text) -> Table:
    rows = [Row(key, text(name), (Cell(figure),)) for key, name, figure in _whole(insight)]
    for key, name, speed in (
        ("speed", _("Answers"), insight.speed),
        ("danger-speed", _("Answers to danger"), insight.danger_speed),
    ):
        rows += _speeds(key, text(name), speed, text)
    return Table("overall", _("Figure"), (Column("figure", _("Figure")),), tuple(rows))


def _speeds(key: str, name: str, speed: Speed, text: Text) -> list[Row]:
    return [
        Row(f"{key}-{part}", f"{name}: {text(label)}", (Cell(_seconds(value)),))
        for part, label, value in (
            ("half", _("half of them within, seconds"), speed.half),
            ("most", _("95 of 100 within, seconds"), speed.most),
        )
    ]


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return ">3600" if value == float("inf") else f"{value:g}"


def _percent(value: int | None) -> str:
    return "–" if value is None else f"{value}%"


def _days(insight: Insight) -> Table:
    rows = tuple(
        Row(
            day.isoformat(),
            day.isoformat(),
            (Cell(figure.text), Cell(insight.unanswered_days[day].text)),
        )
        for day, figure in insight.days.items()
    )
    return Table("days", _("Day"), (_ASKED, _UNANSWERED), rows)


def _topics(insight: Insight, titles: Mapping[str, str], text: Text, *, rtl: bool) -> Table:
    most = max((one.number or 0 for one in insight.topics.values()), default=0)
    special = {OTHER: "other", LISTED: "listed", UNKNOWN: "unknown"}
    rows = []
    for topic, figure in insight.topics.items():
        named = topic not in special
        kind = "asked" if named else {UNKNOWN: "unanswered"}.get(topic, "rest")
        rows.append(
            Row(
                special.get(topic, topic),
                titles.get(topic, topic) if named else text(words.ROWS[topic]),
                (_counted(figure, most, kind, rtl=rtl),),
                topic=named,
            )
        )
    return Table("topics", _("Topic"), (_ASKED,), tuple(rows))


def _languages(insight: Insight, names: Mapping[str, str], text: Text, *, rtl: bool) -> Table:
    most = max((one.number or 0 for one in insight.languages.values()), default=0)
    rows = []
    for code, figure in insight.languages.items():
        unanswered = insight.unanswered_languages.get(code, Figure(None))
        cells = (
            _counted(figure, most, "asked", rtl=rtl),
            Cell(unanswered.text),
            Cell(_percent(share(unanswered, figure))),
        )
        label = text(names[code]) if code in words.LANGUAGES else names.get(code, code)
        rows.append(Row(code or "unknown", label, cells))
    return Table("languages", _("Language"), (_ASKED, _UNANSWERED, _SHARE), tuple(rows))


def _one(
    name: str,
    head: str,
    figures: Mapping[str, Figure],
    names: Mapping[str, str],
    text: Text,
    *,
    rtl: bool,
    kind: str = "asked",
) -> Table:
    most = max((one.number or 0 for one in figures.values()), default=0)
    column = _ASKED if kind == "asked" else Column("tickets", _("Conversations"))
    rows = tuple(
        Row(
            key or "other",
            text(names[key]) if key in names else key,
            (_counted(one, most, kind, rtl=rtl),),
        )
        for key, one in figures.items()
    )
    return Table(name, head, (column,), rows)


def _counted(figure: Figure, most: int, kind: str, *, rtl: bool) -> Cell:
    return Cell(figure.text, bar(figure.number, most, rtl=rtl, kind=kind))


def _helped(helped: Sequence[Helped], titles: Mapping[str, str], text: Text) -> Table:
    columns = (Column("yes", _("It helped")), Column("no", _("It did not help")))
    rows = tuple(
        Row(
            one.topic or "other",
            titles.get(one.topic, one.topic) if one.topic else text(words.ROWS[OTHER]),
            (Cell(one.yes.text), Cell(one.no.text)),
            topic=bool(one.topic),
        )
        for one in helped
    )
    return Table("helped", _("Topic"), columns, rows)


def _effects(effects: Sequence[Effect], titles: Mapping[str, str]) -> Table:
    columns = tuple(
        Column(f"{what}-{side}", name)
        for what, side, name in (
            ("asked", "before", _("Asked before")),
            ("asked", "after", _("Asked after")),
            ("yes", "before", _("Helped before")),
            ("yes", "after", _("Helped after")),
            ("no", "before", _("Not helped before")),
            ("no", "after", _("Not helped after")),
        )
    )
    rows = tuple(
        Row(
            f"{one.publication.topic_id} {one.day}",
            titles.get(one.publication.topic_id, one.publication.topic_id),
            tuple(Cell(figure.text) for pair in _pairs(one.before, one.after) for figure in pair),
            topic=True,
        )
        for one in effects
    )
    return Table("effects", _("Topic"), columns, rows)


def _pairs(before: Side, after: Side) -> tuple[tuple[Figure, Figure], ...]:
    return (
        (before.asked, after.asked),
        (before.yes, after.yes),
        (before.no, after.no),
    )
