#!/bin/sh
# All tests: the api's in the root environment, the bot's in its own. Prints both counts.
set -eu
.venv/bin/python -m pytest "$@"
bot/.venv/bin/python -m pytest tests/bot "$@"
