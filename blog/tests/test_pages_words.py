"""Every word that a person sees is in the catalogues, translated and compiled."""

import re
import runpy
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
COLLECT = runpy.run_path(str(ROOT / "locale/collect.py"))
PAGES = [path for path in COLLECT["sources"]() if path.suffix == ".html"]
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
PLACE = re.compile(r"%(?:\(\w+\))?[-+0-9.]*[a-z%]|{\w*}")
# Words between tags that no translation reaches; names of formats are the same everywhere.
BARE = re.compile(r">\s*([A-Za-z][A-Za-z ,.'!?-]{2,})\s*<")
SAME_EVERYWHERE = {"Atom", "RSS", "JSON Feed"}


@pytest.fixture(scope="module")
def messages():
    """What modules and templates have to translate: pages, mails, admin, API."""
    return COLLECT["messages"]()


@pytest.mark.parametrize(
    "path",
    [
        "accounts/own/forms.py",
        "accounts/templates/account/login.html",
        "accounts/templates/mail/account/login_code.txt",
        "blog/templates/blog/search.html",
        "lib/api/problems.py",
        "templates/admin/work.html",
        "templates/mail/welcome.html",
    ],
)
def test_every_kind_of_text_is_collected(messages, path):
    assert path in {place.path for places in messages.values() for place in places}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_word_is_translated(messages, path):
    entries = [entry for entry in polib.pofile(str(path)) if entry.translated()]
    known = {(entry.msgctxt, entry.msgid, entry.msgid_plural or None) for entry in entries}
    foreign = COLLECT["foreign"](path.parts[-3])
    missing = {
        message.text: places[0].path
        for message, places in messages.items()
        if message not in known and (message.context, message.text) not in foreign
    }
    assert missing == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_keeps_the_places_to_fill(path):
    for entry in polib.pofile(str(path)):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert not text or sorted(PLACE.findall(text)) == sorted(PLACE.findall(entry.msgid))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_is_compiled(path):
    assert path.with_suffix(".mo").read_bytes() == polib.pofile(str(path)).to_binary()


def test_words_of_django_may_be_said_anew():
    with translation.override("zh-hans"):
        assert translation.gettext("Log out") == "退出登录"


def test_no_template_has_words_outside_of_the_catalogues():
    bare = {
        match[1].strip()
        for path in PAGES
        for match in BARE.finditer(re.sub(r"{#.*?#}|{%.*?%}", '"', path.read_text()))
    }
    assert bare - SAME_EVERYWHERE == set()


def test_a_note_for_translators_is_kept():
    source = "# Translators: a year.\nx = gettext(\n    'In %(year)d')\ny = _('Day')"
    assert [(message.text, note) for message, note in COLLECT["in_module"](source)] == [
        ("In %(year)d", "Translators: a year."),
        ("Day", ""),
    ]


def test_words_of_templates_are_read_as_django_reads_them():
    source = (
        "{% load i18n %}{% translate 'Kept' context 'draft' %}"
        "{% blocktranslate count n=n trimmed %}\n  {{ n }} % left\n"
        "{% plural %}\n  {{ n }} % all left\n{% endblocktranslate %}"
    )
    assert [tuple(message) for message, note in COLLECT["in_template"](source)] == [
        ("draft", "Kept", None),
        (None, "%(n)s %% left", "%(n)s %% all left"),
    ]
