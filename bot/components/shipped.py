"""The calibration for an index too small to make its own (a store with a few first topics).

Fitted on 15,300 held-out texts of thirty random small parts of `content/`, nine to fifteen topics
each, without the pairs of evidence: those need more texts than a first store has.
"""

from bot.components.calibration import Calibration, Odds
from bot.components.evidence import NAMES


def _odds(plain: tuple[float, ...], offset: float) -> Odds:
    return Odds((*plain, *(0.0,) * (len(NAMES) - len(plain))), offset)


SHIPPED = Calibration(
    topic=_odds(
        (0.83, 0.318, 0.212, 0.083, 0.202, 0.123, 0.106, 0.225, 2.745, 0.395, 0.713), -4.312
    ),
    act=_odds(
        (0.358, 0.445, 0.3, 0.075, 0.227, -0.067, -0.009, 0.322, 1.007, -0.17, 0.267), -1.827
    ),
    among=_odds(
        (0.237, -0.359, 0.098, 0.09, 0.207, 0.749, -0.104, -0.014, 1.383, -0.011, 0.416), -2.187
    ),
    answer=0.65,
    follow=0.55,
    choice=0.48,
    held_out=0,
)
