"""Comments: from everybody who may read, with words in them."""

import pytest

from api.db import Store
from api.editorial import comments
from api.errors import NotReady
from tests.editorial.conftest import PLAIN
from tests.editorial.people import People


def test_whoever_may_read_may_say_something(edited: Store, people: People) -> None:
    with edited.write() as session:
        comments.add(session, PLAIN, " People ask \x00 about fees. ", people.ghazala)
        comments.add(session, PLAIN, "<script>alert(1)</script>", people.amna)
        said = comments.of_topic(session, PLAIN)
        older = comments.of_topic(session, PLAIN, before=said[0].id)
    assert [(comment.author, comment.text) for comment in said] == [
        ("Amna", "<script>alert(1)</script>"),
        ("Ghazala", "People ask  about fees."),
    ]
    assert older == said[1:]


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "x" * 2001])
def test_a_comment_has_words_and_not_too_many(edited: Store, people: People, text: str) -> None:
    with pytest.raises(NotReady) as raised, edited.write() as session:
        comments.add(session, PLAIN, text, people.amna)
    assert raised.value.code == "comment"
