"""Lines end where a typesetter would end them, and emphasis follows the script."""

import pytest

from lib.markdown import render
from lib.markdown.allowed import sanitise


@pytest.mark.parametrize("mark", ["，", "。", ")", ",", "”"])
def test_what_follows_a_formula_stays_on_its_line(mark):
    html = render(f"字号为$s${mark}行高", language="zh-hans").html
    assert f"</math>{mark}</span>" in html
    assert '<span class="together"><math' in html


def test_a_formula_before_a_word_or_alone_is_left_as_it_is():
    html = render("Let $s$ be, and\n\n$$ h, $$\n\nA, b.").html
    assert "together" not in html


@pytest.mark.parametrize("language", ["zh", "zh-hans", "ja", "ko-KR"])
def test_emphasis_without_ideographs_is_latin(language):
    html = render("*Not Found* 与*墨*、*Go 语言*", language=language).html
    assert html.count('<em class="latin">') == 1
    assert '<em class="latin">Not Found</em>' in html


@pytest.mark.parametrize("language", ["", "en", "ar", "kok"])
def test_emphasis_in_other_languages_is_plain(language):
    assert "<em>Not Found</em>" in render("*Not Found*", language=language).html


def test_authors_cannot_type_these_classes():
    typed = '<em class="latin">a</em><span class="together">b</span>'
    assert "latin" not in sanitise(typed)
    assert "together" not in sanitise(typed)


def test_words_that_the_renderer_adds_are_there_in_every_language_it_has():
    assert 'class="admonition-title">ملاحظة' in render("> [!NOTE]\n> ن", language="ar").html
    assert 'class="admonition-title">Note' in render("> [!NOTE]\n> n", language="xx").html
