"""What each class of Twilio's error codes makes the outbox do."""

import pytest

from api.channels.twilio_errors import explain, send_error
from api.errors import SendError

LATER = [20429, 21611, 30001, 30003, 30005, 30008, 30017, 30410]
LATER_CHANNEL = [63009, 63010, 63012, 63017, 63018]
NEVER = [21211, 21614, 30004, 30006, 30007, 63003, 63024, 63033]
OUR_BUG = [21602, 21603, 21604, 21609, 21617, 21619, 21620, 21623, 21624, 90007]
OUR_BUG_CONTENT = [21654, 21655, 21656, 21658, 63005, 63013, 63019, 63021, 63028, 63030, 11751]
CONFIGURATION = [20003, 20404, 21212, 21217, 21408, 21606, 21608, 21612, 21703, 21704, 14107]
CONFIGURATION_CHANNEL = [30002, 30018, 63001, 63007, 63008, 63015, 63020, 63027, 63038, 63051]
TEMPLATE = [63040, 63041, 63042]
DEBUGGER = [11200, 11205, 11210, 11220, 11235, 11237, 11750, 12100, 12300, 57012]
DROP = [30036, 63016, 63032]


def facts(error: SendError) -> tuple[bool, bool, bool, bool]:
    return error.retryable, error.alert, error.opted_out, error.unknown_outcome


@pytest.mark.parametrize("code", [*LATER, *LATER_CHANNEL])
@pytest.mark.parametrize("status", [None, 400, 429])
def test_a_passing_trouble_is_tried_again(code: int, status: int | None) -> None:
    assert facts(send_error(str(code), status)) == (True, False, False, False)


@pytest.mark.parametrize("code", NEVER)
def test_a_person_who_cannot_be_reached_is_not_tried_again(code: int) -> None:
    assert explain(str(code)).permanent
    error = send_error(str(code))
    assert not error.retryable
    assert not error.opted_out


@pytest.mark.parametrize(
    "code",
    [
        *OUR_BUG,
        *OUR_BUG_CONTENT,
        *CONFIGURATION,
        *CONFIGURATION_CHANNEL,
        *TEMPLATE,
        *DEBUGGER,
        30007,
    ],
)
@pytest.mark.parametrize("status", [None, 400])
def test_what_somebody_must_repair_raises_an_alert(code: int, status: int | None) -> None:
    assert facts(send_error(str(code), status)) == (False, True, False, False)


@pytest.mark.parametrize("code", DROP)
def test_what_nobody_can_repair_is_dropped_in_silence(code: int) -> None:
    assert facts(send_error(str(code))) == (False, False, False, False)


@pytest.mark.parametrize("status", [None, 400])
def test_an_opt_out_is_an_opt_out_at_once_and_later(status: int | None) -> None:
    assert facts(send_error("21610", status)) == (False, False, True, False)


def test_the_daily_cap_is_not_tried_again_although_it_is_a_429() -> None:
    assert facts(send_error("63038", 429)) == (False, True, False, False)


@pytest.mark.parametrize("code", ["20500", "20503", "500", "502", "63010", "20429", "21610"])
@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_after_a_failure_of_twilio_nobody_knows(code: str, status: int) -> None:
    error = send_error(code, status)
    assert error.unknown_outcome
    assert not error.retryable


def test_after_a_request_that_timed_out_nobody_knows() -> None:
    assert send_error("408", 408).unknown_outcome


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 307, 429])
def test_an_unknown_code_is_never_a_reason_to_send_again(status: int) -> None:
    assert facts(send_error("99999", status)) == (False, True, False, False)


def test_an_unknown_code_of_a_status_is_never_a_reason_to_send_again() -> None:
    assert facts(send_error("99999")) == (False, True, False, False)
    assert facts(send_error("nonsense")) == (False, True, False, False)


def test_a_429_without_a_code_was_not_processed() -> None:
    assert facts(send_error("429", 429)) == (True, False, False, False)


def test_the_wait_that_was_asked_for_is_passed_on() -> None:
    assert send_error("20429", 429, 7.0).retry_after == 7.0


def test_every_explanation_is_a_sentence_for_an_operator() -> None:
    for code in [*LATER, *LATER_CHANNEL, *NEVER, *OUR_BUG, *CONFIGURATION, *DROP, 21610]:
        text = explain(str(code)).text
        assert text[0].isupper()
        assert text.endswith(".")
