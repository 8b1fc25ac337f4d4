"""In the bot's environment: reads bodies from stdin, says of each what `read_turn` made of it.

A body comes as its length in four bytes and itself; a line goes back: "turn", "413", "422", or
the name of whatever else was raised.
"""

import sys

from bot.turn import BadTurn, read_turn


def main() -> None:
    """Until stdin ends."""
    while head := sys.stdin.buffer.read(4):
        body = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        try:
            read_turn(body)
            said = "turn"
        except BadTurn as error:
            said = str(error.status)
        except Exception as error:  # noqa: BLE001  that is what is looked for
            said = type(error).__name__
        print(said, flush=True)


if __name__ == "__main__":
    main()
