#!/bin/sh
# What can be said about the project without running it. Every check runs; any failure counts.
set -u

failed=
check() {
    name=$1
    shift
    "$@" || failed="$failed $name"
}

templates() {
    find . -name '*.html' -path '*templates/*' -not -path './.venv/*' -not -path './var/*' \
        -exec "$@" {} +
}

check rules .venv/bin/python -m ruff check --quiet .
check format .venv/bin/python -m ruff format --check --quiet .
check imports .venv/bin/lint-imports --no-logo --cache-dir .import_linter_cache
check template-format templates .venv/bin/djade --check --target-version 5.2
check template-rules templates .venv/bin/python -m djlint --lint --quiet

if [ -n "$failed" ]; then
    echo "Not in order:$failed" >&2
    exit 1
fi
echo "All in order."
