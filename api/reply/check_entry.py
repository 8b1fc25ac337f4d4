"""How people come to the guided checks: from the menu, and from the answers beside them."""

from api.channels.base import Form
from api.content.catalogue import Catalogue, Published
from api.content.check_documents import Check
from api.content.derived import once
from api.content.documents import TopicDocument
from api.reply.scene import Scene


def check_of(published: Published | None) -> Check | None:
    """The guided check of a topic, if it is one."""
    document = published.document if published is not None else None
    return document.check if isinstance(document, TopicDocument) else None


@once
def _all(catalogue: Catalogue) -> tuple[tuple[str, Check], ...]:
    """Every guided check that is published, by id."""
    found = ((topic, check_of(published)) for topic, published in catalogue.topics.items())
    return tuple((topic, check) for topic, check in found if check is not None)


def on_the_menu(catalogue: Catalogue) -> tuple[str, ...]:
    """The checks that people find on the menu."""
    return tuple(topic for topic, check in _all(catalogue) if check.on_menu)


def invitation(scene: Scene, topic: str) -> str:
    """The line that leads from the answer of a topic to a check, where messages are long."""
    composer = scene.composer
    if composer.form is not Form.WHATSAPP or scene.pending.check is not None:
        return ""
    found = (
        check.invite
        for of, check in _all(scene.catalogue)
        if topic in check.beside and not composer.withheld(of)
    )
    said = next(found, None)
    return composer.words(said.text, said.sms) if said is not None else ""
