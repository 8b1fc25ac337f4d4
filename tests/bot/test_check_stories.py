"""The stories of the guided checks, in Rasa's own format, as `rasa test` runs them."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import MODELS
from tests.bot.conftest import ROOT

STORIES = Path(__file__).parent / "stories"


@pytest.fixture(scope="module")
def model() -> Path:
    """The trained model; trained now if it is stale."""
    subprocess.run([sys.executable, "-m", "bot.train"], cwd=ROOT, check=True)
    return next(MODELS.glob("*.tar.gz"))


def run(model: Path, stories: Path, folder: Path) -> None:
    """Raises an exception of Rasa's when a prediction is wrong."""
    from rasa.core.agent import load_agent
    from rasa.core.test import test as run_stories

    async def work() -> None:
        agent = await load_agent(model_path=str(model))
        await run_stories(
            str(stories),
            agent,
            out_directory=str(folder),
            fail_on_prediction_errors=True,
            disable_plotting=True,
        )

    asyncio.run(work())


def test_every_story_goes_as_it_is_told(model: Path, tmp_path: Path) -> None:
    run(model, STORIES / "checks.yml", tmp_path)


def test_a_story_that_goes_otherwise_fails(model: Path, tmp_path: Path) -> None:
    text = (STORIES / "checks.yml").read_text("utf-8")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(text.replace("- action: utter_check_done", "- action: utter_unknown", 1))
    with pytest.raises(Exception, match="predict"):
        run(model, wrong, tmp_path)
