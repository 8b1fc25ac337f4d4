"""Rasa's own Twilio channel over our model, for `make bench`. Runs in the bot's environment.

The channel itself is Rasa's, unchanged; only the address its client sends to is ours, and the
keys that our model answers with are sent as text, so that there is one message to time.
"""

import json
import os

from rasa.core.agent import load_agent
from rasa.core.channels.twilio import TwilioInput, TwilioOutput
from rasa.core.run import configure_app
from rasa.core.utils import AvailableEndpoints


class LocalOutput(TwilioOutput):
    """Sends to the measuring provider instead of Twilio."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.api.base_url = os.environ["PROVIDER_URL"]

    async def send_custom_json(self, recipient_id, json_message, **options):
        await self.send_text_message(recipient_id, json.dumps(json_message)[:500])


class LocalInput(TwilioInput):
    """Rasa's webhook with the output above."""

    def get_output_channel(self):
        return LocalOutput(self.account_sid, self.auth_token, self.twilio_number)


def main():
    import rasa.core.channels.twilio as channel
    from sanic import Sanic

    from bot.components.live import PLACE
    from bot.components.refresher import Refresher
    from bot.settings import FOLDER, MODELS, read_settings

    channel.TwilioOutput = LocalOutput
    account = "AC" + "1" * 32
    inputs = [LocalInput(account, "auth-token-of-the-measurement", "whatsapp:+14155238886")]
    settings = read_settings()
    app: Sanic = configure_app(inputs, enable_api=False, port=settings.port)
    # No api runs beside it: the index is made from what our own measurement left in the cache.
    refresher = Refresher(
        PLACE, "http://127.0.0.1:9", "-", settings.cache, MODELS / "calibration.json"
    )

    async def load_model(app, _loop):
        refresher.recall()
        endpoints = AvailableEndpoints.read_endpoints(str(FOLDER / "endpoints.yml"))
        app.ctx.agent = await load_agent(model_path=str(MODELS), endpoints=endpoints)

    app.register_listener(load_model, "before_server_start")
    app.run(host="127.0.0.1", port=settings.port, access_log=False)


if __name__ == "__main__":
    main()
