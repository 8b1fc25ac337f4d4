#!/bin/sh
# All tests: the api's in the root environment, two groups of files at a time, then the bot's in
# its own. Prints both counts.
set -eu
.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder "$@"
bot/.venv/bin/python -m pytest tests/bot "$@"
