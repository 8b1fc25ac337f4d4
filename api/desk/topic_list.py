"""The lines of the topics list: how each topic stands, what was wanted, in which order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from api.content.documents import LANGUAGES
from api.content.expiry import GRACE
from api.desk.topic_search import TopicSearch
from api.editorial.drafts import State
from api.editorial.status import Language, TopicStatus
from api.messages.counting import Asked
from api.staff.accounts import Account
from api.staff.roles import Right

PAGE = 50
SOON = timedelta(days=30)
NOBODY = "none"  # the value of the filter by owner for topics that nobody answers for


class Due(StrEnum):
    """What the review day of a topic means today."""

    NEVER = ""  # acts, and what has no date yet
    LATER = "later"
    SOON = "soon"
    OVERDUE = "overdue"
    WITHHELD = "withheld"


class Standing(StrEnum):
    """What people get of a topic now, its draft aside."""

    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"


class Wanted(BaseModel):
    """Which topics are shown, as the address says it; empty means all."""

    model_config = ConfigDict(frozen=True)

    q: str = Field("", max_length=200)
    kind: str = "topic"
    group: str = ""
    owner: str = ""
    languages: str = ""  # "outdated", or for one language "ur.outdated"
    state: str = ""
    due: str = ""
    flag: str = ""
    sort: str = "asked"
    page: int = Field(1, ge=1, le=10_000)

    @property
    def narrowed(self) -> bool:
        """Whether anything but order and page was chosen."""
        plain = Wanted(sort=self.sort, page=self.page)
        return self != plain

    def address(self, path: str, **changes: str | int) -> str:
        """The address of the same list with something else; another choice begins at page 1."""
        new = self.model_copy(update={"page": 1} | changes)
        fields = new.model_dump(exclude_defaults=True)
        return f"{path}?{urlencode(fields)}" if fields else path


@dataclass(frozen=True)
class Line:
    """One topic in the list.

    Attributes:
        draft: "" without a draft; else draft, in-review, approved or scheduled.
        mine: its draft is in review and this visitor could approve it.
        dead: helplines of its answers whose numbers do not work any more.
    """

    status: TopicStatus
    title: str
    title_language: str
    owner: str
    due: Due
    standing: Standing
    draft: str
    mine: bool
    dead: tuple[str, ...]
    asked: Asked


@dataclass(frozen=True)
class Listed:
    """One page of the list and what lies around it."""

    lines: tuple[Line, ...]
    found: int
    page: int
    pages: int


def lines(
    statuses: Iterable[TopicStatus],
    *,
    account: Account,
    owners: Mapping[int, str],
    asked: Mapping[str, Asked],
    dead: frozenset[str],
    today: date,
) -> list[Line]:
    """Every topic as a line for this visitor."""
    return [
        Line(
            status=status,
            title=title,
            title_language=language,
            owner=owners.get(status.owner_id, "") if status.owner_id is not None else "",
            due=due_of(status, today),
            standing=standing_of(status),
            draft=draft_of(status),
            mine=_is_for(account, status),
            dead=tuple(name for name in status.helplines if name in dead),
            asked=asked.get(status.topic_id, _NEVER),
        )
        for status in statuses
        for language, title in (title_of(status, account.language),)
    ]


_NEVER = Asked()


def title_of(status: TopicStatus, language: str) -> tuple[str, str]:
    """The title and the language it is in: the wanted one, else the first that there is."""
    for code in (language, *LANGUAGES):
        if title := status.titles.get(code):
            return code, title
    return "en", status.topic_id


def due_of(status: TopicStatus, today: date) -> Due:
    """What the review day means; only what is published can be late."""
    if status.review_by is None or not status.published:
        return Due.NEVER
    if today <= status.review_by:
        return Due.SOON if status.review_by - today <= SOON else Due.LATER
    kept_back = status.sensitive and not status.urgent and today > status.review_by + GRACE
    return Due.WITHHELD if kept_back else Due.OVERDUE


def standing_of(status: TopicStatus) -> Standing:
    """What people get of it now."""
    if status.published:
        return Standing.PUBLISHED
    return Standing.WITHDRAWN if status.withdrawn else Standing.UNPUBLISHED


def draft_of(status: TopicStatus) -> str:
    """How far its draft is, in one word; "" without one."""
    if status.draft is None:
        return ""
    return "scheduled" if status.draft.publish_at is not None else status.draft.state.value


def _is_for(account: Account, status: TopicStatus) -> bool:
    draft = status.draft
    if draft is None or draft.state is not State.IN_REVIEW or Right.REVIEW not in account.rights:
        return False
    needs_second = status.sensitive or status.urgent or status.kind == "act"
    return draft.changed_by != account.id or not needs_second


def narrowed(found: Iterable[Line], wanted: Wanted, search: TopicSearch) -> list[Line]:
    """The lines that were wanted."""
    kept = [line for line in found if all(test(line) for test in _tests(wanted))]
    return search.matching(kept, wanted.q) if wanted.q.strip() else kept


def _tests(wanted: Wanted) -> list[Callable[[Line], bool]]:
    tests: list[Callable[[Line], bool]] = [lambda line: line.status.kind == wanted.kind]
    if wanted.group:
        tests.append(lambda line: line.status.group == wanted.group)
    if wanted.owner:
        owner = None if wanted.owner == NOBODY else wanted.owner
        tests.append(lambda line: (str(line.status.owner_id) if line.owner else None) == owner)
    if wanted.languages:
        tests.append(lambda line: _has_language(line.status, wanted.languages))
    if wanted.state:
        tests.append(lambda line: _has_state(line, wanted.state))
    if wanted.due:
        due = {Due.OVERDUE, Due.WITHHELD} if wanted.due == Due.OVERDUE else {wanted.due}
        tests.append(lambda line: line.due in due)
    if wanted.flag:
        tests.append(lambda line: wanted.flag in flags(line))
    return tests


def _has_language(status: TopicStatus, wanted: str) -> bool:
    code, _, state = wanted.rpartition(".")
    states = [status.languages.get(code)] if code else list(status.languages.values())
    if state == Language.COMPLETE:
        return all(one == Language.COMPLETE for one in states)
    return any(one == state for one in states)


def _has_state(line: Line, wanted: str) -> bool:
    return line.mine if wanted == "mine" else wanted in (line.draft, line.standing)


def flags(line: Line) -> frozenset[str]:
    """What marks a topic out: sensitive, urgent, dead-number."""
    marks = {"sensitive": line.status.sensitive, "urgent": line.status.urgent}
    return frozenset(name for name, on in (marks | {"dead-number": bool(line.dead)}).items() if on)


def in_order(found: Sequence[Line], sort: str) -> list[Line]:
    """The most asked, the least helpful, the longest due, or by title."""
    by_title = sorted(found, key=lambda line: (line.title.casefold(), line.status.topic_id))
    if sort == "unhelpful":
        return sorted(by_title, key=lambda line: (-line.asked.unhelpful, -line.asked.times))
    if sort == "due":
        return sorted(by_title, key=lambda line: (not line.due, line.status.review_by or date.max))
    if sort == "title":
        return by_title
    return sorted(by_title, key=lambda line: -line.asked.times)


def page_of(found: Sequence[Line], page: int) -> Listed:
    """One page; the last one if there are not so many."""
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages)
    return Listed(tuple(found[(page - 1) * PAGE : page * PAGE]), len(found), page, pages)


@dataclass(frozen=True)
class Work:
    """What needs work: a word for it, how many topics, and the choice that shows them."""

    what: str
    count: int
    choice: Mapping[str, str]


_WORK: Mapping[str, Mapping[str, str]] = {
    "dead-number": {"flag": "dead-number"},
    "withheld": {"due": "withheld"},
    "overdue": {"due": "overdue"},
    "mine": {"state": "mine"},
    "soon": {"due": "soon"},
    "outdated": {"languages": "outdated"},
    "missing": {"languages": "missing"},
}


def work(found: Iterable[Line]) -> list[Work]:
    """The counts on top of the list, the most pressing first; only of topics, not of acts."""
    counts = Counter(what for line in found for what in _needs(line))
    return [Work(what, counts[what], choice) for what, choice in _WORK.items()]


def _needs(line: Line) -> Iterator[str]:
    """What one topic needs, in the words of `_WORK`: the same that its choice would find."""
    if line.status.kind != "topic":
        return
    if line.dead:
        yield "dead-number"
    if line.due is Due.WITHHELD:
        yield "withheld"
    if line.due in (Due.WITHHELD, Due.OVERDUE):
        yield "overdue"
    if line.due is Due.SOON:
        yield "soon"
    if line.mine:
        yield "mine"
    states = line.status.languages.values()
    if Language.OUTDATED in states:
        yield "outdated"
    if Language.MISSING in states:
        yield "missing"
