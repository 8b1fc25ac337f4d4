"""Twilio's Content API: what it keeps for us, one more, its approval by WhatsApp.

Nothing is tried twice here: who creates looks first whether it is there already.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from api.channels.content_shapes import Content
from api.channels.twilio_errors import explain
from api.channels.twilio_http import TwilioWireClient, network_error
from api.errors import SettingsError, TemplatesError
from api.settings import Settings

_PAGE_SIZE = "100"
_MOST_PAGES = 100


@dataclass(frozen=True)
class Kept:
    """A content as Twilio keeps it."""

    sid: str
    friendly_name: str
    created: str


@dataclass(frozen=True)
class Approval:
    """How far WhatsApp's approval is, in Twilio's words; `unsubmitted` when nobody asked."""

    state: str
    reason: str | None = None


class ContentApi:
    """Raises `TemplatesError` from every method when Twilio refuses or cannot be asked.

    Raises:
        SettingsError: account or token is missing.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.twilio_account_sid or not settings.auth_tokens:
            raise SettingsError("SAHI_TWILIO_ACCOUNT_SID and SAHI_TWILIO_AUTH_TOKEN must be set")
        self._base = settings.twilio_content_base
        self._auth = (settings.twilio_account_sid, settings.auth_tokens[0])
        self._http = TwilioWireClient(self._base, settings.twilio_timeout, 1)

    def all(self) -> Iterator[Kept]:
        """Every content of the account, page by page."""
        address = f"{self._base}/v1/Content?PageSize={_PAGE_SIZE}"
        for _ in range(_MOST_PAGES):
            page = self._ask("GET", address)
            for one in _listed(page):
                yield Kept(
                    str(one.get("sid")),
                    str(one.get("friendly_name") or ""),
                    str(one.get("date_created") or ""),
                )
            following = (page.get("meta") or {}).get("next_page_url")
            if not following:
                return
            # Only path and query of it count: the client calls no other host than ours.
            address = str(following)
        raise TemplatesError("pages", "Twilio's list of contents does not end")

    def create(self, content: Content) -> str:
        """Make a content. Returns its id there."""
        made = self._ask(
            "POST",
            f"{self._base}/v1/Content",
            {
                "friendly_name": content.friendly_name,
                "language": content.language_there,
                "variables": content.variables,
                "types": content.types,
            },
        )
        return _sid(made)

    def submit(self, sid: str, content: Content) -> Approval:
        """Ask WhatsApp to approve a content."""
        asked = self._ask(
            "POST",
            f"{self._base}/v1/Content/{sid}/ApprovalRequests/whatsapp",
            {"name": content.friendly_name, "category": content.category},
        )
        return _approval(asked)

    def approval(self, sid: str) -> Approval:
        """How far the approval of a content is."""
        found = self._ask("GET", f"{self._base}/v1/Content/{sid}/ApprovalRequests")
        return _approval(found.get("whatsapp") or {})

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def _ask(
        self, method: str, address: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            answer = self._http.request(
                method,
                address,
                data=json.dumps(body).encode() if body is not None else None,  # type: ignore[arg-type]  # requests takes bytes
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                auth=self._auth,
            )
        except requests.RequestException as error:
            fault = network_error(error)
            raise TemplatesError(fault.code, fault.explanation) from None
        try:
            found = json.loads(answer.text or "null")
        except ValueError:
            found = None
        if not 200 <= answer.status_code < 300:
            raise _refusal(found, answer.status_code)
        if not isinstance(found, dict):
            raise TemplatesError("unreadable", "Twilio's answer could not be read")
        return found


def _refusal(found: Any, status: int) -> TemplatesError:
    """Twilio's error. Its words hold nothing of a person here, and say what is to be mended."""
    told = found if isinstance(found, dict) else {}
    code = str(told.get("code") or status)
    said = str(told.get("message") or told.get("title") or explain(code, status).text)
    return TemplatesError(code, said[:300])


def _listed(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = page.get("contents")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TemplatesError("unreadable", "Twilio's list of contents could not be read")
    return found


def _sid(made: Mapping[str, Any]) -> str:
    sid = made.get("sid")
    if not isinstance(sid, str) or not sid.startswith("HX") or len(sid) > 34:
        raise TemplatesError("unreadable", "Twilio made a content and did not say its id")
    return sid


def _approval(told: Mapping[str, Any]) -> Approval:
    reason = str(told.get("rejection_reason") or "").strip() or None
    return Approval(str(told.get("status") or "unsubmitted").lower(), reason)
