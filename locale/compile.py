"""Compile every catalogue beside this file, so that no machine needs gettext.

Run by `make messages`. With --check nothing is written; the exit code says whether all is
translated and compiled.
"""

import sys
from pathlib import Path

import polib


def main(*, check: bool) -> int:
    """Compile or check all catalogues; 0 when all is well."""
    faults = 0
    for path in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(path))
        compiled = path.with_suffix(".mo")
        name = path.relative_to(path.parents[2])
        missing = [*catalogue.untranslated_entries(), *catalogue.fuzzy_entries()]
        for entry in missing:
            print(f"{name}:{entry.linenum}: not translated: {entry.msgid}")  # noqa: T201
        faults += len(missing) if check else 0
        binary = catalogue.to_binary()
        if not check:
            compiled.write_bytes(binary)
        elif not compiled.exists() or compiled.read_bytes() != binary:
            print(f"{name}: not compiled; run `make messages`")  # noqa: T201
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
