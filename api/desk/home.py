"""`/desk` itself: to the room where one's work is."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.desk.access import Desk, Visitor, need
from api.staff.roles import Right


def home_router(desk: Desk) -> APIRouter:
    """The way in without a room."""
    router = APIRouter()

    @router.get("/")
    def home(visitor: Annotated[Visitor, need()]) -> Response:
        return desk.pages.go("/desk/topics" if visitor.may(Right.READ) else "/desk/account")

    return router
