"""When two unanswered questions are nearly the same.

A question is known by its *key*: the distinct content words, each as its spelling skeleton, in
alphabetical order. Question words, negations and numbers are signs that must agree exactly:
"where" is no misspelling of "when", nor "not allowed" of "allowed".
"""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources import files

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from spelling import skeleton, words

KEY_LENGTH = 200
WORD_LENGTH = 40
NEARLY = 90.0
"""Least likeness of two keys, in rapidfuzz's token_set_ratio (0 to 100)."""

BLOCKS = 3
"""By how many of its longest words a question looks for others like it."""

_SIGNS: dict[str, str] = {
    word: sign
    for sign, some in {
        "?where": "where kahan kahaan kahan kahn kidhar kider کہاں کدھر",
        "?when": "when kab kb کب",
        "?why": "why kyun kyu kyon kiyun kiun kun کیوں",
        "?how": "how kaise kese kaisay kesay kesy kaisey کیسے کسطرح",
        "?who": "who whom kaun kon کون",
        "?much": "much many kitna kitne kitni kitny kitnay ktna ktne ktni کتنا کتنے کتنی",
        "!not": (
            "not no without dont don't cant can't wont won't doesn't didn't isn't never nahi nahin "
            "nahe nai nhi nahee na mat bina bagair baghair نہیں نہ مت بغیر بنا نا"
        ),
    }.items()
    for word in words(some)
}

# Written down for telling the languages apart; these of them do say what is asked.
_TELLING = frozenset(
    words(
        """
        kaam kaghaz kaghzat khatra galat ghalat paisa paisay paise paisy qanoon qanooni madad
        maddad mulk naukri nokri naukhri nakli naqli rishtedar saal mahina raat jhoot gum
        gumshuda maar pakar pakra ghar walid walida beta beti behan biwi shohar larka larki
        abbu ammi wapas wapis chor bahar lakh hazar job jobs legal legally work working after
        before under over pehle baad
        """
    )
)
_URDU_SMALL = (
    "ہے ہیں ہوں ہو ہوتا ہوتی ہوتے ہوگا ہوگی گے گا گی تھا تھی تھے کا کی کے "
    "کو سے میں نے پر اور یا بھی تو تک ہی یہ وہ اس ان جو کہ کیا کوئی کچھ کسی "
    "مجھے میرا میری میرے ہم ہمیں ہمارا ہماری ہمارے آپ تم اپنا اپنی اپنے لیے "
    "لئے لیئے کر کرنا کرنی کرنے کریں کرو کرتا کرتے کرتی کیسا چاہیے چاہئے "
    "چاہتا چاہتی سکتا سکتی سکتے جی ہاں پلیز بتائیں بتاؤ بتا دیں دے دو دینا "
    "رہا رہی رہے ملے ملتا ملتی والا والی والے ایک اب یہاں وہاں بات جناب سر "
    "بھائی سلام ساتھ "
)


def _small() -> frozenset[str]:
    lists = files("spelling")
    known = " ".join(
        (lists / name).read_text("utf-8") for name in ("roman_urdu.txt", "english.txt", "both.txt")
    )
    return (
        frozenset(words(known + " sir madam jee bhaijan yr plese pls " + _URDU_SMALL))
        - _TELLING
        - frozenset(_SIGNS)
    )


_SMALL = _small()


def keys_in(text: str) -> tuple[str, ...]:
    """The content words and signs of a text, distinct and in order of the alphabet.

    Only small words: those are taken. No word at all: empty.
    """
    asked = words(text)
    found = {_key(word) for word in asked if not _is_small(word)} - {""}
    if not any(key[0] not in "?!" for key in found):
        found |= {_key(word) for word in asked} - {""}
    return tuple(sorted(found))


def _is_small(word: str) -> bool:
    return word in _SMALL or (len(word) == 1 and word.isalpha())


def _key(word: str) -> str:
    sign = _SIGNS.get(word)
    if sign is not None:
        return sign
    if word.isascii() and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]  # "visas" and "visa"
    # "viza" and "visa": z and s are one sound to whoever writes Urdu.
    return (skeleton(word).replace("z", "s") or word)[:WORD_LENGTH]


def key_of(keys: Iterable[str]) -> str:
    """The keys as one line of at most `KEY_LENGTH` characters; of a ramble, the end as a hash."""
    whole = " ".join(keys)
    if len(whole) <= KEY_LENGTH:
        return whole
    digest = hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()
    kept = whole[: KEY_LENGTH - len(digest) - 2].rsplit(" ", 1)[0]
    return f"{kept} #{digest}"


def blocks(keys: Iterable[str]) -> tuple[str, ...]:
    """The longest words of a question: one that is nearly the same has one of them, too."""
    told = [key for key in keys if key[0] not in "?!"]
    return tuple(sorted(told, key=lambda key: (-len(key), key))[:BLOCKS])


def nearest(key: str, others: Mapping[int, str]) -> int | None:
    """Which of the keys is nearly the same, the likest first; None when none is."""
    alike_first = process.extract(
        key, others, scorer=fuzz.token_set_ratio, score_cutoff=NEARLY, limit=10
    )
    mine = frozenset(key.split())
    for other, _score, number in alike_first:
        if _same_but_for_spelling(mine, frozenset(other.split())):
            return number
    return None


def _same_but_for_spelling(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether all words pair off, but for one more word beside four that do.

    (token_set_ratio alone calls "visa" and "visa fee for Oman" the same.)
    """
    if _signs(one) != _signs(other):
        return False
    paired = len(one & other)
    right = sorted(other - one)
    alone = 0
    for word in sorted(one - other):
        match = next((near for near in right if _misspelt(word, near)), None)
        if match is None:
            alone += 1
        else:
            right.remove(match)
            paired += 1
    alone += len(right)
    return alone == 0 or (alone == 1 and paired >= 4)


def _signs(keys: frozenset[str]) -> set[str]:
    return {key for key in keys if key[0] in "?!#" or any(map(str.isdigit, key))}


def _misspelt(one: str, other: str) -> bool:
    # Shorter skeletons are one letter from many others: Oman "amn", Iran "arn".
    return (
        min(len(one), len(other)) >= 4
        and one[0] == other[0]
        and Levenshtein.distance(one, other, score_cutoff=1) <= 1
    )
