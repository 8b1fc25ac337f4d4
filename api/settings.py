"""The settings, read once from the environment (prefix `SAHI_`) and passed to whoever needs them.

Production refuses to start with default secrets, with an address that is not https, or with
half of a channel configured. An empty secret never verifies anything.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import SettingsError

DEVELOPMENT_SECRET = "development-only-" + "secret-key-not-for-production"
DEVELOPMENT_BOT_TOKEN = "development-only-" + "bot-token"

PRICE = r"^(\d{1,6}(\.\d{1,6})? [^\s\d]{1,8})?$"


class Settings(BaseSettings):
    """One field a setting; the description is what README's table says."""

    model_config = SettingsConfigDict(env_prefix="SAHI_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses default secrets and hides `/phone`"
    )
    data_dir: Path = Field(Path("var"), description="where the SQLite file and caches live")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite under the data folder")
    public_base_url: str = Field(
        "http://127.0.0.1:8000",
        description="address as the provider calls it; part of what is signed",
    )
    twilio_account_sid: str = Field("", description="Twilio account, `AC...`; empty: no Twilio")
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="auth token; several, comma-separated, while rotating"
    )
    twilio_whatsapp_from: str = Field("", description="WhatsApp sender, `whatsapp:+...`")
    twilio_sms_from: str = Field("", description="SMS sender, `+...` or a short code")
    twilio_api_base: str = Field(
        "https://api.twilio.com", description="Twilio's API; loopback or `*.twilio.com` only"
    )
    twilio_timeout: float = Field(10.0, gt=0, le=60, description="seconds for one call to Twilio")
    twilio_content_base: str = Field(
        "https://content.twilio.com",
        description="Twilio's Content API; loopback or `*.twilio.com` only",
    )
    twilio_typing: bool = Field(
        False, description="WhatsApp shows that we are writing while an answer takes its time"
    )
    sms_gateway_send_url: str = Field(
        "", description="where an SMS gateway takes messages (docs/channels.md); empty: none"
    )
    sms_gateway_style: Literal["kannel", "jasmin"] = Field(
        "kannel", description="whose way of speaking the gateway has"
    )
    sms_gateway_method: Literal["", "GET", "POST"] = Field(
        "", description="how it is called; empty: `GET` for Kannel, `POST` for Jasmin"
    )
    sms_gateway_from: str = Field("", description="our short code; empty: what the gateway sets")
    sms_gateway_user: str = Field("", description="user name at the gateway")
    sms_gateway_password: SecretStr = Field(SecretStr(""), description="password at the gateway")
    sms_gateway_header: SecretStr = Field(
        SecretStr(""), description="`Name: value` of a header that goes with every call to it"
    )
    sms_gateway_names: str = Field(
        "", description="other names of what we send, `to=msisdn,text=message`; `charset=` omits"
    )
    sms_gateway_receive_names: str = Field(
        "", description="other names of what it sends us, `from=sender,text=message`"
    )
    sms_gateway_accepted: str = Field(
        "", description="pattern of its yes, `(?P<id>...)` is the message's id; empty: known ones"
    )
    sms_gateway_numbers: Literal["plus", "digits", "00"] = Field(
        "plus", description="how it wants numbers: `+92300...`, `92300...` or `0092300...`"
    )
    sms_gateway_country: str = Field(
        "92", pattern=r"^[1-9]\d{0,2}$", description="country code of numbers that begin with one 0"
    )
    sms_gateway_receive_secret: SecretStr = Field(
        SecretStr(""), description="it shows this when it calls us; several while rotating"
    )
    sms_gateway_receive_from: str = Field(
        "", description="addresses or networks that it calls from, comma-separated; empty: any"
    )
    sms_gateway_reports: str = Field(
        "", pattern=r"^\d{0,2}$", description="level of delivery reports; empty: all, `0`: none"
    )
    sms_gateway_long: Literal["gateway", "parts"] = Field(
        "gateway", description="`parts`: we send numbered single SMS where it cannot join them"
    )
    sms_gateway_answers_stop: bool = Field(
        False, description="the gateway itself answers STOP, START and HELP"
    )
    sms_gateway_timeout: float = Field(
        10.0, gt=0, le=60, description="seconds for one call to the gateway"
    )
    bot_url: str = Field(
        "http://127.0.0.1:5005",
        description="where the bot process listens; several, comma-separated",
    )
    bot_token: SecretStr = Field(
        SecretStr(DEVELOPMENT_BOT_TOKEN), description="shared by api and bot, both directions"
    )
    bot_timeout: float = Field(5.0, gt=0, le=30, description="seconds to wait for the bot")
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        description="key of contact hashes and address encryption; several, comma-separated, "
        "newest first, while rotating",
    )
    oidc_issuer: str = Field(
        "", description="a partner's OpenID Connect issuer (https) for the desk; empty: none"
    )
    oidc_client_id: str = Field("", description="our id at that issuer")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="our secret at that issuer")
    oidc_name: str = Field(
        "your organisation", description="what the log-in page calls that issuer"
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="`smtp://user:password@host:port` for the weekly digest; empty: into the log",
    )
    mail_from: str = Field("", description="sender of the weekly digest")
    on_call: str = Field(
        "",
        description="address that is told of emergencies outside hours of duty; empty: nobody is",
    )
    ask_helped: bool = Field(
        True, description="ask people, at most once in 24 hours, whether an answer helped them"
    )
    retention_days: int = Field(30, ge=1, le=365, description="days until message text is blanked")
    sms_price: str = Field(
        "",
        pattern=PRICE,
        description="price of one SMS segment, such as `0.05 USD`; empty: the desk shows none",
    )
    whatsapp_price: str = Field(
        "",
        pattern=PRICE,
        description="price of one WhatsApp message, such as `0.02 USD`; empty: the desk shows none",
    )
    answer_workers: int = Field(4, ge=1, le=64, description="messages answered at the same time")
    send_workers: int = Field(8, ge=1, le=64, description="messages sent at the same time")
    messages_a_minute: int = Field(
        20, ge=1, description="messages of one person in a minute that are answered"
    )
    same_message: int = Field(
        5, ge=1, description="how often one person's same text is answered in five minutes"
    )
    alerts_a_minute: int = Field(
        60, ge=1, le=6000, description="people a minute who are sent news that they asked for"
    )
    whatsapp_rate: float = Field(
        40.0, gt=0, le=1000, description="messages a second handed to the WhatsApp sender"
    )
    sms_rate: float = Field(
        1.0, gt=0, le=1000, description="segments a second handed to the SMS sender"
    )
    sms_gateway_rate: float = Field(
        10.0, gt=0, le=1000, description="segments a second handed to the SMS gateway"
    )
    speech: Literal["none", "openai", "faster-whisper"] = Field(
        "none", description="what listens to voice notes (docs/voices.md); `none`: text only"
    )
    speech_base: str = Field(
        "", description="an OpenAI-compatible server, such as `https://speech.example/v1`"
    )
    speech_key: SecretStr = Field(SecretStr(""), description="its key; empty: it wants none")
    speech_model: str = Field(
        "", pattern=r"^[\w./:-]{0,100}$", description="name of its model, such as `whisper-1`"
    )
    speech_timeout: float = Field(
        12.0, gt=0, le=18, description="seconds to fetch one voice note and listen to it"
    )
    recordings_bucket: str = Field(
        "", description="S3 bucket of recordings, `https://s3.example/bucket`; empty: data folder"
    )
    recordings_region: str = Field("us-east-1", description="region of that bucket")
    recordings_key_id: str = Field("", description="our access key at that bucket")
    recordings_secret: SecretStr = Field(SecretStr(""), description="its secret")
    metrics_host: IPv4Address | IPv6Address = Field(
        IPv4Address("127.0.0.1"), description="loopback or private address for `METRICS_PORT`"
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="where a worker process of its own shows metrics; 0: nowhere"
    )
    traces_url: str = Field(
        "", description="OTLP collector for traces, `http://.../v1/traces`; empty: no traces"
    )
    queue_age_limit: float = Field(
        120.0, gt=0, description="seconds a message may wait before `/readyz` says 503"
    )

    @field_validator("bot_url")
    @classmethod
    def _each_an_address(cls, value: str) -> str:
        urls = [url.strip().rstrip("/") for url in value.split(",")]
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("must be http or https addresses")
        return ",".join(urls)

    @field_validator("metrics_host")
    @classmethod
    def _only_a_private_address(cls, value: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
        if not value.is_private:
            raise ValueError("must be a loopback or private address")
        return value

    @field_validator("twilio_api_base", "twilio_content_base", "public_base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http or https address")
        return value.rstrip("/")

    @field_validator("twilio_api_base", "twilio_content_base")
    @classmethod
    def _only_twilio_or_loopback(cls, value: str) -> str:
        host = urlsplit(value).hostname or ""
        loopback = host in ("127.0.0.1", "localhost", "::1")
        if not loopback and not host.endswith(".twilio.com"):
            raise ValueError("must be loopback or a host of twilio.com")
        if not loopback and not value.startswith("https://"):
            raise ValueError("must be https")
        return value

    @field_validator("sms_gateway_send_url", "speech_base", "recordings_bucket")
    @classmethod
    def _https_or_our_own_network(cls, value: str) -> str:
        """Texts, numbers and voices travel there: in the clear only where nobody can listen."""
        parts = urlsplit(value)
        host = parts.hostname or ""
        if (
            value
            and not (parts.scheme == "https" and host)
            and not (parts.scheme == "http" and _is_near(host))
        ):
            raise ValueError("must be https, or http to a private address")
        return value

    @field_validator("sms_gateway_names", "sms_gateway_receive_names")
    @classmethod
    def _pairs(cls, value: str) -> str:
        if any("=" not in pair for pair in value.split(",") if pair.strip()):
            raise ValueError("must be pairs such as to=msisdn,text=message")
        return value

    @field_validator("sms_gateway_accepted")
    @classmethod
    def _a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error:
            raise ValueError("must be a regular expression") from None
        return value

    @field_validator("sms_gateway_receive_from")
    @classmethod
    def _networks(cls, value: str) -> str:
        for network in value.split(","):
            if network.strip():
                ip_network(network.strip(), strict=False)
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _only_https_or_loopback(cls, value: str) -> str:
        parts = urlsplit(value)
        loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if value and (not parts.hostname or (parts.scheme != "https" and not loopback)):
            raise ValueError("must be https")
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> "Settings":
        if not self.secret_keys:
            raise ValueError("SAHI_SECRET_KEY is empty")
        if self.twilio_account_sid and not self.auth_tokens:
            raise ValueError("SAHI_TWILIO_AUTH_TOKEN is empty but SAHI_TWILIO_ACCOUNT_SID is set")
        if self.oidc_issuer and not (
            self.oidc_client_id and self.oidc_client_secret.get_secret_value()
        ):
            raise ValueError(
                "SAHI_OIDC_CLIENT_ID or SAHI_OIDC_CLIENT_SECRET is empty "
                "but SAHI_OIDC_ISSUER is set"
            )
        if self.on_call and not self.smtp_url.get_secret_value():
            raise ValueError("SAHI_SMTP_URL is empty but SAHI_ON_CALL is set")
        if self.on_call and not re.fullmatch(r"[^\s@,<>]+@[^\s@,<>]+", self.on_call):
            raise ValueError("SAHI_ON_CALL must be one e-mail address")
        if self.sms_gateway_send_url and not self.sms_gateway_secrets:
            raise ValueError(
                "SAHI_SMS_GATEWAY_RECEIVE_SECRET is empty but SAHI_SMS_GATEWAY_SEND_URL is set"
            )
        if self.speech == "openai" and not self.speech_base:
            raise ValueError("SAHI_SPEECH_BASE is empty but SAHI_SPEECH is openai")
        if self.speech != "none" and not self.speech_model:
            raise ValueError(f"SAHI_SPEECH_MODEL is empty but SAHI_SPEECH is {self.speech}")
        if self.recordings_bucket and not (
            self.recordings_key_id and self.recordings_secret.get_secret_value()
        ):
            raise ValueError(
                "SAHI_RECORDINGS_KEY_ID or SAHI_RECORDINGS_SECRET is empty "
                "but SAHI_RECORDINGS_BUCKET is set"
            )
        if self.environment == "production":
            if any(len(secret) < 16 for secret in self.sms_gateway_secrets):
                raise ValueError("SAHI_SMS_GATEWAY_RECEIVE_SECRET must have 16 characters or more")
            keys = self.secret_keys
            if not keys or any(key == DEVELOPMENT_SECRET or len(key) < 32 for key in keys):
                raise ValueError("SAHI_SECRET_KEY must be your own, each of 32 characters or more")
            token = self.bot_token.get_secret_value()
            if token == DEVELOPMENT_BOT_TOKEN or len(token) < 16:
                raise ValueError("SAHI_BOT_TOKEN must be your own, of 16 characters or more")
            if not self.public_base_url.startswith("https://"):
                raise ValueError("SAHI_PUBLIC_BASE_URL must be https")
        return self

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Every auth token that may have signed a call, newest first; never an empty one."""
        tokens = self.twilio_auth_token.get_secret_value().split(",")
        return tuple(token.strip() for token in tokens if token.strip())

    @property
    def sms_gateway_secrets(self) -> tuple[str, ...]:
        """Every secret that the gateway may show, newest first; never an empty one."""
        secrets = self.sms_gateway_receive_secret.get_secret_value().split(",")
        return tuple(secret.strip() for secret in secrets if secret.strip())

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Every secret that may have locked something, newest first; never an empty one."""
        keys = self.secret_key.get_secret_value().split(",")
        return tuple(key.strip() for key in keys if key.strip())

    @property
    def bot_urls(self) -> tuple[str, ...]:
        """Where the bot processes listen."""
        return tuple(self.bot_url.split(","))

    @property
    def spool_dir(self) -> Path:
        """Where messages wait while the store is away."""
        return self.data_dir / "spool"

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'sahi.db'}"


def _is_near(host: str) -> bool:
    """Whether a host is this machine, a private address, or a name that only our network knows."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return bool(host) and "." not in host


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a setting is malformed or unsafe; the message names each one.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            name = "SAHI_" + str(fault["loc"][0]).upper() if fault["loc"] else ""
            lines.append(f"{name}: {fault['msg']}".lstrip(": "))
        raise SettingsError("\n".join(lines)) from None
