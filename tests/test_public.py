"""The published answers for everybody: what is shown, how it is cached, and what never is."""

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import httpx2
import pytest
import schemathesis
import time_machine
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from api.channels.base import Form
from api.content import publishing
from api.content.catalogue import Catalogue, CatalogueKeeper
from api.content.documents import LANGUAGES, TopicDocument
from api.content.words import put_numbers_in, without_isolates, without_marks
from api.db import Store
from api.editorial import drafts
from api.public import public_router
from api.public.markup import to_html
from api.public.published import State, public_answer, topics
from api.public.wording import WORDING
from api.services import Services
from api.settings import Settings
from api.staff import accounts
from api.staff.roles import Role

TODAY = datetime.date(2026, 12, 1)
SENSITIVE = "protector-fees"
URGENT = "emergency-at-sea"


class Served:
    """The public routes alone, over a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        parts = Services.__new__(Services)
        object.__setattr__(parts, "settings", Settings(public_base_url="https://sahi.example"))
        object.__setattr__(parts, "keeper", CatalogueKeeper(store))
        self.app = FastAPI(openapi_url=None)
        self.app.include_router(public_router(parts))
        self.http = TestClient(self.app, raise_server_exceptions=True)

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self.http.get(path, **more)


@pytest.fixture
def served(filled_store: Store) -> Served:
    return Served(filled_store)


@pytest.fixture(scope="module")
def lasting(filled_file: Any) -> Iterator[Served]:
    """One for tests that change nothing."""
    store = Store(f"sqlite:///{filled_file}")
    yield Served(store)
    store.close()


def travel(day: datetime.date) -> time_machine.travel:
    """The time is that of a morning."""
    moment = datetime.datetime.combine(day, datetime.time(8), datetime.UTC)
    return time_machine.travel(moment, tick=False)


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with travel(TODAY):
        yield


def shown(response: httpx2.Response) -> str:
    """What a page says, spaces as one."""
    body = lxml_html.fromstring(response.text).find("body")
    return " ".join(body.text_content().split())


def change(store: Store, topic_id: str, **fields: Any) -> None:
    """Publish a topic anew with other fields."""
    with store.write() as session:
        published = CatalogueKeeper(store).current(session).topics[topic_id]
        document = published.document.model_copy(update=fields)
        publishing.publish(session, document, group=published.group, author="test")


# What is shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_published_topic_is_in_the_list_of_every_language_and_can_be_opened(
    lasting: Served, catalogue: Catalogue, language: str
) -> None:
    page = lasting.get(f"/answers/{language}")
    assert page.status_code == 200
    for published, document in topics(catalogue):
        assert f'href="/answers/{language}/{document.id}"' in page.text
        one = lasting.get(f"/answers/{language}/{document.id}")
        assert one.status_code == 200
        assert published.answer(language).title in unescape(one.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_has_its_words_its_short_form_its_sources_and_its_dates(
    lasting: Served, catalogue: Catalogue, language: str
) -> None:
    document = catalogue.topics[URGENT].document
    assert isinstance(document, TopicDocument)
    answer = catalogue.topics[URGENT].answer(language)
    page = lasting.get(f"/answers/{language}/{URGENT}")
    for line in answer.whatsapp.split("\n"):
        plain = without_isolates(
            without_marks(put_numbers_in(line, catalogue.helplines, language, Form.WHATSAPP))
        )
        assert " ".join(plain.removeprefix("- ").split()) in shown(page)
    assert answer.sms.split(":")[0] in shown(page)
    for source in document.sources:
        assert source.supports in shown(page)
        assert source.url in unescape(page.text)
        assert source.date is None or source.date in shown(page)
    assert f'datetime="{document.checked}"' in page.text
    assert f'datetime="{document.review_by}"' in page.text


def test_helplines_dial_and_addresses_open(lasting: Served, catalogue: Catalogue) -> None:
    page = lasting.get(f"/answers/ur/{URGENT}").text
    number = catalogue.helplines["alarm-phone"].number
    assert f'<a href="tel:{number}" dir="ltr">{number}</a>' in page
    assert 'class="call" href="tel:112" dir="ltr">112</a>' in page
    passport = lasting.get("/answers/en/passport-apply").text
    assert '<a href="https://dgip.gov.pk" dir="ltr">dgip.gov.pk</a>' in passport
    assert "<strong>First passport: go yourself to the passport office</strong>" in passport


def test_each_language_says_which_it_is_and_where_the_others_are(lasting: Served) -> None:
    for language, direction in (("en", "ltr"), ("ur", "rtl"), ("ur-Latn", "ltr")):
        page = lasting.get(f"/answers/{language}/{URGENT}").text
        assert f'<html lang="{language}" dir="{direction}">' in page
        address = "https://sahi.example/answers"
        assert f'<link rel="canonical" href="{address}/{language}/{URGENT}">' in page
        for other in LANGUAGES:
            link = f'<link rel="alternate" hreflang="{other}" href="{address}/{other}/{URGENT}">'
            assert link in page
    assert 'class="nastaliq"' in lasting.get("/answers/ur").text


def test_the_search_finds_answers_in_any_spelling(lasting: Served) -> None:
    for language, query, topic in (
        ("en", "pasport fees", "passport-apply"),
        ("ur", "پاسپورٹ فیس", "passport-apply"),
        ("ur", "pasport", "passport-apply"),
        ("ur-Latn", "dhunki", "dunki-what-happens"),
        ("en", "libya", "libya-route"),
    ):
        page = lasting.get(f"/answers/{language}", params={"q": query}).text
        found = page.split('class="found"')[1].split("</ol>")[0]
        assert f"/answers/{language}/{topic}" in found
    nothing = lasting.get("/answers/en", params={"q": "qwrtz"})
    assert WORDING["en"]["found-none"] in shown(nothing)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=300))
def test_no_query_breaks_the_search_or_the_page(lasting: Served, query: str) -> None:
    page = lasting.get("/answers/en", params={"q": query})
    assert page.status_code == 200
    field = lxml_html.fromstring(page.text).get_element_by_id("q")
    assert field.tag == "input"


def test_what_is_not_there_is_said_in_the_language_of_the_page(lasting: Served) -> None:
    for path, language in (
        ("/answers/ur/no-such-topic", "ur"),
        ("/answers/de", "en"),
        ("/answers/de/remittances", "en"),
    ):
        page = lasting.get(path)
        assert page.status_code == 404
        assert WORDING[language]["missing"] in shown(page)
        assert page.headers["cache-control"] == "no-store"


# What never is


def test_acts_ways_to_ask_and_drafts_are_not_shown(served: Served, catalogue: Catalogue) -> None:
    assert served.get("/answers/en/thanks").status_code == 404
    assert served.get("/api/answers/thanks").status_code == 404
    with served.store.write() as session:
        author = accounts.create(
            session, email="a@example.org", name="A", organisation="IOM", roles={Role.AUTHOR}
        )
        draft = drafts.open_draft(session, "remittances", author)
        answers = {code: dict(answer) for code, answer in draft.document["answers"].items()}
        answers["en"]["sms"] = "Nobody approved this."
        document = {**draft.document, "answers": answers}
        drafts.save(session, "remittances", document, (), "", author, version=draft.version)
    everything = served.get("/answers/en/remittances").text
    everything += served.get("/api/answers/remittances").text
    assert "Nobody approved this." not in everything
    assert "variants" not in everything
    for variant in catalogue.topics["remittances"].document.variants["en"]:
        assert len(variant) < 30 or variant not in unescape(everything)


def test_a_withdrawn_answer_is_gone_at_once(served: Served) -> None:
    assert served.get("/answers/en/remittances").status_code == 200
    with served.store.write() as session:
        publishing.withdraw(session, "remittances", author="test", reason="wrong")
    assert served.get("/answers/en/remittances").status_code == 404
    assert served.get("/api/answers/remittances").status_code == 404
    assert 'href="/answers/en/remittances"' not in served.get("/answers/en").text


def test_pages_have_no_script_no_cookie_and_load_nothing_from_elsewhere(lasting: Served) -> None:
    for path in ("/answers", "/answers/ur", f"/answers/ur/{URGENT}", "/answers/xx"):
        page = lasting.get(path)
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for address in re.findall(r'<(?:link rel="(?:stylesheet|icon)"|img)[^>]*', page.text):
            assert '"/static/' in address


def test_words_of_an_editor_are_never_markup(served: Served) -> None:
    with served.store.read() as session:
        published = CatalogueKeeper(served.store).current(session).topics["remittances"]
    attack = '<script>alert(1)</script>*<img src=x>* {helpline:"><b>} javascript:alert(1)'
    answer = published.answer("en").model_copy(update={"title": attack[:50], "whatsapp": attack})
    document = published.document.model_copy(
        update={"answers": {**published.document.answers, "en": answer}}
    )
    shown_answer = public_answer(
        CatalogueKeeper(served.store).current(),
        replace(published, document=document),
        document,  # type: ignore[arg-type]
        "en",
        TODAY,
    )
    assert "<script" not in shown_answer.html
    assert "<img" not in shown_answer.html
    assert "<strong>&lt;img src=x&gt;</strong>" in shown_answer.html


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.sampled_from("*_-1. <>&\"'{}:/.a@bZ\nfک"), max_size=60))
def test_whatever_is_written_the_html_has_only_our_elements(text: str) -> None:
    tree = lxml_html.fragment_fromstring(to_html(text, {}), create_parent="div")
    assert {one.tag for one in tree.iter()} <= {
        "div", "p", "ul", "ol", "li", "strong", "em", "a",
    }  # fmt: skip
    for link in tree.iter("a"):
        assert link.get("href").startswith(("https://", "http://", "mailto:"))
    # Nothing of the words is lost: what differs are marks, list signs and line ends.
    kept = re.sub(r"[*_\s]|^- |^\d{1,2}\. ", "", text, flags=re.MULTILINE)
    assert re.sub(r"[*_\s]", "", tree.text_content()) in (kept, re.sub(r"[*_\s]", "", text))


def test_marks_of_all_content_become_elements_as_on_the_phone(catalogue: Catalogue) -> None:
    for published, document in topics(catalogue):
        for language, answer in document.answers.items():
            plain = put_numbers_in(answer.whatsapp, catalogue.helplines, language, Form.WHATSAPP)
            expected = re.sub(
                r"^(?:- |\d{1,2}\. )", "", without_isolates(without_marks(plain)), flags=re.M
            )
            html = lxml_html.fragment_fromstring(
                to_html(answer.whatsapp, catalogue.helplines), create_parent="div"
            )
            told = "".join(html.text_content().split())
            assert told == "".join(expected.split()), (document.id, language)
            assert published.kind == "topic"


# How old it is


def test_past_its_review_an_answer_carries_the_warning_that_people_get(served: Served) -> None:
    change(served.store, "remittances", review_by=TODAY - datetime.timedelta(days=1))
    page = shown(served.get("/answers/en/remittances"))
    assert "confirm before you pay or travel" in page
    assert served.get("/api/answers/remittances").json()["state"] == State.PAST_REVIEW
    assert WORDING["en"]["overdue"] in served.get("/answers/en").text


@pytest.mark.parametrize(("days", "given_still"), [(30, True), (31, False)])
def test_a_sensitive_answer_is_withheld_as_it_is_on_the_phone(
    served: Served, catalogue: Catalogue, days: int, given_still: bool
) -> None:
    checked = TODAY - datetime.timedelta(days=90)
    change(
        served.store, SENSITIVE, checked=checked, review_by=TODAY - datetime.timedelta(days=days)
    )
    for language in LANGUAGES:
        words = catalogue.topics[SENSITIVE].answer(language).sms
        page = shown(served.get(f"/answers/{language}/{SENSITIVE}"))
        assert (" ".join(words.split())[:40] in page) is given_still
        number = catalogue.helplines["mrc"].number
        assert given_still or number in page
    data = served.get(f"/api/answers/{SENSITIVE}").json()
    assert data["state"] == (State.PAST_REVIEW if given_still else State.WITHHELD)


def test_danger_is_never_withheld(served: Served) -> None:
    change(
        served.store,
        URGENT,
        checked=TODAY - datetime.timedelta(900),
        review_by=TODAY - datetime.timedelta(800),
    )
    assert served.get(f"/api/answers/{URGENT}").json()["state"] == State.PAST_REVIEW


# Caching


@pytest.mark.parametrize(
    "path",
    ["/answers", "/answers/ur", f"/answers/en/{URGENT}", "/api/answers", f"/api/answers/{URGENT}"],
)
def test_who_has_it_already_gets_304_until_something_is_published_or_the_day_turns(
    served: Served, path: str
) -> None:
    first = served.get(path)
    assert first.headers["cache-control"] == "public, max-age=60"
    tag = {"If-None-Match": first.headers["etag"]}
    weak = {"If-None-Match": f'"x", W/{first.headers["etag"]}'}
    for known in (tag, weak):
        again = served.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    with travel(TODAY + datetime.timedelta(days=1)):
        assert served.get(path, headers=tag).status_code == 200
    change(served.store, "remittances", source_short="Dawn")
    assert served.get(path, headers=tag).status_code == 200


def test_head_says_the_same_as_get_for_pages(lasting: Served) -> None:
    for path in ("/answers", "/answers/en", f"/answers/en/{URGENT}"):
        assert lasting.http.head(path).headers["etag"] == lasting.get(path).headers["etag"]


# The data


def test_the_pages_of_the_list_hold_every_topic_once(lasting: Served, catalogue: Catalogue) -> None:
    found: list[str] = []
    pages = lasting.get("/api/answers").json()["pages"]
    for page in range(1, pages + 1):
        listed = lasting.get("/api/answers", params={"page": page, "language": "ur"}).json()
        assert all(list(one["answers"]) == ["ur"] for one in listed["topics"])
        found += [one["id"] for one in listed["topics"]]
    assert found == [document.id for _, document in topics(catalogue)]
    assert lasting.get("/api/answers", params={"page": pages + 1}).json()["topics"] == []
    papers = lasting.get("/api/answers", params={"group": "papers"}).json()
    assert {one["group"] for one in papers["topics"]} == {"papers"}


def test_the_data_says_what_the_page_says(lasting: Served, catalogue: Catalogue) -> None:
    data = lasting.get(f"/api/answers/{URGENT}").json()
    assert set(data["answers"]) == set(LANGUAGES)
    english = data["answers"]["en"]
    assert "112" in english["text"]
    assert "*" not in english["text"]
    assert english["address"] == f"https://sahi.example/answers/en/{URGENT}"
    assert english["html"] in lasting.get(f"/answers/en/{URGENT}").text
    assert [one["url"] for one in data["sources"]] == [
        source.url
        for source in catalogue.topics[URGENT].document.sources  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/answers/no-such-topic", 404),
        ("/api/answers?page=0", 422),
        ("/api/answers?language=de", 422),
        ("/api/answers?group=A%20B", 422),
    ],
)
def test_errors_are_problems_and_open_to_every_origin(
    lasting: Served, path: str, status: int
) -> None:
    answer = lasting.get(path, headers={"Origin": "https://paper.example"})
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"


def test_the_description_names_these_two_routes_and_nothing_else(lasting: Served) -> None:
    description = lasting.get("/api/openapi.json").json()
    assert set(description["paths"]) == {"/api/answers", "/api/answers/{topic}"}
    assert "HTTPValidationError" not in json.dumps(description)
    assert all(list(path) == ["get"] for path in description["paths"].values())


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", ["/api/answers", "/api/answers/{topic}"])
def test_schemathesis_finds_nothing(lasting: Served, path: str, mode: GenerationMode) -> None:
    description = schemathesis.openapi.from_asgi("/api/openapi.json", lasting.app)
    cases = description[path]["GET"].as_strategy(generation_mode=mode)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=cases, topic=st.sampled_from([None, URGENT, SENSITIVE]))
    def holds(case: Any, topic: str | None) -> None:
        if topic is not None and case.path_parameters:
            case.path_parameters["topic"] = topic
        case.call_and_validate()

    holds()


# The words around


def test_every_language_has_every_word_of_the_pages() -> None:
    names = [set(wording) for wording in WORDING.values()]
    assert names[0] == names[1] == names[2]
    for name in names[0]:
        assert re.search("[\u0600-\u06ff]", WORDING["ur"][name]), name
        assert not re.search("[\u0600-\u06ff]", WORDING["ur-Latn"][name]), name
