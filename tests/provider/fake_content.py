"""The fake's Content API and typing indicator: contents that stay, approvals that are decided."""

import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.provider.behaviour import Behaviour, refuse
from tests.provider.forms import ACCOUNT

BASE = "https://content.twilio.com/v1/Content"
_PLACE = re.compile(r"\{\{(\d+)\}\}")


@dataclass
class FakeContent:
    """One content as the fake remembers it; its approval `unsubmitted` until somebody asks."""

    sid: str
    given: dict[str, Any]
    state: str = "unsubmitted"
    reason: str = ""
    category: str = ""
    name: str = ""
    created: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    @property
    def friendly_name(self) -> str:
        return str(self.given["friendly_name"])

    @property
    def shown(self) -> dict[str, Any]:
        """What is in it, whatever its type."""
        (found,) = self.given["types"].values()
        return dict(found)

    def resource(self) -> dict[str, Any]:
        """As Twilio's API shows it."""
        url = f"{BASE}/{self.sid}"
        return {
            "account_sid": ACCOUNT,
            "date_created": self.created,
            "date_updated": self.created,
            "friendly_name": self.friendly_name,
            "language": self.given["language"],
            "links": {"approval_fetch": f"{url}/ApprovalRequests"},
            "sid": self.sid,
            "types": self.given["types"],
            "url": url,
            "variables": self.given.get("variables", {}),
        }

    def approval(self) -> dict[str, Any]:
        """How far it is, as Twilio's API shows it."""
        return {
            "allow_category_change": True,
            "category": self.category,
            "content_type": next(iter(self.given["types"])),
            "name": self.name,
            "rejection_reason": self.reason,
            "status": self.state,
        }


