#!/bin/sh
# environment.sh FOLDER VERSION: the environment of one project, exactly as locked, hashes checked.
# Interpreters are looked for on PATH and where pyenv, asdf and /opt keep them; else uv fetches one.
set -eu
folder=$1
version=$2
root=$(pwd)
search=
for bin in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1*/bin "$HOME"/.asdf/installs/python/3.1*/bin /opt/python/*/bin; do
    [ -x "$bin/python3" ] && search="$search:$bin"
done
UV_PYTHON_SEARCH_PATH="${search#:}${search:+:}$PATH"
export UV_PYTHON_SEARCH_PATH
wanted=$version
[ "$folder" = . ] && wanted=">=$version"
cd "$folder"
interpreter=
for bin in $(echo "$search" | tr ':' ' '); do
    case $bin in */"$version".*/bin) [ -x "$bin/python3" ] && interpreter="$bin/python3" ;; esac
done
if [ ! -x .venv/bin/python ]; then
    if [ -n "$interpreter" ]; then
        "$root/.tools/bin/uv" venv --quiet --python "$interpreter" .venv
    elif ! "$root/.tools/bin/uv" venv --quiet --python "$wanted" .venv; then
        echo "Sahi Rasta needs Python $version for ${folder#.}${folder:+ }: install python$version (or pyenv install $version), or let uv download it by connecting to the internet." >&2
        exit 1
    fi
fi
VIRTUAL_ENV="$PWD/.venv" "$root/.tools/bin/uv" pip sync --quiet --require-hashes requirements.lock
