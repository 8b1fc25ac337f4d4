"""The desk over a store with the real content, and people who are logged in to it.

Named in `pytest_plugins` of the top conftest: tests in a browser use it, too.
"""

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.testclient import TestClient

import api
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content.catalogue import Catalogue, CatalogueKeeper
from api.db import Store
from api.desk.access import Desk
from api.desk.application import create_desk
from api.keys import Keys
from api.messages.spool import Spool
from api.safety.check import Decision
from api.services import Services
from api.settings import Settings
from api.staff import accounts, sessions
from api.staff.accounts import Account
from api.staff.roles import Role
from tests.reply.people import ScriptedBot, Suspicious

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
CALM = Decision("none", "", None, None, 0.0, ())
_numbers = itertools.count(1)


class DeskClient:
    """A browser of somebody who is logged in; posts carry the token of the session."""

    def __init__(self, app: FastAPI, account: Account, cookie: str, token: str) -> None:
        self.account = account
        self.form_token = token
        self.http = TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)
        self.http.cookies.set("sahi_desk", cookie)

    def get(self, path: str, **more: Any) -> httpx2.Response:
        """A page."""
        return self.http.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx2.Response:
        """A form as the page would send it."""
        return self.http.post(path, data={"token": self.form_token, **(data or {})}, **more)


@pytest.fixture
def desk_store(filled_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own with the content of the repository."""
    shutil.copyfile(filled_file, tmp_path / "desk.db")
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    yield store
    store.close()


@pytest.fixture
def desk_services(desk_store: Store, catalogue: Catalogue, tmp_path: Path) -> Services:
    """The parts, with a bot that answers what the test says and a safety check that is calm."""
    settings = Settings(data_dir=tmp_path)
    return Services(
        settings=settings,
        store=desk_store,
        keys=Keys(settings.secret_key.get_secret_value()),
        channels={
            channel.name: channel
            for channel in (Simulator("phone-whatsapp", WHATSAPP), Simulator("phone-sms", SMS))
        },
        keeper=CatalogueKeeper(desk_store, catalogue),
        safety=Suspicious(CALM),  # type: ignore[arg-type]
        bot=ScriptedBot(),
        spool=Spool(tmp_path / "spool", Keys("a secret of the tests, long enough to be one")),
    )


@pytest.fixture
def desk_app(desk_services: Services) -> FastAPI:
    """The desk where it stands in the service."""
    app = FastAPI()
    app.mount("/desk", create_desk(desk_services))
    app.mount("/static", StaticFiles(directory=Path(api.__file__).parent / "static"))
    return app


@pytest.fixture
def desk(desk_app: FastAPI) -> Desk:
    """What the rooms work with."""
    desk: Desk = desk_app.routes[-2].app.state.desk  # type: ignore[attr-defined]
    return desk


@pytest.fixture
def desk_client(desk_app: FastAPI, desk_store: Store) -> Callable[..., DeskClient]:
    """Log somebody in: `desk_client(Role.AUTHOR, organisation="IOM")`."""

    def log_in(
        *roles: Role, organisation: str = "IOM", name: str = "", language: str = "en"
    ) -> DeskClient:
        number = next(_numbers)
        with desk_store.write() as session:
            account = accounts.create(
                session,
                email=f"person{number}@example.org",
                name=name or f"Person {number}",
                organisation=organisation,
                roles=frozenset(roles),
            )
            if language != "en":
                accounts.set_language(session, account.id, language)
            cookie = sessions.begin(session, account.id, second_factor=True)
            visit = sessions.find(session, cookie)
        assert visit is not None
        return DeskClient(desk_app, visit.account, cookie, visit.form_token)

    return log_in


def words(response: httpx2.Response) -> str:
    """What a page says, without its tags, spaces as one."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
