"""What is said to be wrong with a draft."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.content.files import ContentSet
from api.content.publishing import digest
from api.editorial import quality
from api.editorial.shape import shaped
from api.errors import ContentError
from tests.editorial.conftest import ACT, PLAIN, SENSITIVE, URGENT
from tests.editorial.people import copied


def faults(content: ContentSet, document: dict[str, object]) -> dict[tuple[str | int, ...], str]:
    kept = shaped(document, SENSITIVE, "topic")
    return dict(quality.faults(kept, "topic", content.helplines))


@pytest.mark.parametrize("topic_id", [PLAIN, SENSITIVE, URGENT, ACT])
def test_what_is_published_has_no_fault_and_keeps_its_shape(
    content: ContentSet, topic_id: str
) -> None:
    file = content.topics[topic_id]
    document = file.document.plain()
    kept = shaped(document, topic_id, file.kind)
    assert digest(kept) == digest(document)
    assert quality.faults(kept, file.kind, content.helplines) == ()
    assert quality.complete(kept, file.kind) == file.document


def test_each_fault_stands_at_its_field(content: ContentSet) -> None:
    document = copied(content.topics[SENSITIVE].document.plain())
    answers, variants = document["answers"], document["variants"]
    answers["en"]["title"] = "x" * 61
    answers["en"]["source"] = ""
    answers["ur"]["title"] = "fees"
    answers["ur-Latn"]["sms"] = answers["ur-Latn"]["sms"].replace("22,200", "22,300")
    answers["ur-Latn"]["whatsapp"] = "Call 0300 1234567. " + answers["ur-Latn"]["whatsapp"]
    variants["en"] = variants["en"][:5]
    variants["ur"] = [*variants["ur"], "in english words only please"]
    document["sources"][1]["url"] = "two words"
    document["checked"] = "2026-02-30"
    document["source_short"] = "much longer than an SMS has room for"
    found = faults(content, document)
    assert set(found) == {
        ("answers", "en", "title"),
        ("answers", "en", "source"),
        ("answers", "ur", "title"),
        ("answers", "ur-Latn", "sms"),
        ("answers", "ur-Latn", "whatsapp"),
        ("variants", "en"),
        ("variants", "ur", len(variants["ur"]) - 1),
        ("sources", 1, "url"),
        ("checked",),
        ("source_short",),
    }
    assert found["answers", "en", "title"] == "has 61 characters, at most 60"
    assert found["source_short",] == "is too long: at most 14 characters"


def test_without_the_english_the_others_are_not_blamed_for_differing_from_it(
    content: ContentSet,
) -> None:
    document = copied(content.topics[SENSITIVE].document.plain())
    del document["answers"]["en"]
    assert {path[:2] for path in faults(content, document)} == {("answers", "en")}


def test_amounts_that_are_written_otherwise_are_compared_too(content: ContentSet) -> None:
    document = copied(content.topics[SENSITIVE].document.plain())
    for code, text in (
        ("en", "Rs 5 lakh."),
        ("ur", "5 ہزار روپے۔"),
        ("ur-Latn", "Rs 5 lakh hain."),
    ):
        document["answers"][code]["sms"] = text
    assert faults(content, document) == {
        ("answers", "ur", "sms"): "amounts differ from the English: "
        "only here 5000; only there 500000"
    }


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["en", "ur", "sms", "name"]), inner, max_size=2)
    ),
    max_leaves=6,
)
parts = st.sampled_from(
    ["id", "sensitive", "checked", "review_by", "source_short", "sources", "answers", "variants"]
)


@given(st.dictionaries(parts, anything, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_sent_is_refused_or_can_be_judged(document: dict[str, object]) -> None:
    try:
        kept = shaped(document, "a-topic", "topic")
    except ContentError:
        return
    assert quality.faults(kept, "topic", {})
    quality.remarks(kept, "topic", {})
    assert shaped(kept, "a-topic", "topic") == kept
    digest(kept)
