#!/bin/sh
# Compiles both lock files: versions and hashes, no address of any index.
set -eu
uv=.tools/bin/uv
"$uv" pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
    --no-header --no-emit-index-url --quiet --output-file requirements.lock
"$uv" pip compile bot/pyproject.toml --group bot/pyproject.toml:dev --python-version 3.10 \
    --generate-hashes --no-header --no-emit-index-url --quiet --output-file bot/requirements.lock
