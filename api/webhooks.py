"""The provider's door: verify, parse, store, commit, and only then say 200.

Everything a person hears goes out through the outbox; the answer to the call is empty.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api import as_text, fallback
from api.admission import MAX_BODY, form_of
from api.channels.base import AnswersStatus, Channel, DeliveryStatus, WebhookCall
from api.errors import BadSignature
from api.intake import Intake
from api.messages import delivery
from api.metrics import STATUS_CALLBACKS
from api.services import Services


def webhook_router(services: Services, intake: Intake) -> APIRouter:
    """The two routes of every channel."""
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
            await asyncio.wrap_future(intake.put(message))
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
        form = form_of(body)
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
