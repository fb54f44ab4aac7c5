"""Every word that a reader sees is in the catalogues, translated and compiled."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "blog/templates").rglob("*.html")]
MODULES = [ROOT / "blog/views.py", ROOT / "blog/head.py"]
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
TRANSLATE = re.compile(r"""{%\s*translate\s+(["'])(.*?)\1""")
BLOCK = re.compile(
    r"""{%\s*blocktranslate\b.*?%}(.*?){%\s*(?:plural|endblocktranslate)""", re.DOTALL
)
PLACE = re.compile(r"{{ (\w+) }}")
GETTEXT = re.compile(r"""\b(?:_|gettext|gettext_lazy)\(\s*(["'])(.*?)\1\s*\)""")
# Words between tags that no translation reaches; names of formats are the same everywhere.
BARE = re.compile(r">\s*([A-Za-z][A-Za-z ,.'!?-]{2,})\s*<")
SAME_EVERYWHERE = {"Atom", "RSS", "JSON Feed"}


def words() -> set[str]:
    found = set()
    for path in TEMPLATES:
        source = path.read_text()
        found |= {match[2] for match in TRANSLATE.finditer(source)}
        found |= {PLACE.sub(r"%(\1)s", match[1]) for match in BLOCK.finditer(source)}
    return found | {match[2] for path in MODULES for match in GETTEXT.finditer(path.read_text())}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_word_is_translated(path):
    catalogue = polib.pofile(str(path))
    known = {entry.msgid for entry in catalogue if entry.translated()}
    assert words() - known == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_keeps_the_places_to_fill(path):
    place = re.compile(r"%(?:\(\w+\))?[sd]")
    for entry in polib.pofile(str(path)):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert not text or set(place.findall(text)) == set(place.findall(entry.msgid)), text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_is_compiled(path):
    assert path.with_suffix(".mo").read_bytes() == polib.pofile(str(path)).to_binary()


def test_no_template_has_words_outside_of_the_catalogues():
    bare = {
        match[1].strip()
        for path in TEMPLATES
        if "admin" not in path.parts
        for match in BARE.finditer(re.sub(r"{#.*?#}|{%.*?%}", '"', path.read_text()))
    }
    assert bare - SAME_EVERYWHERE == set()
