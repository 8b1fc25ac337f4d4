"""The phone page with the tests' own worker behind it: real store and boxes, known replies."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import api
from api.channels.base import Inbound
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.db import Store, now
from api.keys import Keys
from api.messages import contacts, delivery, inbox, outbox, outcomes
from api.messages.inbox import Received, Understood
from api.messages.outbox import Reply
from api.phone import phone_router

STATIC = Path(api.__file__).parent / "static"
Answers = Callable[[Received], Reply]


def echo(message: Received) -> Reply:
    """A reply that shows what it replies to."""
    return Reply(f"about: {message.text}", topic="about-bot", language="en")


class PhoneService:
    """What `api.main` and the worker do, one step at a time."""

    def __init__(
        self, store: Store, keys: Keys, answers: Answers = echo, patience: float = 0.0
    ) -> None:
        self.store = store
        self.keys = keys
        self.answers = answers
        self.whatsapp = Simulator("phone-whatsapp", WHATSAPP)
        self.sms = Simulator("phone-sms", SMS)
        self.channels = {channel.name: channel for channel in (self.whatsapp, self.sms)}
        self.app = FastAPI()
        self.app.include_router(
            phone_router(store, keys, self.receive, self.channels, patience=patience)
        )
        self.app.mount("/static", StaticFiles(directory=STATIC))

    def receive(self, message: Inbound) -> int | None:
        """Into the inbox, committed."""
        with self.store.write() as session:
            return inbox.receive(session, self.keys, message)

    def answer(self) -> bool:
        """Answer the next message into the outbox. A DELETE is obeyed."""
        with self.store.write() as session:
            message = inbox.claim(session)
            if message is None:
                return False
            reply = self.answers(message)
            inbox.finish(
                session, message.id, Understood("answer", reply.topic, reply.language, 0.9)
            )
            if message.text == "DELETE":
                contacts.erase(session, message.conversation_id, message.id)
            outbox.enqueue(session, message.conversation_id, message.channel, [reply], message.id)
        return True

    def send(self) -> bool:
        """Hand the next reply to its phone."""
        with self.store.write() as session:
            queued = outbox.claim(session, self.keys)
        if queued is None:
            return False
        sent = self.channels[queued.channel].send(queued.message)
        with self.store.write() as session:
            outcomes.record_sent(session, queued.seq, sent)
        return True

    def tick(self, seconds: float = 0.0) -> None:
        """Apply the ticks that are due, as if so many seconds had passed."""
        for channel in self.channels.values():
            for outbound_id, update in channel.drain_updates(now() + timedelta(seconds=seconds)):
                with self.store.write() as session:
                    delivery.apply(session, outbound_id, update)

    def work(self) -> None:
        """Everything there is to do now."""
        while self.answer() or self.send():
            pass
        self.tick()
