"""The reply to "what do you know about me": counts and a month, no word of anybody."""

from api.content.documents import LanguageForm
from api.content.expiry import PAKISTAN
from api.content.words import written_month
from api.reply.compose import Composed
from api.reply.lists import unknown
from api.reply.scene import Scene, Turn

EXPORT = "show-my-data"


def _own(scene: Scene) -> LanguageForm:
    languages = scene.catalogue.languages
    return languages.get(scene.composer.wanted) or languages[scene.language]


def tell_held(scene: Scene) -> Turn:
    """What is held about the person, in their language. What was pending stays so."""
    if scene.held is None:
        return unknown(scene, (), 1.0)
    held, composer = scene.held(), scene.composer
    told = composer.say(
        "held",
        month=written_month(held.since.astimezone(PAKISTAN), scene.language, composer.form),
        language=_own(scene).name,
        count=str(held.messages),
        days=str(held.days),
    )
    for notice, number in (
        ("held-tickets", held.tickets),
        ("held-questions", held.questions),
        ("held-news", held.news),
        ("held-opted-out", int(held.opted_out)),
    ):
        if number:
            told = composer.both(told, composer.say(notice, number=str(number)))
    return scene.end("act", Composed(told.reply), topic=EXPORT, pending=scene.pending)
