"""Everything a process of ours works with, built once at start and passed on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.bot_client import Bot, BotClient
from api.bot_pool import BotPool
from api.channels import build_channels
from api.channels.base import Channel
from api.channels.typing_indicator import NoTyping, Typing, build_typing
from api.content.catalogue import CatalogueKeeper
from api.content.files import CONTENT
from api.db import Store
from api.jobs import InQueue, InTables, Jobs
from api.keys import Keys
from api.messages.spool import Spool
from api.pacing import Pacing, build_pacing
from api.safety.check import SafetyCheck
from api.safety.lessons import learnt_from
from api.settings import Settings
from api.voices.listener import Listener, build_listener


@dataclass(frozen=True)
class Services:
    """The parts, by name. `close` gives back what they hold."""

    settings: Settings
    store: Store
    keys: Keys
    channels: Mapping[str, Channel]
    keeper: CatalogueKeeper
    safety: SafetyCheck
    bot: Bot
    spool: Spool
    pacing: Pacing = field(default_factory=Pacing)
    jobs: Jobs = field(default_factory=InTables)
    listener: Listener = field(default_factory=Listener)
    typing: Typing = field(default_factory=NoTyping)

    def close(self) -> None:
        """Close in the reverse order of building."""
        if isinstance(self.bot, BotClient | BotPool):
            self.bot.close()
        for channel in self.channels.values():
            channel.close()
        self.listener.close()
        self.store.close()


def build_services(settings: Settings, store: Store, bot: Bot | None = None) -> Services:
    """Build the parts for a migrated store that has content.

    Raises:
        ContentError: the safety phrases break a rule (file and line).
    """
    keeper = CatalogueKeeper(store)
    safety = learnt_from(CONTENT, keeper.current(), settings.data_dir / "safety.npz")
    keys = Keys(*settings.secret_keys)
    channels = build_channels(settings)
    pacing = build_pacing(settings, channels)
    return Services(
        settings=settings,
        store=store,
        keys=keys,
        channels=channels,
        keeper=keeper,
        safety=safety,
        bot=bot or _bot(settings),
        spool=Spool(settings.spool_dir, keys),
        pacing=pacing,
        jobs=InTables() if store.is_sqlite else InQueue(pacing.channels),
        listener=build_listener(settings),
        typing=build_typing(settings),
    )


def _bot(settings: Settings) -> Bot:
    clients = [BotClient(settings.model_copy(update={"bot_url": url})) for url in settings.bot_urls]
    return clients[0] if len(clients) == 1 else BotPool(clients)
