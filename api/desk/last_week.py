"""What people asked in the last seven days, for lists that many open many times."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api.db import now
from api.messages import counting
from api.messages.counting import Asked

WEEK = timedelta(days=7)
FRESH = timedelta(minutes=1)


class LastWeek:
    """The counts of every topic, at most a minute old: over a week that changes no order.

    Counting a hundred thousand messages costs more than all the rest of the list.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: tuple[datetime, Mapping[str, Asked]] | None = None

    def counts(self, session: Session) -> Mapping[str, Asked]:
        """By topic; what nobody asked is not in it."""
        moment = now()
        counted = self._counted
        if counted is None or not timedelta(0) <= moment - counted[0] < FRESH:
            with self._lock:
                counted = moment, counting.by_topic(session, moment - WEEK)
                self._counted = counted
        return counted[1]
