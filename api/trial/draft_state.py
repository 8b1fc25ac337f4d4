"""What is published, as it would be with one draft in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from api.content.catalogue import Catalogue, Published, published_variants
from api.content.documents import LANGUAGES, ActDocument, TopicDocument
from api.editorial.drafts import Draft
from api.errors import ContentError, Fault


def with_draft(catalogue: Catalogue, draft: Draft) -> Catalogue:
    """The catalogue in which the draft's document stands in the place of the published one.

    Rules of publishing are not asked: an answer that is too long can be tried all the same.

    Raises:
        ContentError: the draft is not complete enough to answer from; names what is missing.
    """
    shape = ActDocument if draft.kind == "act" else TopicDocument
    try:
        document = shape.model_validate(draft.document)
    except ValidationError as error:
        faults = [
            Fault(draft.topic_id, 0, f"{'.'.join(map(str, item['loc']))}: {item['msg']}")
            for item in error.errors()
        ]
        raise _incomplete(draft, faults) from None
    missing = [code for code in LANGUAGES if code not in document.answers]
    if missing:
        faults = [Fault(draft.topic_id, 0, f"answers.{code}: missing") for code in missing]
        raise _incomplete(draft, faults)
    published = catalogue.topics.get(draft.topic_id)
    item = Published(draft.kind, draft.group, published.revision_id if published else 0, document)
    return replace(catalogue, topics={**catalogue.topics, draft.topic_id: item})


def entries(catalogue: Catalogue, topic_id: str) -> list[dict[str, Any]]:
    """The topic as the bot is told of it, with its kind; nothing when it is not there."""
    item = catalogue.topics.get(topic_id)
    if item is None:
        return []
    alone: Mapping[str, Published] = {topic_id: item}
    told = published_variants(replace(catalogue, topics=alone))
    return [*told["topics"], *told["acts"]]


def understood_alike(before: Catalogue, after: Catalogue, topic_id: str) -> bool:
    """Whether the bot learns the same from both: then no trial is needed."""
    return entries(before, topic_id) == entries(after, topic_id)


def _incomplete(draft: Draft, faults: list[Fault]) -> ContentError:
    return ContentError(f"the draft of {draft.topic_id} is not complete", tuple(faults))
