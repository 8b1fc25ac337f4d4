"""A load of signed Twilio posts, and the provider that takes the replies, in one process.

Both ends run on one clock, so the time from a person's message to the reply in the provider's
hands is read from one watch. Bounded in count and time; sends to loopback only.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "1" * 32
TOKEN = "auth-token-of-the-measurement"  # noqa: S105  loopback only
WHATSAPP_FROM = "whatsapp:+14155238886"
_sids: Iterator[int] = itertools.count(1)


@dataclass
class Run:
    """What one load measured. Times in milliseconds."""

    sent: int = 0
    refused: int = 0
    acknowledged: list[float] = field(default_factory=list)
    handed_over: list[float] = field(default_factory=list)
    by_number: dict[int, float] = field(default_factory=dict)  # as handed_over, by message
    begun: dict[str, tuple[int, float]] = field(default_factory=dict)  # first message of each
    seconds: float = 0.0  # from the first message to the last reply

    def read(self, provider: "Provider") -> None:
        """Take over from the provider's book when the first reply to each person came."""
        taken = [
            (number, moment, provider.taken[who])
            for who, (number, moment) in self.begun.items()
            if who in provider.taken
        ]
        self.by_number = {number: (reply - moment) * 1000 for number, moment, reply in taken}
        self.handed_over = list(self.by_number.values())
        if taken:
            first = min(moment for _, moment, _ in taken)
            self.seconds = max(reply for _, _, reply in taken) - first

    def share(self, values: Sequence[float], part: float) -> float:
        """A percentile, nan when there is nothing."""
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


class Provider:
    """Takes messages as Twilio does and writes down when.

    Attributes:
        takes: seconds for which it lets the sender wait for its answer. One elsewhere takes at
            least the way there and back.
    """

    def __init__(self) -> None:
        self.takes = 0.0
        self.taken: dict[str, float] = {}
        self.messages = 0
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._create)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        server = site._server  # the only way to learn the port
        assert isinstance(server, asyncio.Server)  # noqa: S101
        self.port = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _create(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.messages += 1
        self.taken.setdefault(str(form.get("To", "")), time.perf_counter())
        await asyncio.sleep(self.takes)
        sid = f"SM{next(_sids):032x}"
        return web.json_response(
            {
                "sid": sid,
                "account_sid": ACCOUNT,
                "status": "queued",
                "body": str(form.get("Body", "")),
                "to": str(form.get("To", "")),
                "from": str(form.get("From", "")),
                "num_segments": "1",
                "num_media": "0",
                "direction": "outbound-api",
                "error_code": None,
                "error_message": None,
                "price": None,
                "price_unit": "USD",
                "date_created": "Sat, 21 Nov 2026 00:00:00 +0000",
                "date_sent": None,
                "date_updated": "Sat, 21 Nov 2026 00:00:00 +0000",
                "messaging_service_sid": None,
                "subresource_uris": {},
                "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
                "api_version": "2010-04-01",
            },
            status=201,
        )


def whatsapp_address(number: int) -> str:
    """Of the person with a number."""
    return f"whatsapp:+92{3_000_000_000 + number}"


async def load(
    provider: Provider,
    url: str,
    public_url: str,
    texts: Sequence[str],
    *,
    rate: float,
    count: int,
    patience: float = 20.0,
    people: int = 0,
    first_number: int = 0,
    give_up: float = 30.0,
) -> Run:
    """Post `count` messages of `count` different people at `rate` a second, then wait for replies.

    Args:
        people: who write in turn; 0: everybody once. Only first replies are timed.
        first_number: of their numbers; 0: one that nobody has used yet.
        give_up: seconds for a call; one that takes longer counts as refused.
        url: where to post.
        public_url: the address that is signed.
        patience: seconds to wait for the last replies.
    """
    if urlsplit(url).hostname != "127.0.0.1":
        raise ValueError("a load is sent to loopback only")
    run = Run()
    provider.taken.clear()
    begun = run.begun
    validator = RequestValidator(TOKEN)
    first = next(_sids) * 100_000
    base = first_number or first % 100_000_000

    async def post(session: ClientSession, number: int) -> None:
        sender = whatsapp_address(base + number % (people or count))
        form = {
            "MessageSid": f"SM{first + number:032x}",
            "AccountSid": ACCOUNT,
            "From": sender,
            "To": WHATSAPP_FROM,
            "Body": texts[number % len(texts)],
            "NumMedia": "0",
            "WaId": sender.removeprefix("whatsapp:+"),
            "ProfileName": "",
        }
        headers = {
            "X-Twilio-Signature": validator.compute_signature(public_url, form),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        begun.setdefault(sender, (number, began))
        try:
            async with session.post(url, data=urlencode(form), headers=headers) as answer:
                await answer.read()
                run.acknowledged.append((time.perf_counter() - began) * 1000)
                run.refused += answer.status >= 300
        except (ClientError, TimeoutError):
            run.refused += 1

    # A provider opens as many connections as it has messages; nothing queues up on its side.
    async with ClientSession(
        connector=TCPConnector(limit=0), timeout=ClientTimeout(total=give_up)
    ) as session:
        start = time.perf_counter()
        tasks = []
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(post(session, number)))
        await asyncio.gather(*tasks)
        run.sent = count
        until = time.perf_counter() + patience
        while time.perf_counter() < until and any(  # noqa: ASYNC110  it is the clock that counts
            who not in provider.taken for who in begun
        ):
            await asyncio.sleep(0.05)
    run.read(provider)
    return run
