"""The way to the bot process: what a message means, as keys.

An answer without content, a slow answer and no answer are all one thing to us: a failed turn
that is tried again. Rasa's own REST channel says 200 to every failure; ours does not.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from api.errors import BotUnavailable
from api.settings import Settings

Band = Literal["answer", "choice", "unknown", "act"]


@dataclass(frozen=True)
class BotTurn:
    """What the bot understood.

    Attributes:
        band: how sure it is; `act` for a conversational act.
        act: id of the act, with band `act`.
        topic: id of the topic, with band `answer`.
        candidates: (topic, confidence), best first.
        about: the last topic, when the message was understood with it.
    """

    band: Band
    act: str | None = None
    topic: str | None = None
    candidates: tuple[tuple[str, float], ...] = ()
    confidence: float = 0.0
    index_version: str = ""
    about: str | None = None


@dataclass(frozen=True)
class LastTopic:
    """What this conversation was about when it was last heard of, `seconds` ago."""

    topic: str
    seconds: float


class Bot(Protocol):
    """What answering needs of the bot."""

    def ask(
        self,
        conversation_key: str,
        message_id: str,
        text: str,
        language: str | None,
        last: LastTopic | None = None,
    ) -> BotTurn:
        """What a text means. Raises `BotUnavailable`.

        Args:
            last: what was really answered last; the bot knows only what it decided itself, and
                not an emergency answer or that a topic was withdrawn.
        """

    def tell_choice(self, conversation_key: str, message_id: str, topic: str) -> None:
        """Let the bot know that a numbered topic was chosen. Raises `BotUnavailable`."""


class _Candidate(BaseModel):
    topic: str
    confidence: float


class _Answer(BaseModel):
    """The JSON of the bot's channel; more keys may come."""

    model_config = ConfigDict(extra="ignore")

    band: Band
    act: str | None = None
    topic: str | None = None
    candidates: list[_Candidate] = []
    confidence: float = 0.0
    index_version: str | None = ""
    about: str | None = None


class BotClient:
    """`Bot` over HTTP."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=settings.bot_url,
            headers={"Authorization": f"Bearer {settings.bot_token.get_secret_value()}"},
            timeout=settings.bot_timeout,
            transport=transport,
            trust_env=False,
        )

    def ask(
        self,
        conversation_key: str,
        message_id: str,
        text: str,
        language: str | None,
        last: LastTopic | None = None,
    ) -> BotTurn:
        """See `Bot.ask`."""
        answer = self._post(
            {
                "sender": conversation_key,
                "message_id": message_id,
                "text": text,
                "language": language,
                "last_topic": asdict(last) if last else None,
            }
        )
        if (answer.band == "act" and not answer.act) or (
            answer.band == "answer" and not answer.topic
        ):
            raise BotUnavailable("the bot answered without a key")
        return BotTurn(
            band=answer.band,
            act=answer.act,
            topic=answer.topic,
            candidates=tuple((item.topic, item.confidence) for item in answer.candidates),
            confidence=answer.confidence,
            index_version=answer.index_version or "",
            about=answer.about,
        )

    def tell_choice(self, conversation_key: str, message_id: str, topic: str) -> None:
        """See `Bot.tell_choice`."""
        self._post({"sender": conversation_key, "message_id": message_id, "choice": topic})

    def ready(self) -> bool:
        """Whether the bot has a model and an index."""
        try:
            answer = self._client.get("/webhooks/sahi/health", timeout=2.0)
            return answer.status_code == 200 and bool(answer.json().get("ready"))
        except (httpx.HTTPError, ValueError):
            return False

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _post(self, body: dict[str, Any]) -> _Answer:
        try:
            answer = self._client.post("/webhooks/sahi/turn", json=body)
        except httpx.HTTPError as error:
            raise BotUnavailable(type(error).__name__) from None
        if answer.status_code != 200:
            raise BotUnavailable(f"status {answer.status_code}")
        try:
            return _Answer.model_validate_json(answer.content)
        except ValidationError:
            raise BotUnavailable("an answer that is not in the agreed form") from None
