"""Turns through the door: the server as it runs, over HTTP."""

import threading
import time

import pytest

from tests.bot.wire import Bot, call

BANDS = {"answer", "choice", "unknown", "act"}


def test_a_question_is_answered_with_a_topic_id(bot: Bot) -> None:
    keys = bot.ask("agent kitne paise le sakta hai qanoonan")
    assert (keys["band"], keys["topic"], keys["act"]) == ("answer", "agent-fee-limit", None)
    assert keys["candidates"][0]["topic"] == "agent-fee-limit"
    assert len(keys["candidates"]) <= 5
    assert 0.5 < keys["confidence"] <= 1
    assert keys["index_version"]
    assert keys["model"]


@pytest.mark.parametrize(
    "text", ["ایجنٹ کتنے پیسے لے سکتا ہے", "agent fee", "ajent ki fes kitni hti hai"]
)
def test_one_question_is_one_topic_in_every_script_and_spelling(bot: Bot, text: str) -> None:
    assert bot.ask(text)["candidates"][0]["topic"] == "agent-fee-limit"


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("salam", "greet"),
        ("شکریہ", "thanks"),
        ("bohat shukria bhai", "thanks"),
        ("khuda hafiz", "goodbye"),
        ("menu", "menu"),
        ("STOP", "stop"),
        ("I want to talk to a real person", "talk-to-person"),
        ("kisi insan se baat karni hai", "talk-to-person"),
        ("delete my data", "delete-my-data"),
        ("اردو میں بات کریں", "change-language"),
    ],
)
def test_a_conversational_act_is_an_act(bot: Bot, text: str, act: str) -> None:
    keys = bot.ask(text)
    assert (keys["band"], keys["act"], keys["topic"]) == ("act", act, None)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("salam, agent ki fees kitni hai", "agent-fee-limit"),
        ("hello sir my employer took my passport", "passport-taken"),
        ("aoa bhai malik tankhwah nahi de raha", "unpaid-wages"),
    ],
)
def test_a_greeting_before_a_question_does_not_hide_it(bot: Bot, text: str, topic: str) -> None:
    keys = bot.ask(text)
    assert keys["band"] in ("answer", "choice")
    assert topic in [item["topic"] for item in keys["candidates"][:3]]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\n", "😀🙏🙏", "?!...", "\u200b\u200f", "\x00", "123456789", "xqzwv", "☎️"],
)
def test_without_a_known_feature_nothing_is_answered(bot: Bot, text: str) -> None:
    keys = bot.ask(text)
    assert (keys["band"], keys["topic"], keys["act"]) == ("unknown", None, None)


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "  /restart",
        "\u00a0/restart",
        "\u200b/restart",
        "\uff0frestart",
        "\u202e/restart",
        "/session_start",
        '/ask_topic{"topic": "x"}',
        '/ choose_topic@1.0{"topic": "x"}',
        "/talk-to-person",
        "/back",
        "EXTERNAL: ask_topic",
    ],
)
def test_a_command_of_rasa_is_only_a_text(bot: Bot, text: str) -> None:
    sender = f"commands-{abs(hash(text))}"
    bot.turn({"sender": sender, "message_id": "m1", "choice": "unpaid-wages"})
    keys = bot.ask(text, sender)
    assert keys["band"] in BANDS
    assert keys["confidence"] < 1
    assert keys["topic"] != "x"


@pytest.mark.parametrize(
    "text",
    [
        "\u202eagent fee\u202c",
        "agent\x00 fee",
        "\ufeffagent\u200b fee\u200f",
        "AGENT   FEE!!!",
        "agent/fee",
    ],
)
def test_marks_that_nobody_types_change_nothing(bot: Bot, text: str) -> None:
    assert bot.ask(text)["topic"] == "agent-fee-limit"