class FakeContents:
    """What the account keeps.

    Attributes:
        kept: oldest first.
        calls: (method, path, body) of every call, also of those it refused or lost.
        typing: ids of messages for which typing was shown.
        most_per_page: longest page of a list, whatever was asked for.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.kept: list[FakeContent] = []
        self.calls: list[tuple[str, str, Any]] = []
        self.typing: list[str] = []
        self.typed = threading.Event()
        self.most_per_page = 1000
        self._next: deque[Behaviour | None] = deque()

    def next(self, *behaviours: Behaviour | None) -> None:
        """What to do with the next calls that make or submit, in order; None: as usual."""
        self._next.extend(behaviours)

    def decide(self, name: str, state: str, reason: str = "") -> None:
        """WhatsApp's people have looked at every content whose name holds these words."""
        for one in self.kept:
            if name in one.friendly_name:
                one.state, one.reason = state, reason

    def of(self, name: str) -> list[FakeContent]:
        """Those whose name holds these words."""
        return [one for one in self.kept if name in one.friendly_name]

    def by_sid(self, sid: str) -> FakeContent | None:
        return next((one for one in self.kept if one.sid == sid), None)

    def post(self, path: str, raw: str) -> tuple[Behaviour, dict[str, Any]]:
        """Make a content, or ask for its approval."""
        body = json.loads(raw)
        with self.lock:
            self.calls.append(("POST", path, body))
            told = self._next.popleft() if self._next else None
            if told is not None and not told.kept:
                return told, {}
            if path.endswith("/ApprovalRequests/whatsapp"):
                usual, shown = self._submit(path.split("/")[3], body)
            else:
                made = FakeContent("HX" + uuid4().hex, body)
                self.kept.append(made)
                usual, shown = Behaviour(), made.resource()
        return told or usual, shown

    def _submit(self, sid: str, body: dict[str, Any]) -> tuple[Behaviour, dict[str, Any]]:
        content = self.by_sid(sid)
        if content is None:
            return refuse(20404, 404), {}
        if any(other.name == body["name"] for other in self.kept):
            return refuse(63040, message="a template of that name is there already"), {}
        if not re.fullmatch(r"[a-z0-9_]{1,512}", body["name"]):
            return refuse(63040, message="a name has small letters, digits and underscores"), {}
        content.name, content.category, content.state = body["name"], body["category"], "received"
        return Behaviour(), content.approval()

    def get(self, path: str, query: dict[str, str]) -> tuple[Behaviour, dict[str, Any]]:
        """One page of the list, or an approval."""
        with self.lock:
            self.calls.append(("GET", path, None))
            if path == "/v1/Content":
                return Behaviour(status=200), self._page(query)
            content = self.by_sid(path.split("/")[3])
            if content is None:
                return refuse(20404, 404), {}
            approval = {
                "account_sid": ACCOUNT,
                "sid": content.sid,
                "url": f"{BASE}/{content.sid}/ApprovalRequests",
                "whatsapp": content.approval(),
            }
            return Behaviour(status=200), approval

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        page, size = int(query.get("Page", "0")), int(query.get("PageSize", "50"))
        size = min(size, self.most_per_page)
        newest_first = self.kept[::-1]
        shown = newest_first[page * size : (page + 1) * size]
        more = len(newest_first) > (page + 1) * size

        def address(number: int) -> str:
            return f"{BASE}?PageSize={size}&Page={number}"

        return {
            "contents": [one.resource() for one in shown],
            "meta": {
                "first_page_url": address(0),
                "key": "contents",
                "next_page_url": address(page + 1) if more else None,
                "page": page,
                "page_size": size,
                "previous_page_url": address(page - 1) if page else None,
                "url": address(page),
            },
        }

    def type(self, form: dict[str, str]) -> tuple[Behaviour, dict[str, Any]]:
        """Show that somebody writes."""
        self.typing.append(form["messageId"])
        self.typed.set()
        return Behaviour(status=200), {"success": True}

    def rendered(self, form: dict[str, str]) -> tuple[Behaviour | None, str]:
        """(refusal, None if there is none; the words that reach the phone)."""
        content = self.by_sid(form["ContentSid"])
        if content is None:
            return refuse(21655, message="The ContentSid is invalid"), ""
        try:
            values = {**content.given["variables"], **json.loads(form["ContentVariables"])}
        except (KeyError, ValueError):
            return refuse(21656, message="The ContentVariables are no JSON"), ""
        for value in values.values():
            if not isinstance(value, str) or not value or re.search(r"[\n\t]| {5}", value):
                return refuse(21656, message="The ContentVariables parameter is invalid"), ""

        def put_in(text: str) -> str:
            return _PLACE.sub(lambda place: str(values[place[1]]), text)

        fault = self._too_long(content, put_in)
        return (refuse(63013, message=fault) if fault else None), put_in(content.shown["body"])

    def _too_long(self, content: FakeContent, put_in: Any) -> str:
        """What WhatsApp itself does not take."""
        shown = content.shown
        limits = [(put_in(shown["body"]), 1024)]
        limits += [(put_in(one["title"]), 20) for one in shown.get("actions", ())]
        for item in shown.get("items", ()):
            limits += [(put_in(item["item"]), 24), (put_in(item["description"]), 72)]
        if "button" in shown:
            limits.append((put_in(shown["button"]), 20))
        if any(len(text.encode("utf-16-le")) // 2 > most for text, most in limits):
            return "a part is too long"
        if len(shown.get("actions", ())) > 3 or len(shown.get("items", ())) > 10:
            return "too many choices"
        titles = [put_in(one.get("title") or one["item"]) for one in _tappable(shown)]
        ids = [put_in(one["id"]) for one in _tappable(shown)]
        return "choices must differ" if any(len(set(v)) < len(v) for v in (titles, ids)) else ""

    def tappable(self, form: dict[str, str]) -> list[tuple[str, str]]:
        """(id, title) of everything that can be tapped on the phone."""
        content = self.by_sid(form.get("ContentSid", ""))
        if content is None:
            return []
        values = {**content.given["variables"], **json.loads(form["ContentVariables"])}

        def put_in(text: str) -> str:
            return _PLACE.sub(lambda place: str(values[place[1]]), text)

        return [
            (put_in(one["id"]), put_in(one.get("title") or one["item"]))
            for one in _tappable(content.shown)
        ]


def _tappable(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return list(shown.get("actions") or shown.get("items") or ())
