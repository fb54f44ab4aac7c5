#!/bin/sh
# Runs a script with a Python that fits: sh deploy/python.sh SCRIPT [ARGUMENTS...]
#
# PYTHON=... names the interpreter; otherwise the usual names and places are tried. A candidate
# is run, not only found: version managers leave commands on the path that fail when called.
set -u

probe='
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("it is Python %d.%d" % sys.version_info[:2])
for name in ("venv", "ensurepip", "sqlite3", "ssl", "zlib"):
    try:
        __import__(name)
    except ImportError:
        hint = " (on Debian: apt install python3-venv)" if name in ("venv", "ensurepip") else ""
        sys.exit("it lacks the module %s%s" % (name, hint))
'

if [ -n "${PYTHON:-}" ]; then
    if reason=$("$PYTHON" -c "$probe" 2>&1); then
        exec "$PYTHON" "$@"
    fi
    reason=$(printf '%s\n' "$reason" | tail -n 1)
    echo "Inkstone needs Python 3.11, 3.12 or 3.13, and PYTHON=$PYTHON does not fit: $reason." >&2
    exit 1
fi

seen=
for candidate in .venv/bin/python python3.13 python3.12 python3.11 python3 python \
    /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3 \
    "${HOME:-/nonexistent}"/.pyenv/versions/3.1[123].*/bin/python3 \
    "${HOME:-/nonexistent}"/.local/share/uv/python/cpython-3.1[123].*/bin/python3; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if reason=$("$candidate" -c "$probe" 2>&1); then
        exec "$candidate" "$@"
    fi
    case $reason in
    "it "*) seen="$seen $candidate does not fit, $reason;" ;;
    esac
done

echo "Inkstone needs Python 3.11, 3.12 or 3.13 and found none that works;$seen" \
    "install one (on Debian: apt install python3 python3-venv)" \
    "or name it with PYTHON=/path/to/python." >&2
exit 1
