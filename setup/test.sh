#!/bin/sh
# All tests: the api's in the root environment, two groups of files at a time, and beside them the
# bot's in its own, whose output follows when the others are done. Prints both counts.
set -eu
said=$(mktemp)
bot/.venv/bin/python -m pytest tests/bot "$@" >"$said" 2>&1 &
bot=$!
trap 'kill "$bot" 2>/dev/null; rm -f "$said"' EXIT
trap 'exit 130' INT TERM
failed=0
.venv/bin/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder "$@" || failed=$?
wait "$bot" || failed=$?
cat "$said"
exit "$failed"
