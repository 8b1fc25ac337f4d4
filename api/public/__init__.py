"""The published answers for everybody: pages below `/answers` and the same as JSON.

Only what is published now is shown, as the person on the phone would get it: no drafts, no
acts, no ways to ask. Nobody logs in, nothing is stored, nothing of the visitor is looked at.
"""

from fastapi import APIRouter

from api.public.data import data_router
from api.public.pages import page_router
from api.services import Services

__all__ = ["public_router"]


def public_router(services: Services) -> APIRouter:
    """`/answers`, `/api/answers` and `/api/openapi.json`. Needs `/static` to be served too."""
    router = APIRouter()
    router.include_router(page_router(services))
    router.include_router(data_router(services))
    return router
