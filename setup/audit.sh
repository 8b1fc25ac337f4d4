#!/bin/sh
# Known holes in what we depend on: both lock files and the browser's packages. Needs internet.
# Goes through all of them and says at the end whether any has one.
set -u
found=0
for lock in requirements.lock bot/requirements.lock; do
    echo "== $lock"
    # Hashed and complete: nothing is resolved or installed, versions are looked up as they stand.
    .tools/bin/uv tool run pip-audit --require-hashes --disable-pip --progress-spinner off \
        --requirement "$lock" || found=1
done
for folder in assets tests/oracles; do
    echo "== $folder/package-lock.json"
    .venv/bin/python -m assets.npm "$folder" audit --package-lock-only || {
        echo "holes in $folder: run npm audit there to see them"
        found=1
    }
done
exit $found
