"""Bring every catalogue beside this file in step with the words in the code.

Run by `make messages` before compiling. New words are added without a translation, words that
are gone are dropped, and the places where each is used are written anew. Needs no gettext tools.
What Django and others bring translated is left to them, unless the catalogue says it better:
an entry with the comment OTHERS stays.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
# Which arguments hold: the context, the words, the words for many.
ARGUMENTS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
STRING = r"""u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*\""""
CALL = re.compile(rf"\b(?:_|n?p?gettext)\(\s*(?:{STRING})(?:\s*,\s*(?:{STRING}))*", re.DOTALL)
NOTE = re.compile(r"#\s*(Translators:.*)")
PERCENT = re.compile(r"%(?:\(\w+\))?[-+0-9.]*[a-z]")
PAGES = {".html", ".txt", ".xml"}
OTHERS = "Instead of the words of Django."
SKIPPED = {"benchmarks", "migrations", "tests"}


class Message(NamedTuple):
    """Words to translate: what tells them apart from the same words elsewhere, one, many."""

    context: str | None
    text: str
    plural: str | None


class Place(NamedTuple):
    """Where a message stands, and what the author tells translators about it."""

    path: str
    note: str


def sources() -> list[Path]:
    """The modules and templates of our packages, tests and migrations aside."""
    tops = [top for top in ROOT.iterdir() if top.name == "templates" or is_package(top)]
    return sorted(
        path
        for top in tops
        for path in top.rglob("*")
        if not SKIPPED & set(path.relative_to(ROOT).parts)
        and (path.suffix == ".py" or (path.suffix in PAGES and "templates" in path.parts))
    )


def is_package(top: Path) -> bool:
    return (top / "__init__.py").exists()


def in_module(source: str) -> Iterator[tuple[Message, str]]:
    """The messages of a Python module, each with the note in the lines above it."""
    lines = source.splitlines()
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        message = from_call(call)
        if message:
            note = NOTE.search("\n".join(lines[max(call.lineno - 3, 0) : call.lineno]))
            yield message, note[1] if note else ""


def in_template(source: str) -> Iterator[tuple[Message, str]]:
    """The messages of a template."""
    for match in CALL.finditer(templatize(source)):
        node = ast.parse(match[0] + ")", mode="eval").body
        message = from_call(node) if isinstance(node, ast.Call) else None
        if message:
            yield message, ""


def from_call(call: ast.Call) -> Message | None:
    """The message of a call of gettext; None for another call, or one without plain words."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in ARGUMENTS:
        return None
    words = [
        call.args[index].value
        if index is not None
        and index < len(call.args)
        and isinstance(call.args[index], ast.Constant)
        and isinstance(call.args[index].value, str)
        else None
        for index in ARGUMENTS[name]
    ]
    return Message(*words) if words[1] else None


def messages() -> dict[Message, list[Place]]:
    """Every message of the project, in the order of the files."""
    found: dict[Message, list[Place]] = {}
    for path in sources():
        read = in_module if path.suffix == ".py" else in_template
        for message, note in read(path.read_text()):
            place = Place(path.relative_to(ROOT).as_posix(), note)
            found.setdefault(message, []).append(place)
    return found


def foreign(language: str) -> set[tuple[str | None, str]]:
    """What Django and the packages beside it bring translated into `language`."""
    found = set()
    site = Path(polib.__file__).parent
    for name in ["django", "allauth", "rest_framework"]:
        for path in (site / name).glob(f"**/locale/{language}/LC_MESSAGES/django.mo"):
            found |= {(entry.msgctxt, entry.msgid) for entry in polib.mofile(str(path))}
    return found


def main() -> int:
    """Update every catalogue; the words that now lack a translation are compile.py's to name."""
    found = messages()
    for path in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.po")):
        old = polib.pofile(str(path), wrapwidth=0)
        known = {(entry.msgctxt, entry.msgid): entry for entry in old}
        elsewhere = foreign(path.parts[-3])
        new = polib.POFile(wrapwidth=0)
        new.header, new.metadata = old.header, old.metadata
        for message, places in found.items():
            key = (message.context, message.text)
            if key in known or key not in elsewhere:
                new.append(entry_of(message, places, known.get(key), old))
        used = {(message.context, message.text) for message in found}
        new.extend(known[key] for key in known if known[key].comment == OTHERS and key not in used)
        new.save(str(path))
    return 0


def entry_of(
    message: Message, places: list[Place], former: polib.POEntry | None, catalogue: polib.POFile
) -> polib.POEntry:
    """The entry of a message, with what was translated before."""
    entry = polib.POEntry(
        msgctxt=message.context,
        msgid=message.text,
        msgid_plural=message.plural or "",
        msgstr=former.msgstr if former else "",
        occurrences=[(name, "") for name in sorted({place.path for place in places})],
        comment="\n".join(sorted({place.note for place in places if place.note})),
        flags=["python-format"] if PERCENT.search(message.text) else [],
    )
    if message.plural:
        many = int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])[1])
        forms = former.msgstr_plural if former else {}
        entry.msgstr_plural = {index: forms.get(index, "") for index in range(many)}
    return entry


if __name__ == "__main__":
    sys.exit(main())
