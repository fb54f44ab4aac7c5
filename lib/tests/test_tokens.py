"""lib.tokens: what a search index holds of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.tokens import MAX_TOKEN_LENGTH, pairs, stem, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The quick, brown fox.", ["the", "quick", "brown", "fox"]),
        ("Café NAÏVE Ærø Müller Straße", ["cafe", "naive", "aero", "muller", "strasse"]),
        ("don't don\u2019t re-use snake_case", ["dont", "dont", "re", "use", "snake", "case"]),
        ("C++ and C# 1.29", ["cpp", "and", "csharp", "1", "29"]),
        ("机器学习", ["机器", "器学", "学习", "习"]),
        ("用Rust写", ["用", "rust", "写"]),
        ("ｶﾀｶﾅ Ｆｕｌｌ", ["カタ", "タカ", "カナ", "ナ", "full"]),
        ("검색은", ["검색", "색은", "은"]),
        ("мой ёж", ["мой", "ёж"]),
        ("Ελλάδα", ["ελλαδα"]),
        ("العَرَبِيّ", ["العربي"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("😀 — …", []),
    ],
)
def test_every_script_is_cut_into_what_one_looks_for(text, expected):
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("containers", "container"),
        ("libraries", "library"),
        ("boxes", "box"),
        ("classes", "class"),
        ("caches", "cache"),
    ],
)
def test_an_english_plural_is_its_singular(plural, singular):
    assert stem(plural) == stem(singular) == singular


@pytest.mark.parametrize("word", ["status", "class", "its", "às", "bonus"])
def test_other_words_stay(word):
    assert stem(word) == word


@given(st.text())
def test_tokens_are_short_clean_and_stable(text):
    found = tokens(text)
    assert all(0 < len(token) <= MAX_TOKEN_LENGTH for token in found)
    assert not any(char.isspace() or char in "'\"\\:&|!()*<>" for token in found for char in token)


@given(st.text(alphabet="天地玄黄宇宙洪荒", min_size=2, max_size=30), st.data())
def test_every_stretch_of_a_run_is_a_row_of_its_pairs(text, data):
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    row = pairs(text[start:end])[:-1]
    assert row == pairs(text)[start : start + len(row)]
