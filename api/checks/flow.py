"""What is asked, in which order, and where in the check that is.

The bot's form says which question comes next; the order here is the same (a test holds it) and is
what is asked when the bot is away or an editor has taken a question out.
"""

from collections.abc import Mapping, Sequence

from api.content.check_documents import LAPSED, LISTED, UNLISTED, Check, Condition, Question

NOT_ASKED = "not-asked"
"""What the bot is told of a question that does not fit the answers before it."""

Answers = Mapping[str, str]


def question(check: Check, question_id: str | None) -> Question | None:
    """A question by its id."""
    return next((one for one in check.questions if one.id == question_id), None)


def next_question(check: Check, answers: Answers, told: str | None = None) -> Question | None:
    """The question that comes next; None when the check is done.

    Args:
        told: what the bot's form asks for; heeded where it can be asked.
    """
    waiting = [
        one for one in check.questions if one.id not in answers and asked(check, one, answers)
    ]
    return next((one for one in waiting if one.id == told), waiting[0] if waiting else None)


def asked(check: Check, one: Question, answers: Answers) -> bool:
    """Whether a question fits the answers before it."""
    return holds(check, one.only_if, answers)


def position(check: Check, answers: Answers, asked_now: Question) -> tuple[int, int]:
    """(which question this is, how many there are), counting only those that are asked."""
    known = [one.id for one in check.questions if one.id in answers]
    open_ones = [
        one.id
        for one in check.questions
        if one.id not in answers and (one.id == asked_now.id or not _ruled_out(check, one, answers))
    ]
    return len(known) + 1, len(known) + len(open_ones)


def for_the_bot(check: Check, answers: Answers) -> dict[str, str]:
    """What the bot's form is told: option ids, never an amount or a number that was typed."""
    told = {}
    for one in check.questions:
        if one.id in answers:
            told[one.id] = word_for_the_bot(one, answers[one.id])
        elif _ruled_out(check, one, answers):
            told[one.id] = NOT_ASKED
    return told


def word_for_the_bot(one: Question, value: str) -> str:
    """An answer without what a person typed."""
    options = {option.id for option in one.options} | {"yes", "no", "skipped"}
    return value if value in options else "given"


def holds(check: Check, conditions: Sequence[Condition], answers: Answers) -> bool:
    """Whether all conditions hold for the answers so far."""
    return all(_holds(check, condition, answers) for condition in conditions)


def _holds(check: Check, condition: Condition, answers: Answers) -> bool:
    given = answers.get(condition.question)
    if given is None:
        return False
    if condition.answer:
        return given in condition.answer or state_of_licence(given) in condition.answer
    figures = {figure.id: figure.amount for figure in check.figures}
    if not given.isdigit():
        return False
    amount = int(given)
    over = condition.over is None or amount > figures[condition.over]
    within = condition.up_to is None or amount <= figures[condition.up_to]
    return over and within


def state_of_licence(given: str) -> str | None:
    """What the look-up of a licence number came to, which is kept before the number."""
    state, found, _ = given.partition(":")
    return state if found and state in (LISTED, UNLISTED, LAPSED) else None


def _ruled_out(check: Check, one: Question, answers: Answers) -> bool:
    """It will not be asked, whatever comes: a question it depends on has another answer."""
    return any(
        condition.question in answers and not _holds(check, condition, answers)
        for condition in one.only_if
    )
