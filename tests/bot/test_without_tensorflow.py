"""The libraries that this process leaves out."""

import subprocess
import sys

from bot.settings import FOLDER

_CODE = """
import sys
from bot import without_tensorflow
without_tensorflow.install()
import rasa.core.agent
import rasa.engine.recipes.default_components
without_tensorflow.seal()
assert not hasattr(sys.modules["tensorflow"], "__file__"), "the real one"
import tensorflow
try:
    tensorflow.constant(1)
except without_tensorflow.LeftOut as error:
    print("left out")
"""


def test_rasa_starts_without_tensorflow_and_using_it_is_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _CODE],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "left out"


def test_rasa_is_the_version_whose_inside_is_relied_on() -> None:
    import rasa

    assert rasa.__version__ == "3.6.21"
