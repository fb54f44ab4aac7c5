"""Words, characters and minutes, right for scripts with and without spaces."""

import pytest

from lib.markdown import render
from lib.text import CJK_CHARACTERS_PER_MINUTE, WORDS_PER_MINUTE, count_words, truncate


@pytest.mark.parametrize(
    ("text", "words", "cjk"),
    [
        ("", 0, 0),
        ("one two-three don't 3.14", 4, 0),
        ("你好，世界", 0, 4),
        ("カタカナとひらがな", 0, 9),
        ("Django 是框架", 1, 3),
        ("한국어 문장입니다", 2, 0),
        ("हिन्दी में लेख", 3, 0),
        ("— … !", 0, 0),
    ],
)
def test_words_are_counted_by_script(text, words, cjk):
    count = count_words(text)
    assert (count.words, count.cjk) == (words, cjk)


def test_characters_are_counted_without_space():
    assert count_words("a b\n 你").characters == 3


def test_minutes_follow_each_script_and_mixtures():
    assert render("word " * WORDS_PER_MINUTE * 3).reading_minutes == 3
    assert render("字" * CJK_CHARACTERS_PER_MINUTE * 3).reading_minutes == 3
    mixed = "word " * WORDS_PER_MINUTE + "字" * CJK_CHARACTERS_PER_MINUTE
    assert render(mixed).reading_minutes == 2


def test_any_text_takes_a_minute_and_none_takes_none():
    assert render("a").reading_minutes == 1
    assert render("").reading_minutes == 0
    assert render("<!-- x -->").reading_minutes == 0


def test_words_of_a_text_are_spaced_words_and_ideographs():
    result = render("Two words 三个字")
    assert (result.words, result.characters) == (5, 11)


def test_truncating_keeps_short_text_and_cuts_long_text():
    assert truncate("a  b\nc", 10) == "a b c"
    assert truncate("hello world again", 13) == "hello world…"
    assert truncate("字" * 30, 10) == "字" * 9 + "…"
    assert len(truncate("x" * 1000, 200)) == 200
    assert truncate(" " * 10_000 + "a", 10) in ("", "…")
