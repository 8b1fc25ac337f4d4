"""What is said again and again, said once: "visa visa visa" asks no more than "visa".

A thumb that rests on paste, a loop between two programs and voice typing that stutters send the
same words many times. Each repetition would count as if another person had said it.
"""

from spelling.normalise import words

_LONGEST = 12  # words of what is repeated
_TIMES = 3  # "bohat bohat shukria" and "jaldi jaldi" are how people speak


def said_once(text: str) -> str:
    """The text with every run of three or more repetitions of the same words said once.

    Only then are its words normalised; a text that repeats nothing comes back as it is. A last
    repetition that was cut off between two words goes with the run.
    """
    said = words(text)
    left = said
    for length in range(1, _LONGEST + 1):
        left = _shortened(left, length)
    return text if left == said else " ".join(left)


def _shortened(said: list[str], length: int) -> list[str]:
    """The words without the repetitions of any `length` words that follow one another."""
    kept: list[str] = []
    place = 0
    while place < len(said):
        end = place + length
        while end < len(said) and said[end] == said[end - length]:
            end += 1
        if end - place >= _TIMES * length:
            kept += said[place : place + length]
            place = end
        else:
            kept.append(said[place])
            place += 1
    return kept
