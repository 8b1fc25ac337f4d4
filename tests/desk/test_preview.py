"""The preview: what people would see, how long it is, how many segments, what it costs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from api.channels.base import Form
from api.channels.segments import Encoding, measure
from api.channels.simulator import SMS, WHATSAPP
from api.content.catalogue import Catalogue
from api.content.cost import Price, read_price
from api.content.documents import LANGUAGES
from api.desk.access import Desk
from api.desk.preview import Preview, Previewer, rich
from api.errors import SettingsError
from api.reply.compose import Composer
from api.settings import Settings, read_settings
from api.staff.roles import Role
from tests.desk.fixtures import DeskClient, words

LogIn = Callable[..., DeskClient]


def seen(desk: Desk, language: str, form: Form, text: str) -> Preview:
    document = {"id": "x", "answers": {language: {form.value: text, "source": "BEOE"}}}
    catalogue = desk.services.keeper.current()
    return Previewer(desk).one(catalogue, document, "topic", language, form)


def test_the_preview_is_word_for_word_what_people_get(desk: Desk, catalogue: Catalogue) -> None:
    previewer = Previewer(desk)
    for topic_id in ("protector-fees", "emergency-at-sea", "greet"):
        item = catalogue.topics[topic_id]
        shown = previewer.all_of(item.document.plain(), item.kind)
        for language in LANGUAGES:
            sms = Composer(catalogue, language, SMS).topic(item)
            assert shown[f"sms.{language}"].bubble.unescape() == sms.reply.text
            assert shown[f"sms.{language}"].segments == measure(sms.reply.text).segments
            assert shown[f"sms.{language}"].more == len(sms.more)
            rich_form = Composer(catalogue, language, WHATSAPP).topic(item)
            assert shown[f"whatsapp.{language}"].bubble == rich(rich_form.reply.text)


def test_numbers_from_the_phone_book_count_as_they_are_dialled(desk: Desk) -> None:
    shown = seen(desk, "en", Form.SMS, "Call {helpline:police}")
    assert shown.characters == len("Call 15")
    assert "Call 15" in shown.bubble
    unknown = seen(desk, "en", Form.SMS, "Call {helpline:nobody}")
    assert unknown.unknown == ("nobody",)


def test_a_letter_that_doubles_the_price_is_named(desk: Desk) -> None:
    plain = seen(desk, "en", Form.SMS, "Don't pay " * 15)
    curly = seen(desk, "en", Form.SMS, "Don’t pay " * 15)
    assert (plain.encoding, plain.dear) == (Encoding.GSM_7, False)
    assert (curly.encoding, curly.dear) == (Encoding.UCS_2, True)
    assert curly.segments > plain.segments
    assert not seen(desk, "ur", Form.SMS, "پیسے مت دیں").dear


@pytest.mark.parametrize(
    ("language", "form", "limit"),
    [("en", Form.WHATSAPP, 620), ("en", Form.SMS, 400), ("ur", Form.SMS, 160)],
)
def test_the_limit_is_that_of_the_language_and_form(
    desk: Desk, language: str, form: Form, limit: int
) -> None:
    letter = "ک" if language == "ur" else "k"
    assert not seen(desk, language, form, letter * limit).too_long
    assert seen(desk, language, form, letter * (limit + 1)).too_long


def test_stars_are_bold_on_whatsapp_and_nothing_else_is_ever_markup() -> None:
    assert rich("*a* _b_ 2*3*4 <b>") == "<strong>a</strong> <em>b</em> 2*3*4 &lt;b&gt;"
    assert rich("*<i>&*") == "<strong>&lt;i&gt;&amp;</strong>"


def test_the_cost_is_that_of_all_segments_of_a_thousand_sends(desk: Desk) -> None:
    settings = Settings(data_dir=Path("var"), sms_price="0.0473 USD", whatsapp_price="0.02 USD")
    services = replace(desk.services, settings=settings)
    paid = replace(desk, services=services)
    text = "k" * 161
    assert seen(paid, "en", Form.SMS, text).cost == "94.60 USD"
    assert seen(paid, "en", Form.WHATSAPP, text).cost == "20.00 USD"
    assert seen(desk, "en", Form.SMS, text).cost == ""


def test_a_price_is_an_amount_and_a_currency() -> None:
    price = read_price("12.5 PKR")
    assert price is not None
    assert price.of(3) == "37,500 PKR"
    assert Price(price.amount, "USD").of(0) == "0.00 USD"
    assert read_price("") is None
    with pytest.raises(ValueError, match="amount"):
        read_price("cheap")


@pytest.mark.parametrize("price", ["cheap", "1,5 EUR", "0.05", "-1 USD"])
def test_a_price_that_is_none_is_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, price: str
) -> None:
    monkeypatch.setenv("SAHI_SMS_PRICE", price)
    with pytest.raises(SettingsError, match="SAHI_SMS_PRICE"):
        read_settings()


def test_typing_gets_a_fragment_and_changes_nothing(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    fields = {"sms.ur": "پیسے مت دیں {helpline:police}", "checked": "2026-11-02"}
    answer = author.post(
        "/desk/topics/protector-fees/preview?language=ur&form=sms&kind=topic", fields
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'lang="ur" dir="rtl"' in answer.text
    assert "1 segment UCS-2" in words(answer)
    assert "2.11.26" in answer.text


def test_a_preview_of_something_else_is_refused(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    for query in ("language=fr&form=sms&kind=topic", "language=ur&form=fax&kind=topic"):
        assert author.post(f"/desk/topics/x/preview?{query}", {}).status_code == 422
