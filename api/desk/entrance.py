"""What the pages of the log-in share: the cookie, the counters of wrong tries, where to go on."""

from dataclasses import dataclass, field

from fastapi import Request, Response

from api.desk.access import Desk, cookie_name
from api.staff import sessions
from api.staff.oidc import Issuer
from api.staff.sessions import Visit
from api.staff.throttle import Throttle

START = "/desk/topics"


@dataclass(frozen=True)
class Entrance:
    """The door of a desk. One for each process: the counters are in it."""

    desk: Desk
    issuer: Issuer | None = None
    passwords: Throttle = field(default_factory=Throttle)
    codes: Throttle = field(default_factory=Throttle)

    def cookie(self, request: Request) -> str:
        """The cookie that the browser sent, or ""."""
        return request.cookies.get(cookie_name(self.desk.services.settings), "")

    def visit(self, request: Request) -> Visit | None:
        """Whose browser this is, half-way or whole."""
        cookie = self.cookie(request)
        if not cookie:
            return None
        with self.desk.services.store.read() as session:
            return sessions.find(session, cookie)

    def give_cookie(self, response: Response, value: str) -> Response:
        """Hand out the cookie of a new session. It ends with the browser, at the latest."""
        settings = self.desk.services.settings
        response.set_cookie(
            cookie_name(settings),
            value,
            path="/desk",
            secure=settings.environment == "production",
            httponly=True,
            samesite="lax",
        )
        return response

    def take_cookie(self, response: Response) -> Response:
        """Remove the cookie."""
        settings = self.desk.services.settings
        response.delete_cookie(
            cookie_name(settings),
            path="/desk",
            secure=settings.environment == "production",
            httponly=True,
            samesite="lax",
        )
        return response


def address_of(request: Request) -> str:
    """Where a request comes from, as far as the server knows."""
    return request.client.host if request.client else ""


def onward(wanted: str) -> str:
    """The page of the desk that somebody wanted before logging in; never another site."""
    inside = wanted.startswith("/desk/") and wanted.isprintable() and "\\" not in wanted
    return wanted if inside and "//" not in wanted.split("?")[0] else START
