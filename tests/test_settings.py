"""Settings are checked at start; the message names the one that is wrong."""

import pytest

from api.errors import SettingsError
from api.settings import Settings, read_settings

SAFE = {
    "SAHI_ENVIRONMENT": "production",
    "SAHI_SECRET_KEY": "x" * 40,
    "SAHI_BOT_TOKEN": "y" * 20,
    "SAHI_PUBLIC_BASE_URL": "https://bot.example.org",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAHI_SECRET_KEY", ""),
        ("SAHI_SECRET_KEY", "short"),
        ("SAHI_BOT_TOKEN", ""),
        ("SAHI_PUBLIC_BASE_URL", "http://bot.example.org"),
        ("SAHI_PUBLIC_BASE_URL", "bot.example.org"),
        ("SAHI_TWILIO_API_BASE", "https://twilio.example.org"),
        ("SAHI_TWILIO_API_BASE", "https://eviltwilio.com"),
        ("SAHI_TWILIO_API_BASE", "http://api.twilio.com"),
        ("SAHI_TWILIO_CONTENT_BASE", "https://twilio.example.org"),
        ("SAHI_TWILIO_CONTENT_BASE", "https://eviltwilio.com"),
        ("SAHI_TWILIO_CONTENT_BASE", "http://content.twilio.com"),
        ("SAHI_TWILIO_ACCOUNT_SID", "AC123"),
        ("SAHI_RETENTION_DAYS", "many"),
    ],
)
def test_unsafe_settings_refuse_to_start_and_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    for key, safe in {**SAFE, name: value}.items():
        monkeypatch.setenv(key, safe)
    setting = "SAHI_TWILIO_AUTH_TOKEN" if name == "SAHI_TWILIO_ACCOUNT_SID" else name
    with pytest.raises(SettingsError, match=setting):
        read_settings()


def test_production_refuses_the_secrets_of_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAHI_ENVIRONMENT", "production")
    monkeypatch.setenv("SAHI_PUBLIC_BASE_URL", "https://bot.example.org")
    with pytest.raises(SettingsError, match="SAHI_SECRET_KEY"):
        read_settings()


def test_safe_settings_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in SAFE.items():
        monkeypatch.setenv(key, value)
    assert read_settings().environment == "production"


def test_several_tokens_verify_while_rotating_and_an_empty_one_never() -> None:
    settings = Settings(twilio_auth_token=" new , old ,, ")
    assert settings.auth_tokens == ("new", "old")
    assert Settings().auth_tokens == ()


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "swordfish" not in repr(Settings(twilio_auth_token="swordfish"))
