"""Amounts of rupees and ages as people write them."""

import pytest

from api.checks.amounts import rupees, strange, years


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("15000", 15_000),
        ("15,000", 15_000),
        ("Rs. 15,000/-", 15_000),
        ("1,50,000 rupay", 150_000),
        ("15 lakh", 1_500_000),
        ("15lakh", 1_500_000),
        ("1.5 lac", 150_000),
        ("12 lacs mangta hai", 1_200_000),
        ("50 hazar", 50_000),
        ("50k", 50_000),
        ("2 crore", 20_000_000),
        ("۱۵ لاکھ", 1_500_000),
        ("15 لاکھ روپے", 1_500_000),
        ("dhai lakh", 250_000),
        ("ڈیڑھ لاکھ", 150_000),
        ("kuch nahi", 0),
        ("مفت", 0),
        ("5 lakh pehle aur 10 lakh baad mein", 1_000_000),
        ("10 15 lakh", 1_500_000),
        ("sar 15 lakh maang raha hai", 1_500_000),
        ("15L", 1_500_000),
        ("15 l", 1_500_000),
        ("15.000", 15_000),
        ("1.500.000", 1_500_000),
        ("1.500 lakh", 150_000),
        ("15،000", 15_000),
        ("500 rupees", 500),
        ("do lakh", 200_000),
        ("paanch lakh", 500_000),
        ("پانچ لاکھ", 500_000),
        ("pachees hazar", 25_000),
        ("پچاس ہزار", 50_000),
        ("twenty five thousand", 25_000),
        ("sau hazar", 100_000),
        ("aadha lakh", 50_000),
        ("free hai", 0),
        ("muft", 0),
        ("bilkul muft", 0),
        ("کچھ نہیں مانگ رہا", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: int) -> None:
    assert rupees(text) == amount


@pytest.mark.parametrize(
    "text",
    ["5000 dollar", "3000 riyal", "$500", "2000 dinar", "2000 دینار", "3000 sr", "500 kd",
     "2000 euro", "bohat zyada", "", "9" * 40, "03001234567", "free visa de raha hai"],
)  # fmt: skip
def test_other_money_and_no_number_is_no_amount(text: str) -> None:
    assert rupees(text) is None


@pytest.mark.parametrize("text", ["1", "25", "۲۵", "2.5", "999", "25 maangta hai"])
def test_a_small_number_without_its_unit_is_asked_again_for_it_means_lakhs(text: str) -> None:
    assert rupees(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("wo 15 lakh maang raha hai", 0), ("وہ پندرہ لاکھ مانگ رہے ہیں", 0), ("Rs. 15,000/-", 0),
     ("beta libya me hai 15 lakh maang rahe", 2), ("15 lakh nahi diye to maar denge", 2)],
)  # fmt: skip
def test_words_that_are_no_part_of_an_amount_are_counted(text: str, count: int) -> None:
    assert strange(text) >= count if count else strange(text) == 0


@pytest.mark.parametrize(
    ("text", "age"),
    [("24", 24), ("24 saal", 24), ("۱۷", 17), ("I am 33 years old", 33), ("0", None),
     ("solah saal", 16), ("سترہ سال", 17), ("twenty", None), ("1990", None), ("20 ya 21", None)],
)  # fmt: skip
def test_an_age_is_one_number_of_years(text: str, age: int | None) -> None:
    assert years(text) == age
