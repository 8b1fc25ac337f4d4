"""`/media`: where a provider fetches a recording, by a link that is good for ten minutes.

The link itself is the permission: signed by us, and it names one recording. There is no list, and
whatever is wrong with a link looks the same from outside.
"""

import time

from fastapi import APIRouter, Response

from api.errors import StorageAway
from api.log import get_logger
from api.services import Services
from api.voices import links
from api.voices.storage import build_storage, type_of

log = get_logger(__name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Cache-Control": "private, max-age=600",
    "Referrer-Policy": "no-referrer",
}


def media_router(services: Services) -> APIRouter:
    """The one route. Providers ask with HEAD first."""
    router = APIRouter(include_in_schema=False)
    storage = build_storage(services.settings)

    @router.api_route(links.PATH + "/{token}", methods=["GET", "HEAD"])
    def recording(token: str) -> Response:
        key = links.opened(services.keys, token, time.time())
        try:
            data = storage.get(key) if key else None
        except StorageAway:
            log.error("recordings_away")
            return Response(status_code=503, headers=_HEADERS)  # a provider asks again
        if key is None or data is None:
            return Response(status_code=404, headers=_HEADERS)
        return Response(data, media_type=type_of(key), headers=_HEADERS)

    return router
