"""People who write, and the provider's part of bringing us their messages.

One person's next message goes out after the one before was acknowledged, as it is with a
provider that keeps the order. A call without a 200 is repeated until there is one; some calls
are hung up on before the answer came, and one in five is made again, at once or later.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from twilio.request_validator import RequestValidator

from measure.faults.provider import ACCOUNT, SENDER, TOKEN

DOUBLES = 0.2
HANG_UPS = 0.03
URGENT_EVERY = 50


@dataclass
class Question:
    """One message of a person.

    Attributes:
        place: which of the person's messages it is.
        acknowledged: `time.time()` of the first 200, None while there is none.
    """

    number: int
    person: int
    place: int
    text: str
    urgent: bool
    acknowledged: float | None = None

    @property
    def sid(self) -> str:
        """The provider's id of it."""
        return f"SM{self.number + 1:032x}"

    @property
    def address(self) -> str:
        """Who wrote it."""
        return f"whatsapp:+92{3_000_000_000 + self.person}"


@dataclass
class People:
    """Writes `questions`, each at its moment.

    Args:
        webs: addresses of the web processes; a call goes to any of them.
        signed_for: the public address.
    """

    webs: Callable[[], list[str]]
    signed_for: str
    chance: random.Random
    questions: list[Question] = field(default_factory=list)
    calls: int = 0
    doubles: int = 0
    refused: int = 0
    hung_up: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def ask(self, persons: int, count: int, first_person: int = 0) -> list[Question]:
        """Invent `count` questions of so many people, by turns."""
        made = []
        for one in range(count):
            number = len(self.questions)
            urgent = number % URGENT_EVERY == URGENT_EVERY - 1
            words = "our boat is sinking please help" if urgent else "agent ki fees"
            person = first_person + one % persons
            question = Question(number, person, one // persons, f"{words} {number}", urgent)
            self.questions.append(question)
            made.append(question)
        return made

    async def write(self, questions: list[Question], seconds: float, until: float) -> None:
        """Write them spread over some seconds; give up what is not taken `until` (monotonic)."""
        by_person: dict[int, list[Question]] = {}
        for question in questions:
            by_person.setdefault(question.person, []).append(question)
        connector = TCPConnector(limit=200)
        async with ClientSession(connector=connector, timeout=ClientTimeout(total=15)) as session:
            await asyncio.gather(
                *(self._person(session, own, seconds, until) for own in by_person.values())
            )
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=20)

    async def _person(
        self, session: ClientSession, own: list[Question], seconds: float, until: float
    ) -> None:
        began = time.monotonic()
        moments = sorted(self.chance.uniform(0, seconds) for _ in own)
        for question, moment in zip(own, moments, strict=True):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            double = self.chance.random() < DOUBLES
            if double and self.chance.random() < 0.5:
                self._double(session, question, 0.0)
                double = False
            while time.monotonic() < until:
                if await self._call(session, question, self.chance.random() < HANG_UPS):
                    break
                await asyncio.sleep(self.chance.uniform(0.3, 1.5))
            if double:
                self._double(session, question, self.chance.expovariate(0.5))

    def _double(self, session: ClientSession, question: Question, after: float) -> None:
        async def again() -> None:
            await asyncio.sleep(after)
            if not session.closed:
                await self._call(session, question, hang_up=False)

        self.doubles += 1
        task = asyncio.create_task(again())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, session: ClientSession, question: Question, hang_up: bool) -> bool:
        form = {
            "MessageSid": question.sid,
            "AccountSid": ACCOUNT,
            "From": question.address,
            "To": SENDER,
            "Body": question.text,
            "NumMedia": "0",
            "WaId": question.address.removeprefix("whatsapp:+"),
            "ProfileName": "",
        }
        url = self.signed_for + "/channels/whatsapp/inbound"
        headers = {
            "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        to = self.chance.choice(self.webs())
        if urlsplit(to).hostname != "127.0.0.1":
            raise ValueError("messages are written to loopback only")
        self.calls += 1
        try:
            async with asyncio.timeout(self.chance.uniform(0.001, 0.02) if hang_up else 15):
                async with session.post(
                    f"{to}/channels/whatsapp/inbound", data=urlencode(form), headers=headers
                ) as answer:
                    await answer.read()
                    if answer.status == 200:
                        question.acknowledged = question.acknowledged or time.time()
                        return True
                    self.refused += 1
        except (ClientError, TimeoutError, ConnectionError):
            self.hung_up += hang_up
        return False
