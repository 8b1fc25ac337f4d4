"""The fake Twilio calls back as Twilio does."""

from api.channels.base import Outgoing, WebhookCall
from tests.channels.conftest import Open
from tests.provider.fake_twilio import FakeTwilio, Step
from tests.provider.forms import ACCOUNT, PERSON, Form

MESSAGE = Outgoing("out-1", f"whatsapp:{PERSON}", "Salaam")


def test_the_fake_tells_the_story_of_a_message_in_calls_that_we_accept(
    opened: Open,
) -> None:
    heard: list[tuple[str, Form, dict[str, str]]] = []

    def hear(url: str, form: Form, headers: dict[str, str]) -> int:
        heard.append((url, form, headers))
        return 200

    with FakeTwilio(post=hear) as fake:
        steps = ["sent", "read", "delivered", "delivered"]
        fake.lifecycle = [*map(Step, steps), Step("undelivered", "63024")]
        channel = opened(fake.url)
        channel.send(MESSAGE)
        fake.settle()
    updates = [channel.parse_status(_webhook(*call)) for call in heard]
    assert [update.status for update in updates] == [*steps, "undelivered"]
    assert updates[-1].error_code == "63024"
    assert {update.provider_id for update in updates} == {fake.messages[0].sid}
    assert {url for url, _, _ in heard} == {"https://bot.example/channels/whatsapp/status/out-1"}
    assert dict(heard[0][1])["AccountSid"] == ACCOUNT


def _webhook(url: str, form: Form, headers: dict[str, str]) -> WebhookCall:
    return WebhookCall(url, {name.lower(): value for name, value in headers.items()}, form)


def test_a_call_travels_over_http_and_its_answer_is_known(
    opened: Open, fake_twilio: FakeTwilio
) -> None:
    with FakeTwilio() as fake:
        opened(fake.url, public_base_url=fake_twilio.url).send(MESSAGE)
        # Another fake stands in for us: it refuses whoever brings no password.
        assert fake.advance(fake.messages[0], "sent") == 401
        assert fake.messages[0].status == "sent"
        opened(fake.url, public_base_url="http://127.0.0.1:1").send(MESSAGE)
        assert fake.advance(fake.messages[1], "sent") == 0
