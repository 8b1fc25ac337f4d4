"""Three turns in a row that were not understood: a human is asked, and the person is told so."""

from dataclasses import replace

from api.reply import away, state
from api.reply.scene import Scene, Ticket, Turn

TOO_MANY = 3
NOT_UNDERSTOOD = "not-understood"
"""Reason of the ticket."""

IN_A_ROW = 24 * 3600.0
"""Seconds after which a failure is too long ago to be one of a row."""


def count(scene: Scene, turn: Turn) -> Turn:
    """The turn, counted when it failed; the third in a row opens a ticket and begins anew."""
    if turn.understood.outcome != "fallback" and not turn.not_understood:
        return turn
    before = scene.pending
    recent = scene.moment.timestamp() - before.at < IN_A_ROW
    failures = (before.failures if recent else 0) + 1
    if failures >= TOO_MANY:
        line = scene.composer.notice("human-asked")
        turn = replace(
            turn,
            replies=scene.composer.followed_by(turn.replies, line),
            ticket=turn.ticket or Ticket(NOT_UNDERSTOOD),
        )
        turn, failures = away.tell(scene, turn), 0
    pending = replace(state.load(turn.state), failures=failures, at=scene.moment.timestamp())
    return replace(turn, state=state.dump(pending))
