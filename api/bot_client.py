"""The way to the bot process: what a message means, as keys.

An answer without content, a slow answer and no answer are all one thing to us: a failed turn
that is tried again. Rasa's own REST channel says 200 to every failure; ours does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from api import tracing
from api.errors import BotUnavailable, TrialGone
from api.metrics import stage
from api.settings import Settings

Shape = TypeVar("Shape", bound=BaseModel)
Band = Literal["answer", "choice", "unknown", "act", "check"]


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


@runtime_checkable
class CheckBot(Protocol):
    """A bot that has the forms of the guided checks."""

    def next_in_check(
        self,
        conversation_key: str,
        message_id: str,
        form: str,
        answers: Mapping[str, str],
        answered: str | None = None,
    ) -> str | None:
        """The question that a form asks next; None when it is full. Raises `BotUnavailable`.

        Args:
            answers: question id -> option id, in keys: what a person typed stays here.
            answered: the question that was answered just now, None when the form begins or
                goes on.
        """


@dataclass(frozen=True)
class Looked:
    """What a text means by a trial, and by the index that people are answered from.

    Without a trial both are the same.
    """

    turn: BotTurn
    live: BotTurn


@dataclass(frozen=True)
class Trial:
    """A second index beside the one in use.

    Attributes:
        base: version of the published content that it was made from.
        seconds: how long it has been learning, or took.
    """

    id: str
    state: Literal["building", "ready", "failed"]
    base: str
    seconds: float


@runtime_checkable
class TrialBot(Protocol):
    """A bot that can be asked without a conversation, and for a state not published yet."""

    def look(self, text: str, last: LastTopic | None = None, trial: str | None = None) -> Looked:
        """What a text means; no conversation hears of it.

        Raises:
            TrialGone: there is no such trial that can be asked.
            BotUnavailable: any other failure.
        """

    def start_trial(self, topics: Sequence[Mapping[str, Any]], removed: Sequence[str] = ()) -> str:
        """Begin to learn published variants with some topics exchanged. Returns the trial's id.

        The same change of the same published content is the same trial; another one ends it.

        Args:
            topics: entries as in `/internal/variants`, acts among them.
            removed: ids of topics and acts.

        Raises: `BotUnavailable`.
        """

    def trial(self, trial_id: str) -> Trial | None:
        """How far a trial is; None when it is gone. Raises `BotUnavailable`."""

    def drop_trial(self, trial_id: str) -> None:
        """Give back what it holds. Raises `BotUnavailable`."""


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
    ask: str | None = None


class _Look(_Answer):
    live: _Answer


class _TrialState(BaseModel):
    model_config = ConfigDict(extra="ignore")

    state: Literal["building", "ready", "failed"]
    base: str
    seconds: float


class BotHealth(BaseModel):
    """The state of one bot process.

    Attributes:
        index_age_seconds: since the api last told it that its index is the newest.
    """

    model_config = ConfigDict(extra="ignore")

    ready: bool = False
    index_version: str | None = None
    index_age_seconds: float | None = None


class BotClient:
    """`Bot` and `TrialBot` over HTTP."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=settings.bot_url,
            headers={"Authorization": f"Bearer {settings.bot_token.get_secret_value()}"},
            timeout=settings.bot_timeout,
            transport=transport,
            trust_env=False,
        )

    @stage("bot")
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
        return _turn(answer)

    @stage("bot")
    def tell_choice(self, conversation_key: str, message_id: str, topic: str) -> None:
        """See `Bot.tell_choice`."""
        self._post({"sender": conversation_key, "message_id": message_id, "choice": topic})

    @stage("bot")
    def next_in_check(
        self,
        conversation_key: str,
        message_id: str,
        form: str,
        answers: Mapping[str, str],
        answered: str | None = None,
    ) -> str | None:
        """See `CheckBot.next_in_check`."""
        answer = self._post(
            {
                "sender": conversation_key,
                "message_id": message_id,
                "check": {"form": form, "answers": dict(answers), "answered": answered},
            }
        )
        return answer.ask

    def ready(self) -> bool:
        """Whether the bot has a model and an index."""
        return self.health().ready

    def health(self) -> BotHealth:
        """What the bot says of itself; not ready when it does not answer."""
        try:
            answer = self._client.get("/webhooks/sahi/health", timeout=2.0)
            if answer.status_code == 200:
                return BotHealth.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError):
            pass
        return BotHealth()

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def look(self, text: str, last: LastTopic | None = None, trial: str | None = None) -> Looked:
        """See `TrialBot.look`."""
        body = {
            "sender": "trial:look",
            "text": text,
            "last_topic": asdict(last) if last else None,
            "trial": trial or "live",
        }
        answer = _parsed(_Look, self._call("POST", "turn", body))
        return Looked(_turn(answer), _turn(answer.live))

    def start_trial(self, topics: Sequence[Mapping[str, Any]], removed: Sequence[str] = ()) -> str:
        """See `TrialBot.start_trial`."""
        body = {"topics": list(topics), "removed": list(removed)}
        answer = self._call("POST", "trials", body, good=202)
        trial_id = answer.json().get("id")
        if not isinstance(trial_id, str):
            raise BotUnavailable("a trial without an id")
        return trial_id

    def trial(self, trial_id: str) -> Trial | None:
        """See `TrialBot.trial`."""
        try:
            answer = self._call("GET", f"trials/{trial_id}")
        except TrialGone:
            return None
        found = _parsed(_TrialState, answer)
        return Trial(trial_id, found.state, found.base, found.seconds)

    def drop_trial(self, trial_id: str) -> None:
        """See `TrialBot.drop_trial`."""
        self._call("DELETE", f"trials/{trial_id}")

    def _post(self, body: dict[str, Any]) -> _Answer:
        return _parsed(_Answer, self._call("POST", "turn", body))

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, good: int = 200
    ) -> httpx.Response:
        try:
            answer = self._client.request(
                method, f"/webhooks/sahi/{path}", json=body, headers=tracing.headers()
            )
        except httpx.HTTPError as error:
            raise BotUnavailable(type(error).__name__) from None
        if answer.status_code in (404, 410):
            raise TrialGone("the bot has no such trial")
        if answer.status_code != good:
            raise BotUnavailable(f"status {answer.status_code}")
        return answer


def _parsed(shape: type[Shape], answer: httpx.Response) -> Shape:
    try:
        return shape.model_validate_json(answer.content)
    except ValidationError:
        raise BotUnavailable("an answer that is not in the agreed form") from None


def _turn(answer: _Answer) -> BotTurn:
    if (answer.band == "act" and not answer.act) or (answer.band == "answer" and not answer.topic):
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
