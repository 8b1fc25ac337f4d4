"""Amounts of rupees and ages as people write them."""

import pytest

from api.checks.amounts import rupees, years


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
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: int) -> None:
    assert rupees(text) == amount


@pytest.mark.parametrize("text", ["5000 dollar", "3000 riyal", "$500", "bohat zyada", "", "9" * 40])
def test_other_money_and_no_number_is_no_amount(text: str) -> None:
    assert rupees(text) is None


@pytest.mark.parametrize(
    ("text", "age"),
    [("24", 24), ("24 saal", 24), ("۱۷", 17), ("I am 33 years old", 33), ("0", None),
     ("twenty", None), ("1990", None), ("20 ya 21", None)],
)  # fmt: skip
def test_an_age_is_one_number_of_years(text: str, age: int | None) -> None:
    assert years(text) == age
