"""The provider's door: verify, parse, store, commit, and only then say 200.

Everything a person hears goes out through the outbox; the answer to the call is empty.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api import as_text, fallback
from api.channels.base import AnswersStatus, Channel, DeliveryStatus, Inbound, OptOut, WebhookCall
from api.errors import BadSignature
from api.log import get_logger
from api.messages import delivery, inbox
from api.messages.flood import Allowed
from api.metrics import INBOUND, SAFETY, STATUS_CALLBACKS
from api.reply import commands
from api.services import Services
from spelling import clean

log = get_logger(__name__)

MAX_BODY = 64 * 1024
"""Bytes. Twilio's calls are a few kilobytes; whatever is larger was not sent by it."""

MAX_FIELDS = 500


def webhook_router(services: Services, wake: Callable[[], None]) -> APIRouter:
    """The two routes of every channel.

    Args:
        wake: called after a message is committed, so that the worker need not look for it.
    """
    router = APIRouter()
    base = services.settings.public_base_url

    async def read_call(request: Request) -> WebhookCall:
        return await _call(request, base)

    call_dep = Depends(read_call)

    # Gateways of operators know GET only; a call by GET to another channel is not signed.
    @router.api_route("/channels/{name}/inbound", methods=["GET", "POST"])
    async def inbound(name: str, call: Annotated[WebhookCall, call_dep]) -> Response:
        channel = services.channels.get(name)
        if channel is None:
            return Response(status_code=404)
        message = channel.parse_inbound(call)
        if message is not None:
            new = await run_in_threadpool(receive, services, message)
            if new is not None:
                wake()
        body, content_type = channel.acknowledgement()
        return Response(body, media_type=content_type)

    @router.api_route("/channels/{name}/status/{outbound_id}", methods=["GET", "POST"])
    async def status(
        name: str, outbound_id: str, call: Annotated[WebhookCall, call_dep]
    ) -> Response:
        channel = services.channels.get(name)
        if channel is None:
            return Response(status_code=404)
        moved = await run_in_threadpool(_apply_status, services, channel, outbound_id, call)
        STATUS_CALLBACKS.labels(name, "moved" if moved else "kept").inc()
        # An id we do not know gets 200 too: the provider would only try again.
        if isinstance(channel, AnswersStatus):
            body, content_type = channel.status_acknowledgement()
            return Response(body, media_type=content_type)
        return Response(status_code=204)

    return router


def receive(services: Services, message: Inbound) -> int | None:
    """Keep one message for good. Returns its row, None if we had it already.

    While the store is away, and until those are in it that came meanwhile, messages wait on the
    disk (`Spool`); None then, too.

    Raises:
        SpoolFull: neither takes it; the provider must try again.
    """
    if not services.spool.waiting():
        try:
            return into_inbox(services, message)
        except DataError:
            raise  # the store is there; on the disk this would be in the way of all later ones
        except SQLAlchemyError as error:
            log.error("store_away", error=type(error).__name__)
    services.spool.put(message)
    INBOUND.labels(message.channel, "spooled").inc()
    return None


def into_inbox(services: Services, message: Inbound) -> int | None:
    """Store one message and commit. Returns its row, None if we had it already."""
    decision = services.safety.check(message.text)
    urgent = decision.kind == "danger"
    with services.store.write(first=True) as session:
        row = inbox.receive(
            session,
            services.keys,
            message,
            urgent=urgent,
            heed=lambda: (urgent and decision.by_pattern) or _must_be_heard(services, message),
            allowed=Allowed(services.settings.messages_a_minute, services.settings.same_message),
        )
        if row is not None:
            services.jobs.to_answer(session, row)
    INBOUND.labels(message.channel, "new" if row is not None else "double").inc()
    if row is not None:
        SAFETY.labels(decision.kind).inc()
    return row


def _must_be_heard(services: Services, message: Inbound) -> bool:
    """STOP, EXPORT and "delete my data" are a right, also of who has written too much."""
    if message.answered_by_provider is not OptOut.NONE:
        return True
    command = commands.recognise(clean(message.text), services.keeper.current())
    return command == "stop" or command in commands.RIGHTS


def _apply_status(
    services: Services, channel: Channel, outbound_id: str, call: WebhookCall
) -> bool:
    update = channel.parse_status(call)
    with services.store.write(first=True) as session:
        moved = delivery.apply(session, outbound_id, update)
        if moved and update.status in (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED):
            if as_text.after_refusal(services, session, outbound_id, update.error_code):
                return moved
            fallback.after_failure(services, session, outbound_id)
        return moved


async def _call(request: Request, public_base_url: str) -> WebhookCall:
    """The call as raw as it came.

    Raises:
        BadSignature: larger or odder than anything the provider sends.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BadSignature("the body is too large")
    try:
        form = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="surrogateescape",  # what is no UTF-8 is signed by nobody but a gateway
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise BadSignature("the body is not a form") from None
    scope = request.scope
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return WebhookCall(
        url=public_base_url + path + (f"?{query}" if query else ""),
        headers={key.lower(): value for key, value in request.headers.items()},
        form=form,
        peer=request.client.host if request.client else "",
    )
