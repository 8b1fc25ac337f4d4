"""A message that leans on the topic before it: "kahan?", "aur kitna kharcha?", "and for Dubai?".

Such a message names an aspect or a country and nothing else; what it is about was said before.
So the question is asked in full: the subject of the last topic, taken from its title, and the
message behind it. "Protector" and "kitna kharcha?" together are a question like those that the
index has learnt, and its probabilities mean what they always mean.

What is answered must say so itself: its titles name what the message named. Without that the
person is asked, the last topic at the end of the list: who asks again has not found it there.
Where nothing else is near, that topic's answer comes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.components.concepts import default_concepts
from bot.components.deciding import CANDIDATES, Decision
from bot.components.index import OFFERED, Index
from spelling import identify, words

Titles = Mapping[str, Mapping[str, str]]
"""Topic id -> language code -> title."""

MOST_WORDS = 6
# From this probability on a topic is offered beside the last one.
NEAR = 0.05
# More likely than not.
LIKELY = 0.5

# What can be asked of a subject, by concepts.
_ASPECTS: Mapping[str, frozenset[str]] = {
    "cost": frozenset({"fee", "money"}),
    "place": frozenset({"where", "office", "address"}),
    "time": frozenset({"when", "hours", "weeks", "year"}),
    "age": frozenset({"age"}),
    "pay": frozenset({"salary"}),
    "papers": frozenset({"document"}),
    "number": frozenset({"number", "phone-device"}),
    "law": frozenset({"legal", "illegal", "law"}),
    "website": frozenset({"website"}),
}
_COUNTRIES = frozenset(
    "saudi emirates qatar kuwait oman bahrain iraq iran turkey libya italy greece spain germany "
    "britain romania france portugal balkans country-of-europe far-country canada america "
    "malaysia korea japan east-asia-scam west-africa egypt".split()
)
# A country brings its region along.
_REGIONS = frozenset({"gulf", "europe", "africa"})
_QUANTITY = "how-much"
_QUESTIONS = frozenset({_QUANTITY, "how", "who", "why", "meaning", "limit"})
_ASPECT_OF = {concept: aspect for aspect, some in _ASPECTS.items() for concept in some}
CONCEPTS = frozenset(_ASPECT_OF) | _COUNTRIES | _REGIONS | _QUESTIONS

_TIME = frozenset(words("time tym taim waqt wakt وقت ٹائم"))
# First words of a message that goes on.
_ONWARD = frozenset(words("and also then aur aor or phir اور پھر"))
# Words that refer back wherever they stand; of those of one syllable only with what follows.
_BACK = frozenset(
    words("it there wahan udhar uska uski uske iska iske iski وہاں ادھر اسکا اسکی اسکے انکا")
)
_BACK_BEFORE = frozenset(words("is us un in اس ان"))
_CASES = frozenset(words("ka ki ke k ko me mein liye lye کا کی کے کو میں لیے"))
# Words that carry no subject of their own, in the spellings people use.
_SMALL = (
    _ONWARD
    | _BACK
    | _BACK_BEFORE
    | frozenset(
        words(
            """
        a about an any are as at be but by can could day days did do does for from get give had
        has have i if long many me much my need of ok on one please pls so take takes tell that
        the them these they this those to was we what which will with would you your

        ab acha b bata batao batain bataein bhai bhi btao chahiye chahye de dein din do g ga gi
        hai hain han haan h he hi ho hoga hogi hon hota hote hoti hun in jagah ji jee k ka kar
        karna karni ke ki kia kis kisi kisko kiske koi kon kaun kaunsa kaunse kaunsi ko kuch
        kya lag lage lagega lagen lagta lagte lagti le lena lene liye lye mai main me mein mil
        mile milega milegi milta milte milti mujhe na ne par pe phr raha rahe rahi sa sab se si
        sir tak to un unka unke unki wala wale wali wo woh yar ya ye yeh yahan

        اب اچھا ان انکا ایک بتا بتاؤ بتائیں بھائی بھی تک تو تھا تھی جگہ جی چاہیے دن دو دیں سا سب
        سے سی کا کتنے کتنی کچھ کر کرنا کرنی کس کسی کو کوئی کون کونسا کونسی کونسے کی کیا کے گا گی
        لگتا لگتی لگتے لگے لگیں گے لیے لینا مجھے ملتا ملتی ملتے ملے ملیں میں نے والا والی والے وہ
        پر ہاں ہو ہوتا ہوتی ہوتے ہوگا ہوگی ہوں ہے ہیں یا یار یہ یہاں
        """
        )
    )
)


@dataclass(frozen=True)
class Named:
    """What a message or a title names.

    Attributes:
        aspects: such as cost or place.
        countries: countries, without their region.
        things: every other concept.
    """

    aspects: frozenset[str]
    countries: frozenset[str]
    things: frozenset[str]

    def within(self, other: Named) -> bool:
        """Whether it names something, and the other names all of it, too."""
        return (
            bool(self.aspects or self.countries or self.things)
            and self.aspects <= other.aspects
            and self.countries <= other.countries
            and self.things <= other.things
        )


def follow(text: str, last: str, index: Index, titles: Titles, alone: Decision) -> Decision | None:
    """What a message means after the topic `last`; None when it stands on its own.

    Args:
        titles: of topics; one without is known by the words of its id.
        alone: what the message means by itself.
    """
    asked = _asked(text, alone)
    if asked is None or last not in index.labels or last in index.acts:
        return None
    about = _of_topic(last, titles)
    elsewhere = bool(asked.countries) and not asked.countries & about.countries
    match = index.match(f"{_subject(text, last, titles, asked)} {text}")
    before = dict(match.ranked).get(last, 0.0)
    others = [(topic, p) for topic, p in match.ranked if topic != last and topic not in index.acts]
    near = [(topic, p) for topic, p in others if p >= NEAR]
    meant = [
        topic
        for topic, _ in (others if elsewhere else near)
        if asked.within(_of_topic(topic, titles))
    ]
    # How likely each is, given that it is not the last topic again.
    instead = {topic: min(1.0, p / max(1 - before, NEAR)) for topic, p in others}
    again = asked.within(about) and match.confidence == before
    if meant and instead[meant[0]] >= LIKELY and not again:
        return _answer(meant[0], instead[meant[0]], near, last)
    if elsewhere:
        if alone.band == "answer":
            return None
        there = [topic for topic, _ in alone.candidates if asked.within(_of_topic(topic, titles))]
        known = [*others, *alone.candidates]
        return _choice([*meant, *there, *dict(near)], known, last) or replace(alone, about=last)
    by_itself = [
        topic
        for topic, p in alone.candidates[:1]
        if p >= LIKELY and topic != last and asked.within(_of_topic(topic, titles))
    ]
    beside = list(dict.fromkeys([*meant, *by_itself, *dict(near)]))[: OFFERED - 1]
    if beside:
        return _choice([*beside, last], [*near, *alone.candidates, (last, before)], last)
    if match.band == "answer" and match.confidence == before and asked.things <= about.things:
        return _answer(last, before, near, last)
    return replace(alone, about=last)


def _answer(topic: str, confidence: float, near: list[tuple[str, float]], last: str) -> Decision:
    rest = [pair for pair in near if pair[0] != topic]
    candidates = ((topic, confidence), *rest)[:CANDIDATES]
    return Decision("answer", topic=topic, candidates=candidates, confidence=confidence, about=last)


def _choice(topics: list[str], known: list[tuple[str, float]], last: str) -> Decision | None:
    shares: dict[str, float] = {}
    for topic, share in known:
        shares.setdefault(topic, share)
    candidates = tuple((topic, shares[topic]) for topic in dict.fromkeys(topics))[:OFFERED]
    if not candidates:
        return None
    return Decision("choice", candidates=candidates, confidence=candidates[0][1], about=last)


def _asked(text: str, alone: Decision) -> Named | None:
    """What a message names that leans on what was said before; None when it does not."""
    tokens = words(text)
    if not tokens or len(tokens) > MOST_WORDS or alone.band == "act":
        return None
    meanings = default_concepts().of(tokens)
    bare = all(
        token in _SMALL or token in _TIME or (meaning and meaning <= CONCEPTS)
        for token, meaning in zip(tokens, meanings, strict=True)
    )
    if not bare and (alone.band == "answer" or not _refers(tokens)):
        return None
    spoken = frozenset().union(*meanings)
    named = _named(spoken)
    aspects = named.aspects
    if not _TIME.isdisjoint(tokens):
        aspects |= {"time"}
    if _QUANTITY in spoken and not aspects:
        aspects |= {"cost"}
    if not (aspects or named.countries or named.things or spoken & _QUESTIONS):
        return None
    return replace(named, aspects=aspects)


def _refers(tokens: list[str]) -> bool:
    return (
        tokens[0] in _ONWARD
        or not _BACK.isdisjoint(tokens)
        or any(one in _BACK_BEFORE and two in _CASES for one, two in pairwise(tokens))
    )


def _named(spoken: frozenset[str]) -> Named:
    return Named(
        aspects=frozenset(_ASPECT_OF[concept] for concept in spoken if concept in _ASPECT_OF),
        countries=spoken & _COUNTRIES,
        things=spoken - CONCEPTS,
    )


def _of_topic(topic: str, titles: Titles) -> Named:
    concepts = default_concepts()
    spoken: set[str] = set()
    for title in _titles_of(topic, titles).values():
        spoken = spoken.union(*concepts.of(words(title)))
    return _named(frozenset(spoken))


def _titles_of(topic: str, titles: Titles) -> Mapping[str, str]:
    return titles.get(topic) or {"en": topic.replace("-", " ")}


def _subject(text: str, topic: str, titles: Titles, asked: Named) -> str:
    """The words of a title that say what the topic is about.

    Aspects fall out, so that the message names its own; countries do if it names one.
    """
    own = _titles_of(topic, titles)
    title = own.get(identify(text).language or "") or next(iter(own.values()))
    tokens = words(title)
    kept = []
    for token, meaning in zip(tokens, default_concepts().of(tokens), strict=True):
        aspect_only = bool(meaning) and meaning <= _QUESTIONS | frozenset(_ASPECT_OF)
        country = bool(meaning & (_COUNTRIES | _REGIONS)) and bool(asked.countries)
        if token not in _SMALL and not aspect_only and not country:
            kept.append(token)
    return " ".join(kept or tokens)
