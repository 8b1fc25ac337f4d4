"""The words of the weekly letter, in the two languages of the desk."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Places: {organisation}, {count}, {title}, {day}, {address}."""

    subject: str
    opening: str
    withheld: str
    past: str
    soon: str
    dead: str
    numbers: str
    nobodys: str
    topic: str
    number: str
    others: str
    where: str
    months: tuple[str, ...]


WORDS: Mapping[str, Words] = {
    "en": Words(
        subject="Sahi Rasta: {count} things to check ({organisation})",
        opening="This is what {organisation} should look at this week.",
        withheld="NOT GIVEN ANY MORE ({count}). People get a helpline instead. Check these first:",
        past="PAST THEIR REVIEW ({count}). People get these with a warning:",
        soon="DUE IN THE NEXT 30 DAYS ({count}):",
        dead="DEAD NUMBERS THAT PEOPLE ARE STILL TOLD ({count}):",
        numbers="NUMBERS THAT NOBODY VERIFIED FOR 90 DAYS ({count}):",
        nobodys="Answers that are due and that nobody owns: {count}. Take yours over.",
        topic="- {title} (review by {day})",
        number="- {title}: {address}",
        others="- and {count} more",
        where="Everything that is due: {address}",
        months=tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()),
    ),
    "ur": Words(
        subject="صحیح راستہ: {count} چیزیں جانچنے کی ({organisation})",
        opening="اس ہفتے {organisation} کو یہ دیکھنا ہے۔",
        withheld="جو اب نہیں دیے جاتے ({count})۔ لوگوں کو ہیلپ لائن ملتی ہے۔ پہلے یہ جانچیں:",
        past="جن کی جانچ کا دن گزر گیا ({count})۔ لوگوں کو تنبیہ کے ساتھ ملتے ہیں:",
        soon="اگلے 30 دن میں ({count}):",
        dead="بند نمبر جو لوگوں کو اب بھی بتائے جاتے ہیں ({count}):",
        numbers="نمبر جن کی 90 دن سے تصدیق نہیں ہوئی ({count}):",
        nobodys="جن کا کوئی ذمہ دار نہیں اور جانچ باقی ہے: {count}۔ آپ کے ہوں تو ذمہ داری لیں۔",
        topic="- {title} (جانچ کا دن {day})",
        number="- {title}: {address}",
        others="- اور {count} مزید",
        where="سب کچھ جو باقی ہے: {address}",
        months=tuple("جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر".split()),
    ),
}
