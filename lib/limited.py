"""Start another program within limits, so that a hostile file can take only so much.

    python -I -S lib/limited.py MEMORY_BYTES CPU_SECONDS FILE_BYTES PROGRAM ARGUMENT...

Limits set between fork and exec of a process with threads can hang it; this small program sets
them on itself and then becomes the other. Where the system can (Linux), the program ends together
with the one that started it: a worker that is killed leaves nothing running.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # of prctl(2)
NICENESS = 10  # the site goes first
MAX_OPEN_FILES = 64


def limit(kind: int, value: int) -> None:
    """Lower one limit to `value`, unless it is lower already."""
    _soft, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def main(arguments: list[str]) -> None:
    """Become the program, limited."""
    memory, cpu, file_size = map(int, arguments[:3])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)
    limit(resource.RLIMIT_CPU, cpu)
    limit(resource.RLIMIT_FSIZE, file_size)
    limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_AS, memory)
    os.execv(arguments[3], arguments[3:])  # noqa: S606 (no shell is meant)


if __name__ == "__main__":
    main(sys.argv[1:])
