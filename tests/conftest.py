"""What tests share: a migrated store with the real content, and values to put into it."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from api.channels.base import Inbound, Kind
from api.content import files, importer
from api.content.catalogue import Catalogue, read_catalogue
from api.content.files import CONTENT, ContentSet
from api.db import Store
from api.keys import Keys
from api.messages import inbox
from api.migrations.upgrade import upgrade
from api.safety.check import SafetyCheck
from api.safety.lessons import learnt_from

pytest_plugins = [
    "tests.provider.fixtures",
    "tests.browser.chromium",
    "tests.desk.fixtures",
    "tests.stores",
]

_numbers = itertools.count(1)
# Where `make run` keeps it, too. What was learnt from anything else is not used.
_KEPT = CONTENT.parent / "var" / "safety.npz"


# Folders whose files take longest, longest first: begun last, one of two workers would wait.
_LONGEST = ("journeys", "browser", "measure", "trial", "content", "safety", "queue")


# Journeys that start services of their own. All others share one, with its bot.
_OF_THEIR_OWN = ("test_flood.py", "test_gateway.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; within them, and after them, the order stays by chance."""
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


class _ByService(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file is one worker's, and so are all files that need the service with its bot: a second
    bot would learn for a minute what the first has learnt."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        shares = "/journeys/" in path and not path.endswith(_OF_THEIR_OWN)
        return "the service with its bot" if shares else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByService:
    """How tests are handed to workers."""
    return _ByService(config, log)


@cache
def _read_once(folder: Path) -> ContentSet:
    return files.load(folder)


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Services built by tests read the content once, and share what the safety check learnt."""
    _KEPT.parent.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.main.load", lambda folder, **_: _read_once(folder))
        patch.setattr("api.services.learnt_from", lambda of, all_, _: learnt_from(of, all_, _KEPT))
        yield


@pytest.fixture(scope="session")
def content() -> ContentSet:
    """The content of the repository, read and checked once."""
    return _read_once(CONTENT)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema and nothing in it."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def filled_file(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, content: ContentSet
) -> Path:
    """An SQLite file with the content of the repository in it."""
    path = tmp_path_factory.mktemp("store") / "filled.db"
    shutil.copy(migrated_file, path)
    store = Store(f"sqlite:///{path}")
    with store.write() as session:
        importer.import_content(session, content)
    store.close()  # the last connection writes the log back into the file
    return path


def _copy(template: Path, folder: Path) -> Iterator[Store]:
    shutil.copy(template, folder / "sahi.db")
    store = Store(f"sqlite:///{folder / 'sahi.db'}")
    yield store
    store.close()


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store of its own for one test."""
    yield from _copy(migrated_file, tmp_path)


@pytest.fixture
def filled_store(filled_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own for one test, with the content of the repository."""
    yield from _copy(filled_file, tmp_path)


@pytest.fixture(scope="session")
def catalogue(filled_file: Path) -> Iterator[Catalogue]:
    """Everything published, as one value."""
    store = Store(f"sqlite:///{filled_file}")
    with store.read() as session:
        catalogue = read_catalogue(session)
    yield catalogue
    store.close()


@pytest.fixture
def keys() -> Keys:
    """Keys of a secret that only tests use."""
    return Keys("a secret of the tests, long enough to be one")


@dataclass
class Keeper:
    """A catalogue that no store has to hold."""

    catalogue: Catalogue

    def current(self, _session: object = None) -> Catalogue:
        return self.catalogue


def text_message(
    text: str = "salam",
    *,
    who: str = "+923000000001",
    channel: str = "phone-whatsapp",
    kind: Kind = Kind.TEXT,
    provider_id: str = "",
    alias: str = "",
) -> Inbound:
    """One message of a person."""
    return Inbound(
        channel=channel,
        provider_id=provider_id or f"SM{next(_numbers):032x}",
        identity=who,
        address=who,
        text=text,
        kind=kind,
        alias=alias,
    )


def take_in(store: Store, keys: Keys, message: Inbound) -> int | None:
    """Receive and commit, as the webhook does."""
    with store.write() as session:
        return inbox.receive(session, keys, message)


@pytest.fixture(scope="session")
def safety(catalogue: Catalogue) -> SafetyCheck:
    """The safety check as the service builds it, once."""
    return learnt_from(CONTENT, catalogue, _KEPT)
