"""The calibration for an index too small to make its own (a store with a few first topics).

Fitted on held-out texts of thirty random small parts of `content/`, nine to fifteen topics each.
"""

from bot.components.calibration import Calibration, Odds

SHIPPED = Calibration(
    topic=Odds(
        (
            0.228,
            1.462,
            0.597,
            0.036,
            0.259,
            0.011,
            -0.858,
            -0.045,
            5.121,
            0.261,
            0.870,
        ),
        -6.392,
    ),
    act=Odds(
        (
            -1.425,
            0.862,
            1.173,
            0.386,
            0.447,
            -0.921,
            -0.744,
            0.071,
            4.043,
            -0.665,
            0.821,
        ),
        -4.064,
    ),
    among=Odds(
        (
            1.972,
            -1.162,
            0.601,
            0.378,
            0.203,
            0.954,
            -1.701,
            -0.165,
            4.419,
            -0.110,
            0.235,
        ),
        -2.174,
    ),
    answer=0.83,
    follow=0.58,
    choice=0.60,
    held_out=0,
)
