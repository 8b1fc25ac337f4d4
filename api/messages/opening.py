"""What may be said out of the blue: templates that the provider has approved."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.messages import templates
from api.messages.outbox import Reply, enqueue
from api.messages.templates import Use


def enqueue_template(
    session: Session,
    conversation_id: int,
    channel: str,
    name: str,
    variables: Sequence[str],
    language: str,
) -> str:
    """Put a template (content/whatsapp) in the outbox: what may be said out of the blue.

    Returns our id of it, for `Jobs.to_send`. By WhatsApp it goes out once it is approved, or as
    text while the window is open; by other channels as text; never to whoever opted out.

    Args:
        variables: what stands in its places, in order; one line each.

    Raises:
        UnknownTemplate: there is none of that name and language with so many places.
    """
    reply = template_reply(session, name, variables, language)
    return enqueue(session, conversation_id, channel, [reply])[0]


def template_reply(
    session: Session,
    name: str,
    variables: Sequence[str],
    language: str,
    *,
    topic: str | None = None,
    unasked: bool = False,
) -> Reply:
    """A template as a reply that is not in the outbox yet. Errors as above.

    Args:
        variables: what stands in its places, in order; one line each.
        topic: which it is about.
        unasked: it is news: behind every answer, and not at night.
    """
    use = Use(name, language, tuple(" ".join(value.split()) for value in variables))
    return Reply(
        templates.words(session, use),
        topic=topic,
        language=language,
        template=use,
        unasked=unasked,
    )
