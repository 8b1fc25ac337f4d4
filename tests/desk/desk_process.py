"""The desk alone as a process that can be killed: `python -m tests.desk.desk_process FILE PORT`.

The whole service takes a quarter of a minute to learn; what is tested with this is only whether a
counsellor's words are on the disk when the browser is told so.
"""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.db import Store
from api.desk.application import create_desk
from api.keys import Keys
from api.messages.spool import Spool
from api.services import Services
from api.settings import Settings
from tests.desk.fixtures import CALM
from tests.reply.people import ScriptedBot, Suspicious


def main(file: Path, port: int) -> None:
    """Serve until killed."""
    settings = Settings(data_dir=file.parent)
    keys = Keys(settings.secret_key.get_secret_value())
    store = Store(f"sqlite:///{file}")
    services = Services(
        settings=settings,
        store=store,
        keys=keys,
        channels={
            channel.name: channel
            for channel in (Simulator("phone-whatsapp", WHATSAPP), Simulator("phone-sms", SMS))
        },
        keeper=CatalogueKeeper(store),
        safety=Suspicious(CALM),  # type: ignore[arg-type]
        bot=ScriptedBot(),
        spool=Spool(file.parent / "spool", keys),
    )
    app = FastAPI()
    app.mount("/desk", create_desk(services))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
