#!/bin/sh
# Brings in uv, which makes both Python environments. Uses one that is installed already.
set -eu
mkdir -p .tools/bin
if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
    ln -sf "$(command -v uv)" .tools/bin/uv
    exit 0
fi
for candidate in python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        "$candidate" -m venv .tools/venv
        .tools/venv/bin/python -m pip install --quiet --disable-pip-version-check uv
        ln -sf ../venv/bin/uv .tools/bin/uv
        exit 0
    fi
done
echo "Sahi Rasta needs Python 3.11 or newer with its venv module: install python3.11 (Debian: python3-venv) and try again." >&2
exit 1
