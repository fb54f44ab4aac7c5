"""Slugs that can be read in the script of the title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.text import check_text, clean_text, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("  --Spaces__and-hyphens  ", "spaces-and-hyphens"),
        ("Déjà vu: Øl på Łódź, Straße", "deja-vu-ol-pa-lodz-strasse"),
        ("İstanbul'da ılık", "istanbulda-ilik"),
        ("Việt Nam", "viet-nam"),
        ("中文标题：你好，世界", "中文标题-你好-世界"),
        ("「日本語」のガイド", "日本語-のガイド"),
        ("한국어 제목", "한국어-제목"),
        ("हिन्दी में लेख", "हिन्दी-में-लेख"),
        ("สวัสดีครับ", "สวัสดีครับ"),
        ("ёлка и йод", "ёлка-и-йод"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ ①", "full-width-1"),
        ("می\u200cخواهم", "میخواهم"),
        ("Don't stop", "dont-stop"),
        ("C++ & C#", "cpp-csharp"),
        ("🎉", ""),
        ("", ""),
    ],
)
def test_slug_is_readable(text, slug):
    assert slugify(text) == slug


def test_titles_of_near_names_differ():
    assert len({slugify(title) for title in ("C", "C++", "C#", "F", "F#")}) == 5


def test_long_title_is_cut_at_a_hyphen():
    assert slugify("one two three four", max_length=10) == "one-two"
    assert slugify("x" * 200, max_length=80) == "x" * 80


def test_letter_is_never_cut_from_its_marks():
    assert slugify("कि" * 50, max_length=5) == "किकि"


@given(st.text(max_size=200), st.integers(1, 40))
def test_slug_is_stable_short_and_has_no_hyphen_at_its_ends(text, limit):
    slug = slugify(text, max_length=limit)
    assert len(slug) <= limit
    assert slug == slug.strip("-")
    assert "--" not in slug
    assert not set(slug) & set(" /?#%&<>\"'\\")
    assert slugify(slug, max_length=limit) == slug


def test_clean_text_takes_only_what_xml_forbids():
    assert clean_text("a\x00\x0b\ufffe\ud800b\t\r\n\x85😀") == "ab\t\r\n\x85😀"


def test_text_that_cannot_be_stored_is_refused_with_its_place():
    check_text("fine \x0b")
    for bad in ("a\x00", "a\ud800"):
        with pytest.raises(ValueError, match="position 1"):
            check_text(bad)
