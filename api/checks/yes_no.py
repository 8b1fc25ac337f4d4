"""Yes, no and "I do not know", as a whole message and among other words.

"hai" is a yes when nothing else is written; in a sentence ("visit visa hai") it is a verb.
"""

from collections.abc import Sequence

from api.content.check_documents import NO, YES, Option, Question
from spelling import words

YES_NO = (
    Option.model_construct(
        id=YES,
        label={},
        sms={},
        words="yes y yep yup ok okay yeah han haan haa ha ji jee hn g bilkul ہاں جی ہان بالکل"
        " جی-ہاں haan-ji ji-haan ji-han haan-hai ji-hai ہاں-ہے جی-ہے ho-gaya ہو-گیا done kar-liya"
        " کر-لیا hai hay ہے mere-paas mere-pas mere-paas-hai میرے-پاس میرے-پاس-ہے".split(),
    ),
    Option.model_construct(
        id=NO,
        label={},
        sms={},
        words="no n nope not nahi nahin nai nhi na not-yet abhi-nahi نہیں نہ نہی ابھی-نہیں ابھی-نہی"
        " nahi-hai نہیں-ہے ji-nahi جی-نہیں".split(),
    ),
)
"""The options of a yes-no question; in `words` a hyphen stands for a space."""

DENYING = frozenset(
    words("no not nope nahi nahin nai nhi na bina baghair without نہیں نہ نہی بغیر")
)
_AFFIRMING = frozenset(
    words("yes yep yup yeah han haan haa ha ji jee hanji haanji jihan bilkul ہاں ہان جی بالکل")
)
_POLITE = frozenset(words("ji jee جی"))
_DONE = tuple(
    tuple(words(phrase))
    for phrase in (
        "ho gaya", "ho gya", "hogaya", "hogya", "ho gai", "ho gayi", "ho chuka", "ho chuki", "done",
        "kar liya", "kar lia", "kr liya", "kr lia", "kar li", "mil gaya", "mil gya", "mil gayi",
        "ہو گیا", "ہوگیا", "ہو گئی", "ہو چکا", "کر لیا", "کر لی", "مل گیا", "مل گئی",
    )
)  # fmt: skip
_BESIDE = frozenset(
    words(
        "hai h hy hain tha thi the mila mili hua hui hue ho gaya gya gayi gai chuka chuki kiya kia"
        " ki liya lia li diya dia kar kr abhi tak koi mere meri mera main mein me ne ka ke k ko se"
        " bhi aur sab pas paas is ye yeh not yet done i have it my the a am do did does any sir"
        " ہے ہیں تھا تھی ملا ملی ہوا ہوئی ہو گیا گئی چکا کیا لیا دیا کر ابھی تک کوئی میرے میری میرا"
        " میں نے کا کی کے کو سے بھی اور سب پاس یہ"
    )
)
"""Words beside a yes or no that make no other statement."""
_UNKNOWN = frozenset(
    words(
        "pata pta patta maloom malum maaloom malom ilm know sure idea andaza"
        " پتا پتہ معلوم علم اندازہ"
    )
)
_NOT_KNOWING = DENYING | frozenset(words("dont doesnt didnt"))
_OTHERS_KNOW = frozenset(words("chale chaley chalay chal lage chalna چلے چل لگے چلنا"))
"""In "kisi ko pata na chale", let nobody know."""
_ALONE = frozenset(
    words(
        "mujhe mujh ko hum hamein i we do me abhi to hai h kuch bhi hi ji sir really yet is ka"
        " مجھے ہمیں کو ابھی تو ہے کچھ بھی ہی جی اس کا"
    )
)
_VISIT = frozenset(words("visit tourist umrah umra ziarat وزٹ عمرہ زیارت"))
_HELD = frozenset(words("paas pas bag پاس بیگ"))
_HOLDERS = frozenset(words("agent agency us uske ایجنٹ ایجنسی اس"))
_NAME = frozenset(words("naam nam name نام"))
_HIDING = frozenset(
    words(
        "chhupana chupana chhupa chupa chhupao chupao chhupayein chupaein chhupaen raaz raz secret"
        " hide hidden anonymous anonymously gumnaam gumnam khufia چھپانا چھپا چھپائیں راز"
        " گمنام خفیہ"
    )
)
_TELLING = frozenset(
    words(
        "batayein bataen bataein batana btana batao bataye bataiye aaye aye ana tell share mention"
        " show reveal give use de dena dein den do likhein بتائیں بتانا بتائیے آئے آنا"
        " دینا دیں دے لکھیں"
    )
)
_SHORT = 7


def unsure(said: Sequence[str]) -> bool:
    """Whether somebody says that he does not know: "pata nahi", "not really sure"."""
    if not _OTHERS_KNOW.isdisjoint(said):
        return False
    knowing = [place for place, word in enumerate(said) if word in _UNKNOWN]
    return any(
        word in _NOT_KNOWING and any(abs(place - other) <= 2 for other in knowing)
        for place, word in enumerate(said)
    )


def only_unsure(said: Sequence[str]) -> bool:
    """Whether that is all of the message."""
    return all(word in _UNKNOWN or word in _NOT_KNOWING or word in _ALONE for word in said)


def guess(question: Question, said: Sequence[str]) -> str | None:
    """Yes or no in a short message of more words; None when it says something else, too."""
    if len(said) > _SHORT:
        return None
    own = _own_words(question)
    denied = not DENYING.isdisjoint(said)
    # "haan na" is a yes.
    if said[-1] in ("na", "نا") and DENYING.isdisjoint(said[:-1]):
        denied = _AFFIRMING.isdisjoint(said[:-1])
    affirmed = not _AFFIRMING.isdisjoint(said)
    others = [
        word
        for word in said
        if word not in _BESIDE and word not in own and word not in DENYING | _AFFIRMING
    ]
    if denied:
        polite = _POLITE.issuperset(word for word in said if word in _AFFIRMING)
        return NO if polite and len(others) <= 1 else None
    if affirmed:
        return None if _contradicts(own, said) else YES
    done = any(
        tuple(said[place : place + len(phrase)]) == phrase
        for phrase in _DONE
        for place in range(len(said))
    )
    # "passport gum ho gaya" is no yes.
    return YES if done and not others and not _contradicts(own, said) else None


def keeps_the_name(said: Sequence[str]) -> str | None:
    """Whether a name shall be kept out, of "naam na batayein": yes, though it denies."""
    hidden = [place for place, word in enumerate(said) if word in _HIDING]
    denials = [place for place, word in enumerate(said) if word in _NOT_KNOWING]
    if hidden and denials:
        near = any(abs(one - other) == 1 for one in hidden for other in denials)
        return NO if near else None
    if hidden:
        return YES
    told = not _TELLING.isdisjoint(said)
    if denials:
        named = not _NAME.isdisjoint(said) or not _OTHERS_KNOW.isdisjoint(said)
        return YES if named or told else None
    return NO if told and not _NAME.isdisjoint(said) else None


def _own_words(question: Question) -> frozenset[str]:
    texts = (*question.text.values(), *question.sms.values())
    return frozenset(word for text in texts for word in words(text))


def _contradicts(own: frozenset[str], said: Sequence[str]) -> bool:
    """A "yes" to something else: "haan, visit visa hai", "haan, agent ke paas hai"."""
    if not _VISIT.isdisjoint(said) and not _VISIT.isdisjoint(own):
        return True
    return not _HELD.isdisjoint(own) and not _HOLDERS.isdisjoint(said)
