"""Outside the hours of duty: who asked for a human is told honestly when one is here again."""

from dataclasses import replace

from api.content.expiry import PAKISTAN
from api.content.words import written_hour
from api.reply.scene import Scene, Turn


def tell(scene: Scene, turn: Turn) -> Turn:
    """The turn, with a line when nobody is here now; as it is where nobody has said when."""
    again = scene.away() if scene.away is not None else None
    if again is None:
        return turn
    composer = scene.composer
    when = written_hour(
        again.astimezone(PAKISTAN), scene.moment.astimezone(PAKISTAN), scene.language
    )
    line = composer.notice("counsellors-away", when=when)
    return replace(turn, replies=composer.followed_by(turn.replies, line))
