"""What is wrong with a draft, remembered as long as neither it nor the phone book changes.

Reading every way to ask for its language takes a tenth of a second, and a draft is looked at far
more often than it is changed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from api.content.catalogue import version
from api.content.publishing import digest
from api.content.rules import Broken
from api.editorial import drafts
from api.editorial.drafts import Draft

MOST = 200
"""How many judgements are kept; each is a few hundred bytes."""

_Key = tuple[str, str, str, int]
_Look = Callable[[Session, Draft], tuple[Broken, ...]]


@dataclass
class Judge:
    """Remembers judgements; one for all visitors."""

    _known: OrderedDict[_Key, tuple[Broken, ...]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def faults(self, session: Session, draft: Draft) -> tuple[Broken, ...]:
        """As `drafts.faults`."""
        return self._looked(session, draft, drafts.faults)

    def remarks(self, session: Session, draft: Draft) -> tuple[Broken, ...]:
        """As `drafts.remarks`."""
        return self._looked(session, draft, drafts.remarks)

    def _looked(self, session: Session, draft: Draft, look: _Look) -> tuple[Broken, ...]:
        # The words themselves, not the number of the draft: a draft can be begun anew.
        key = (look.__name__, draft.kind, digest(draft.document), version(session))
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        found = look(session, draft)
        with self._lock:
            self._known[key] = found
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return found