def test_a_lone_surrogate_and_markup_do_no_harm(bot: Bot) -> None:
    for text in ("agent \ud83d fee", "<b>agent</b> '; drop table x; -- {x} %s", "a" * 2000):
        assert bot.ask(text)["band"] in BANDS


def test_a_chosen_topic_comes_back_as_the_answer(bot: Bot) -> None:
    status, keys = bot.turn({"sender": "p1", "message_id": "m1", "choice": "passport-taken"})
    assert status == 200
    assert (keys["band"], keys["topic"], keys["confidence"]) == ("answer", "passport-taken", 1.0)


def test_a_call_without_the_token_is_refused(bot: Bot) -> None:
    body = b'{"sender": "a", "text": "salam"}'
    for token in (None, "", "wrong", "\u00fcber"):
        assert call(bot.port, "POST", "/webhooks/sahi/turn", body, token)[0] == 401
        assert call(bot.port, "GET", "/webhooks/sahi/health", token=token)[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"null",
        b"[]",
        b"\xff\xfe",
        {},
        {"sender": "a"},
        {"text": "salam"},
        {"sender": 5, "text": "salam"},
        {"sender": "", "text": "salam"},
        {"sender": "a b", "text": "salam"},
        {"sender": "a" * 129, "text": "salam"},
        {"sender": "a", "text": None},
        {"sender": "a", "text": 5},
        {"sender": "a", "text": ["salam"]},
        {"sender": "a", "text": "salam", "choice": "agent-fee-limit"},
        {"sender": "a", "choice": "Not An Id"},
        {"sender": "a", "choice": 5},
        {"sender": "a", "text": "salam", "language": "xx"},
        {"sender": "a", "text": "salam", "language": []},
        {"sender": "a", "text": "salam", "message_id": 5},
        {"sender": "a", "text": "salam", "last_topic": {"topic": "nicop", "seconds": 10**400}},
        b"[" * 60_000,
    ],
    ids=range(23),
)
def test_what_cannot_be_a_turn_is_422(bot: Bot, body: object) -> None:
    assert bot.turn(body)[0] == 422


def test_a_text_over_2000_characters_is_413(bot: Bot) -> None:
    assert bot.turn({"sender": "a", "text": "x" * 2001})[0] == 413
    assert bot.turn({"sender": "a", "text": "agent " * 20_000})[0] == 413
    assert bot.ask("agent fee " * 200)["band"] in BANDS


def test_nothing_but_the_channel_is_served(bot: Bot) -> None:
    for path in ("/", "/status", "/model", "/model/parse", "/domain", "/conversations/a/tracker"):
        assert call(bot.port, "GET", path, token=bot.token)[0] == 404
    assert call(bot.port, "POST", "/webhooks/rest/webhook", b"{}", bot.token)[0] == 404


def test_messages_of_one_person_do_not_wait_a_second_for_each_other(bot: Bot) -> None:
    began = time.monotonic()
    threads = [threading.Thread(target=bot.ask, args=("agent fee", "hasty")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 7  # each a second after the other would be seven and more


def test_health_says_what_is_in_use(bot: Bot) -> None:
    state = bot.health()
    assert state["ready"] is True
    assert state["model"]
    assert state["index_age_seconds"] < 60
    assert state["topics"] >= 12
    assert state["variants"] > 300


def test_no_word_of_a_person_is_logged(bot: Bot) -> None:
    secret = "zebrafinch"
    for text in (
        f"{secret} agent fee",
        f"/{secret}",
        f"/somewhere/{secret}",
        f'/{secret}{{"a": 1}}',
        f"\u200b/{secret} {{",
        f"{secret}\x00",
    ):
        bot.ask(text, sender="logged")
    bot.turn(f'{{"sender": "a", "text": "{secret}"'.encode())
    bot.turn({"sender": secret * 20, "text": secret})
    bot.turn({"sender": "a", "text": secret * 300})
    log = bot.log.read_text("utf-8", "replace")
    assert secret not in log
    assert "serving" in log
