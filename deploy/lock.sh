#!/bin/sh
# Locks requirements.in and requirements-dev.in with hashes, for Python 3.11 and later.
# What is locked stays as it is where it may: pass --upgrade to move to newer versions.
set -eu

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv

for name in requirements requirements-dev; do
    "$tools/bin/python" -m uv pip compile "$name.in" --output-file "$name.txt" --quiet \
        --generate-hashes --python-version 3.11 --no-header "$@"
done
