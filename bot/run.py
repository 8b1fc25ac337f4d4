"""`python -m bot.run`: serve the trained model on the private network."""

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from bot import log, without_tensorflow
from bot.errors import ModelMissing
from bot.settings import FOLDER, MODELS, read_settings

# A trial may bring a thousand out-of-scope texts; a turn's own limit is in the channel.
BIGGEST_REQUEST = 1024 * 1024


def newest_model() -> Path:
    """The model to serve.

    Raises:
        ModelMissing: none was trained.
    """
    models = sorted(MODELS.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)
    if not models:
        raise ModelMissing("no model; run `python -m bot.train`")
    return models[-1]


def create_app(model: Path | None) -> Any:
    """Sanic with our channel, and Rasa's agent behind it.

    This is what `rasa run` does for one channel, without its importing of test and chart code.
    The imports are here because the ones left out have to be known before.
    """
    without_tensorflow.install()
    from rasa.core.agent import load_agent
    from rasa.core.channels.channel import register
    from rasa.core.utils import AvailableEndpoints
    from sanic import Sanic

    from bot.channel import SahiChannel

    app = Sanic("sahi-bot", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BIGGEST_REQUEST
    app.config.FALLBACK_ERROR_FORMAT = "json"
    register([SahiChannel()], app, route="/webhooks/")

    async def load_model(app: Any, _loop: Any) -> None:
        endpoints = AvailableEndpoints.read_endpoints(str(FOLDER / "endpoints.yml"))
        app.ctx.agent = await load_agent(str(model) if model else None, endpoints=endpoints)
        without_tensorflow.seal()
        log.start_serving()

    app.register_listener(load_model, "before_server_start")
    return app


def main() -> int:
    """Serve until told to stop."""
    # Small products on two cores: threads of the algebra library cost more than they bring.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251  read by numpy
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")  # noqa: TID251  read by rasa
    log.configure()
    warnings.simplefilter("ignore")
    # An index is built beside the turns; the shorter the interval, the less they wait for it.
    sys.setswitchinterval(0.001)
    settings = read_settings()
    said = logging.getLogger("bot")
    try:
        model = newest_model()
    except ModelMissing as error:
        said.error("%s", error)
        return 1
    app = create_app(model)
    said.info("serving %s on %s:%d", model.name, settings.host, settings.port)
    app.run(host=settings.host, port=settings.port, workers=1, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
