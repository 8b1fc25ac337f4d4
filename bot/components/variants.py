"""What the api publishes for the matcher: topics, acts and out-of-scope texts, as values."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bot.errors import UnusableVariants


@dataclass(frozen=True)
class Variant:
    """One way to ask: the id of its topic or act, a language code, and the text."""

    label: str
    language: str
    text: str


@dataclass(frozen=True)
class Published:
    """One version of everything the editors published.

    Attributes:
        version: the api's ETag; any two equal versions have equal content.
        topics: variants of topics.
        titles: titles of topics, learnt from but never held out.
        acts: variants of what people say that is not a question.
        foreign: texts that no topic answers.
    """

    version: str
    topics: tuple[Variant, ...]
    titles: tuple[Variant, ...] = ()
    acts: tuple[Variant, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def topic_ids(self) -> frozenset[str]:
        """Every topic that has a variant."""
        return frozenset(variant.label for variant in self.topics)

    @property
    def titles_by_topic(self) -> dict[str, dict[str, str]]:
        """Topic id -> language code -> title."""
        found: dict[str, dict[str, str]] = {}
        for title in self.titles:
            found.setdefault(title.label, {})[title.language] = title.text
        return found

    def changed(self, version: str, newer: "Published", removed: Collection[str]) -> "Published":
        """This with some topics and acts as they are in another, and some left out.

        Args:
            version: of the result.
            newer: whole topics and acts; its foreign texts, if any, take the place of all.
            removed: ids that are not there any more.
        """
        told = (newer.topics, newer.titles, newer.acts)
        gone = {*removed, *(item.label for some in told for item in some)}

        def merged(old: tuple[Variant, ...], new: tuple[Variant, ...]) -> tuple[Variant, ...]:
            return (*(item for item in old if item.label not in gone), *new)

        foreign = newer.foreign or (() if "out-of-scope" in removed else self.foreign)
        return Published(
            version,
            merged(self.topics, newer.topics),
            merged(self.titles, newer.titles),
            merged(self.acts, newer.acts),
            foreign,
        )


def parse(document: Any) -> Published:
    """Read the JSON of `/internal/variants`.

    Raises:
        UnusableVariants: it breaks the contract; the message names the place, never a text.
    """
    try:
        topics: list[Variant] = []
        titles: list[Variant] = []
        for entry in document["topics"]:
            topics += _variants(entry)
            for language, title in (entry.get("titles") or {}).items():
                titles.append(Variant(_id(entry), str(language), str(title)))
        acts: list[Variant] = []
        foreign: list[str] = []
        for entry in document.get("acts", ()):
            if _id(entry) == "out-of-scope":
                foreign += [variant.text for variant in _variants(entry)]
            else:
                acts += _variants(entry)
        for entry in document.get("out_of_scope", ()):
            if isinstance(entry, str):
                foreign.append(entry)
            elif "variants" in entry:
                foreign += [variant.text for variant in _variants(entry)]
            else:
                foreign.append(str(entry["text"]))
        version = document["version"]
    except (KeyError, TypeError, AttributeError) as error:
        raise UnusableVariants(f"not the agreed form: {type(error).__name__}") from None
    if not isinstance(version, str) or not version:
        raise UnusableVariants("no version")
    return Published(
        version, tuple(topics), tuple(titles), tuple(acts), tuple(dict.fromkeys(foreign))
    )


def _id(entry: Any) -> str:
    label = entry["topic"]
    if not isinstance(label, str) or not label:
        raise UnusableVariants("a topic without an id")
    return label


def _variants(entry: Any) -> list[Variant]:
    label = _id(entry)
    return [
        Variant(label, str(item["language"]), str(item["text"]))
        for item in entry["variants"]
        if str(item["text"]).strip()
    ]
