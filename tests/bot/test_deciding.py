"""Act or topic: both opinions on a turn, weighed."""

from bot.components.deciding import decide
from bot.components.index import NOTHING, Index, Match

INDEX = Index.from_labels(["agent fee", "passport taken"], ["fees", "passport"])
INDEX.acts = frozenset({"greet", "stop"})


def match(band: str, *ranked: tuple[str, float]) -> Match:
    return Match(band, ranked, 5, 0.9)  # type: ignore[arg-type]


def test_a_sure_topic_is_answered_whatever_the_classifier_says() -> None:
    found = decide(INDEX, match("answer", ("fees", 0.95)), [("greet", 0.99)], 3)
    assert (found.band, found.topic) == ("answer", "fees")


def test_a_sure_act_is_followed() -> None:
    found = decide(INDEX, match("answer", ("greet", 0.8), ("fees", 0.1)), [("question", 0.9)], 9)
    assert (found.band, found.act, found.candidates) == ("act", "greet", (("fees", 0.1),))


def test_an_act_both_name_is_followed_below_the_edge() -> None:
    unsure = match("choice", ("greet", 0.45), ("fees", 0.2))
    assert decide(INDEX, unsure, [("greet", 0.5)], 9).act == "greet"
    assert decide(INDEX, unsure, [("stop", 0.5)], 9).band == "choice"


def test_the_classifier_alone_is_believed_about_few_words_only() -> None:
    unsure = match("choice", ("fees", 0.3), ("passport", 0.2))
    assert decide(INDEX, unsure, [("stop", 0.9)], 2).act == "stop"
    assert decide(INDEX, unsure, [("stop", 0.9)], 8).band == "choice"
    assert decide(INDEX, match("choice", ("fees", 0.7)), [("stop", 0.9)], 2).band == "choice"


def test_an_unsure_topic_is_a_choice_of_topics_without_acts() -> None:
    found = decide(INDEX, match("choice", ("greet", 0.3), ("fees", 0.2)), [("question", 0.9)], 5)
    assert (found.band, found.candidates) == ("choice", (("fees", 0.2),))


def test_nothing_known_is_never_an_act() -> None:
    assert decide(INDEX, NOTHING, [("greet", 0.99)], 0).band == "unknown"


def test_without_an_index_only_a_very_sure_act_is_followed() -> None:
    assert decide(None, None, [("greet", 0.9)], 1).act == "greet"
    assert decide(None, None, [("greet", 0.6)], 1).band == "unknown"
    assert decide(None, None, [("question", 0.99)], 5).band == "unknown"
    assert decide(None, None, [], 0).band == "unknown"
