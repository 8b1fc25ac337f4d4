"""The provider's door: nothing is acknowledged that is not stored, nothing odd is a 500."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DataError, OperationalError
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from api.db import Store
from api.main import create_app
from api.settings import Settings

TOKEN = "auth-token-of-the-tests"
ACCOUNT = "AC" + "1" * 32
BASE = "https://bot.example.org"
WHATSAPP = "/channels/whatsapp/inbound"


@pytest.fixture(scope="module")
def running(filled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("webhooks")
    (folder / "sahi.db").write_bytes(filled_file.read_bytes())
    settings = Settings(
        data_dir=folder,
        public_base_url=BASE,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_whatsapp_from="whatsapp:+14155238886",
        twilio_sms_from="+14155550100",
        twilio_api_base="http://127.0.0.1:9",
        bot_url="http://127.0.0.1:9",
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(running: TestClient) -> TestClient:
    """The service with an empty inbox."""
    with running.app.state.services.store.write() as session:  # type: ignore[attr-defined]
        for table in ("ticket", "delivery", "outbound", "inbound"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    return running


def form(sid: str = "SM" + "a" * 32, body: str = "salam", **more: str) -> list[tuple[str, str]]:
    fields = {
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": "whatsapp:+923001234567",
        "To": "whatsapp:+14155238886",
        "Body": body,
        "NumMedia": "0",
        "ProfileName": "",
        "ApiVersion": "2010-04-01",
        **more,
    }
    return list(fields.items())


def post(
    client: TestClient,
    pairs: list[tuple[str, str]],
    path: str = WHATSAPP,
    token: str = TOKEN,
    headers: dict[str, str] | None = None,
):
    signature = RequestValidator(token).compute_signature(BASE + path, dict(pairs))
    return client.post(
        path,
        content=urlencode(pairs),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
            **(headers or {}),
        },
    )


def stored(client: TestClient) -> int:
    services = client.app.state.services  # type: ignore[attr-defined]
    with services.store.read() as session:
        return int(session.execute(text("SELECT count(*) FROM inbound")).scalar_one())


def test_a_signed_message_is_stored_and_acknowledged_with_an_empty_document(
    client: TestClient,
) -> None:
    answer = post(client, form())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<Response" in answer.text
    assert "<Message" not in answer.text
    assert stored(client) == 1


def test_the_same_message_posted_twenty_times_at_once_is_stored_once(client: TestClient) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(client, form()), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert stored(client) == 1


def test_what_the_store_cannot_take_waits_on_the_disk_and_comes_in_order(
    client: TestClient,
) -> None:
    store: Store = client.app.state.services.store  # type: ignore[attr-defined]

    def full_disk(connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(store.engine, "commit", full_disk)
    try:
        assert post(client, form(body="first")).status_code == 200
        assert post(client, form(sid="SM" + "b" * 32, body="second")).status_code == 200
        assert stored(client) == 0
    finally:
        event.remove(store.engine, "commit", full_disk)
    until = time.monotonic() + 10
    while stored(client) < 2:
        assert time.monotonic() < until, "what was spooled did not come into the inbox"
        time.sleep(0.1)
    with store.read() as session:
        texts = session.scalars(text("SELECT text FROM inbound ORDER BY id")).all()
    assert texts == ["first", "second"]


def test_when_neither_store_nor_disk_takes_it_the_provider_is_told_to_try_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]

    def away(*_arguments: object, **_more: object) -> None:
        raise OperationalError("BEGIN", {}, Exception("away"))

    monkeypatch.setattr(services.store, "write", away)
    monkeypatch.setattr(services.spool, "_most", 0)
    assert post(client, form()).status_code == 503


def test_what_no_store_can_hold_is_refused_and_does_not_wait_on_the_disk(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]

    def too_long(*_arguments: object, **_more: object) -> None:
        raise DataError("INSERT", {}, Exception("too long"))

    monkeypatch.setattr(services.store, "write", too_long)
    assert post(client, form()).status_code == 400
    assert not services.spool.waiting()


@pytest.mark.parametrize("sid", ["SM\x001", "S" * 65, "SM 1", "پیغام"])
def test_an_id_that_can_be_none_is_a_bad_request(client: TestClient, sid: str) -> None:
    assert post(client, form(sid=sid)).status_code == 400
    assert stored(client) == 0


@pytest.mark.parametrize(
    ("name", "body", "headers"),
    [
        ("nothing", b"", {}),
        ("no signature", urlencode(form()).encode(), {"X-Twilio-Signature": ""}),
        ("json", b'{"Body": "x"}', {"Content-Type": "application/json"}),
        ("not text", b"\xff\xfe\x00Body=\xff", {}),
        ("not a form", b"just words", {}),
        ("too many fields", b"&".join(b"a%d=1" % n for n in range(2000)), {}),
        ("too large", b"Body=" + b"x" * 200_000, {}),
        ("multipart", b"--x\r\n\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
    ],
)
def test_whatever_is_odd_is_forbidden_and_never_an_error_of_ours(
    client: TestClient, name: str, body: bytes, headers: dict[str, str]
) -> None:
    given = {"X-Twilio-Signature": "AAAA", "Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post(WHATSAPP, content=body, headers={**given, **headers})
    assert answer.status_code == 403
    assert stored(client) == 0


def test_a_call_for_another_account_or_with_another_token_is_forbidden(client: TestClient) -> None:
    assert post(client, form(AccountSid="AC" + "2" * 32)).status_code == 403
    assert post(client, form(), token="somebody-elses-token").status_code == 403


def test_the_query_is_part_of_what_is_signed(client: TestClient) -> None:
    pairs = form()
    path = WHATSAPP + "?a=%20b&c="
    assert post(client, pairs, path=path).status_code == 200


def test_a_channel_that_does_not_exist_is_not_found(client: TestClient) -> None:
    assert post(client, form(), path="/channels/telex/inbound").status_code == 404


def test_a_callback_for_a_message_we_do_not_know_is_acknowledged(client: TestClient) -> None:
    pairs = [
        ("MessageSid", "SM" + "b" * 32),
        ("MessageStatus", "delivered"),
        ("AccountSid", ACCOUNT),
    ]
    answer = post(client, pairs, path="/channels/whatsapp/status/no-such-id")
    assert answer.status_code == 204


def test_published_variants_are_for_the_bot_alone_and_tagged(client: TestClient) -> None:
    token = client.app.state.services.settings.bot_token.get_secret_value()  # type: ignore[attr-defined]
    assert client.get("/internal/variants").status_code == 403
    answer = client.get("/internal/variants", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    again = client.get(
        "/internal/variants",
        headers={"Authorization": f"Bearer {token}", "If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304


def test_health_and_metrics_name_nobody(client: TestClient) -> None:
    post(client, form(body="a secret that nobody may read"))
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.json()["store"] == "available"
    assert ready.json()["bot"] == "away"
    page = client.get("/metrics").text
    assert "sahi_inbound_total" in page
    assert "923001234567" not in page
    assert "secret that nobody" not in page


def test_an_old_queue_is_not_ready_and_takes_messages_all_the_same(client: TestClient) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]
    post(client, form())
    with services.store.write() as session:
        session.execute(
            text(
                "UPDATE inbound SET state = 'claimed', "
                "received_at = datetime('now', '-200 seconds') || '.000000'"
            )
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reason"].startswith("the oldest message has waited for ")
    assert post(client, form(sid="SM" + "b" * 32)).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_second_process_on_the_same_file_refuses_to_start(
    client: TestClient,
) -> None:
    settings = client.app.state.services.settings  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="another process already uses"):
        create_app(settings)
