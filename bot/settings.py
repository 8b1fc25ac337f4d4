"""What this process is told through its environment."""

import os
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MODELS = FOLDER / "models"


@dataclass(frozen=True)
class Settings:
    """Attributes:
    token: bearer token that callers must show, and that we show to the api; never empty.
    api_url: where the published variants are fetched.
    host, port: where the server listens.
    cache: folder for the last fetched variants.
    content: folder of `acts/` and `topics/`, for training.
    """

    token: str
    api_url: str
    host: str
    port: int
    cache: Path
    content: Path


def read_settings() -> Settings:
    """Read the environment; without a token every call is refused."""
    return Settings(
        token=os.getenv("SAHI_BOT_TOKEN", ""),
        api_url=os.getenv("SAHI_API_URL", "http://127.0.0.1:8000").rstrip("/"),
        host=os.getenv("BOT_HOST", "127.0.0.1"),
        port=int(os.getenv("BOT_PORT", "5005")),
        cache=Path(os.getenv("SAHI_BOT_CACHE", "var/bot")),
        content=Path(os.getenv("SAHI_CONTENT_DIR", "content")),
    )
