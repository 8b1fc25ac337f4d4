"""Bring the contents that WhatsApp's provider keeps for us to what the files say.

The register (`api.messages.templates`) knows every content from the start of the service on; here
it learns what the provider has. Each step is looked up before it is taken and written down after:
killed anywhere and begun again, nothing is made twice.
"""

import fcntl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from api.channels.content_api import Approval, ContentApi
from api.channels.content_shapes import Content, contents
from api.content.files import ContentSet
from api.content.whatsapp import WhatsAppTemplate
from api.db import Store
from api.errors import SettingsError, TemplatesError
from api.log import get_logger
from api.messages import templates
from api.messages.templates import APPROVED, NEW, READY, UNSUBMITTED, Registered
from api.services import Services
from api.settings import Settings

log = get_logger(__name__)

_AT_IT = "another process brings the templates just now; wait for it to end"


def wanted(content: ContentSet) -> list[Content]:
    """Every content that there should be: those for choices, and the templates of the files."""
    found = list(contents())
    for template in content.whatsapp.values():
        found += [_of(template, language) for language in template.body]
    return found


def _of(template: WhatsAppTemplate, language: str) -> Content:
    body = template.body[language]  # type: ignore[index]  # it is one of its own keys
    samples = tuple(template.samples.get(language, []))  # type: ignore[call-overload]
    return Content(
        template.id,
        language,
        {"twilio/text": {"body": body}},
        samples,
        body,
        template.category,
    )


@contextmanager
def alone(settings: Settings, store: Store) -> Iterator[None]:
    """Two at the same time would each make what is missing.

    Raises:
        SettingsError: somebody else is at it.
    """
    with (settings.data_dir / "templates.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(_AT_IT) from None
        with store.alone("whatsapp-templates") as mine:
            if not mine:
                raise SettingsError(_AT_IT)
            yield


def bring(
    store: Store, api: ContentApi, content: ContentSet, tell: Callable[[str], None], *, check: bool
) -> list[Registered]:
    """Make what is missing, submit what needs approval, note how far each is.

    Returns those that count now, older ones with the same name among them while they are in use.

    Args:
        tell: told of each thing that was made or submitted, and of each that was refused.
        check: only look.

    Raises:
        TemplatesError: Twilio could not be asked. What was done before stands.
    """
    everything = wanted(content)
    with store.write() as session:
        templates.register(session, everything)
    there: dict[str, str] = {}
    for kept in sorted(api.all(), key=lambda kept: (kept.created, kept.sid)):
        there.setdefault(kept.friendly_name, kept.sid)  # of doubles the first, always the same
    for one in everything:
        try:
            _bring_one(store, api, one, there.get(one.friendly_name), tell, check=check)
        except TemplatesError as error:
            if error.code in _NOT_NOW:
                raise
            tell(f"{one.friendly_name}: refused, {error}")
    return _that_count(store, everything)


_NOT_NOW = frozenset(
    {"unreachable", "certificate", "timeout", "broken", "20003", "20429", "401", "403", "429"}
)
"""Where the next content would fare no better."""

_GONE = frozenset({"404", "20404"})
"""There is no such content there any more."""


def _bring_one(
    store: Store,
    api: ContentApi,
    one: Content,
    sid: str | None,
    tell: Callable[[str], None],
    *,
    check: bool,
) -> None:
    name = one.friendly_name
    if sid is None and not check:
        sid = api.create(one)
        tell(f"{name}: made")
    if sid is None:
        _note(store, name, None, Approval(NEW))
        return
    if not one.category:
        _note(store, name, sid, Approval(READY))
        return
    approval = api.approval(sid)
    if approval.state == UNSUBMITTED and not check:
        _note(store, name, sid, approval)
        approval = api.submit(sid, one)
        tell(f"{name}: submitted")
    _note(store, name, sid, approval)


def _note(store: Store, name: str, sid: str | None, approval: Approval) -> None:
    with store.write() as session:
        templates.note(session, name, sid, approval.state, approval.reason)


def _that_count(store: Store, everything: Iterable[Content]) -> list[Registered]:
    current = {one.friendly_name for one in everything}
    with store.read() as session:
        known = templates.registered(session)
    return [one for one in known if one.friendly_name in current or one.state == APPROVED]


def look_after(services: Services) -> int:
    """Ask about templates whose approval is decided elsewhere. Returns how many were asked about.

    An approved one may be paused or disabled later on, too, and one that somebody deleted there
    is as if it had never been made.

    Raises:
        TemplatesError: Twilio could not be asked. What was noted before stands.
    """
    if not services.settings.twilio_account_sid:
        return 0
    with services.store.read() as session:
        known = [one for one in templates.registered(session) if one.sid and one.category]
    if not known:
        return 0
    api = ContentApi(services.settings)
    try:
        for one in known:
            _ask_about(services.store, api, one)
    finally:
        api.close()
    return len(known)


def _ask_about(store: Store, api: ContentApi, one: Registered) -> None:
    """How one stands now. What is wrong with it alone keeps nobody from asking about the next."""
    assert one.sid is not None  # noqa: S101  chosen so
    sid: str | None = one.sid
    try:
        approval = api.approval(one.sid)
    except TemplatesError as error:
        if error.code in _NOT_NOW:
            raise
        if error.code not in _GONE:
            log.warning("template_unclear", name=one.friendly_name, code=error.code)
            return
        sid, approval = None, Approval(NEW)
    if approval.state != one.state:
        _note(store, one.friendly_name, sid, approval)
        log.warning("template", name=one.friendly_name, state=approval.state)


def register_all(store: Store, content: ContentSet) -> None:
    """At start: the register knows every content, made or not."""
    everything = wanted(content)
    with store.write() as session:
        templates.register(session, everything)


def table(rows: Iterable[Registered]) -> str:
    """What there is and how far it is, as columns."""
    shown = [("template", "language", "state", "content", "reason")]
    shown += [(one.name, one.language, one.state, one.sid or "-", one.reason or "") for one in rows]
    widths = [max(len(row[place]) for row in shown) for place in range(4)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]
        ).rstrip()
        for row in shown
    )
