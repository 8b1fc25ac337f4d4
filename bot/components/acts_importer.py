"""`content/` as training data of the conversational acts.

One intent for each act, one for out-of-scope, and `question`: a sample of how people ask about
every topic, so that the classifier knows what is none of its business.
"""

# ruff: noqa: ARG002  the signatures are Rasa's

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.slash_guard import harmless
from bot.errors import TrainingFailed
from bot.settings import read_settings

QUESTION = "question"
# More questions make the classifier careful with acts and slow to train.
QUESTIONS = 2000
_SEED = 20


class ActsImporter(TrainingDataImporter):
    """Beside Rasa's own importer, which reads domain, rules and configuration."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **_: Any,
    ) -> None:
        self._files = RasaFileImporter(config_file, domain_path, training_data_paths)
        self._content = read_settings().content

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Examples of acts and questions.

        Raises:
            TrainingFailed: there are no acts, or one of them is not in the domain.
        """
        acts = read_variants(self._content / "acts")
        if not acts:
            raise TrainingFailed(f"no acts under {self._content}/acts")
        unknown = sorted(set(acts) - set(self.get_domain().intents))
        if unknown:
            raise TrainingFailed(f"not in bot/domain/intents.yml: {', '.join(unknown)}")
        questions = [
            text for texts in read_variants(self._content / "topics").values() for text in texts
        ]
        random.Random(_SEED).shuffle(questions)  # noqa: S311  the same sample each time
        labelled = [(act, text) for act, texts in sorted(acts.items()) for text in texts]
        # All of them: "check my offer" is as short as an act, and none.
        checks = read_variants(self._content / "checks")
        begins = [text for _, texts in sorted(checks.items()) for text in texts]
        labelled += [(QUESTION, text) for text in (*questions[:QUESTIONS], *begins)]
        return TrainingData([Message.build(harmless(text), intent) for intent, text in labelled])

    def get_domain(self) -> Domain:
        """As in the files."""
        return self._files.get_domain()

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """As in the files."""
        return self._files.get_stories(exclusion_percentage)

    def get_conversation_tests(self) -> StoryGraph:
        """As in the files."""
        return self._files.get_conversation_tests()

    def get_config(self) -> dict[str, Any]:
        """As in the file."""
        return dict(self._files.get_config())

    def get_config_file_for_auto_config(self) -> str | None:
        """As in the files."""
        path: str | None = self._files.get_config_file_for_auto_config()
        return path


def read_variants(folder: Path) -> dict[str, list[str]]:
    """The variants of every YAML file below a folder, by id, all languages together.

    Raises:
        TrainingFailed: a file is not one of content's; the message names it.
    """
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*.yaml")):
        try:
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
            texts = [str(text) for some in document["variants"].values() for text in some]
            found[str(document["id"])] = texts
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise TrainingFailed(f"{file}: {type(error).__name__}") from None
    return found
