"""A megabyte made to be slow: the work is bounded by limits that are counted, not timed."""

import re

import pytest

from lib.markdown import render
from lib.markdown.code import (
    MAX_HIGHLIGHTED_PER_TEXT,
    MAX_PIECE_CHARACTERS,
    Highlighter,
    pieces,
)
from lib.markdown.maths import MAX_TEX_CHARACTERS, to_mathml
from lib.markdown.parser import MAX_LINES, MAX_SPECIAL_CHARACTERS, MAX_TABLE_COLUMNS
from lib.markdown.rawhtml import MAX_OPEN_ELEMENTS, MAX_OPEN_FORMATTING

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "part", ["[", "![", "[a](", "*a **b ", "<", "`a", "$a$ ", "http://a.b ", "~a"]
)
def test_paragraph_past_the_budget_of_special_characters_stays_text(part):
    source = part * (MAX_SPECIAL_CHARACTERS // len(part) + MAX_SPECIAL_CHARACTERS)
    result = render(source[:MEGABYTE])
    assert result.html.count("<") == 2  # one paragraph
    assert result.text.startswith(part.strip())


@pytest.mark.parametrize(
    "line", ["a\n", "- a\n", "> a\n", "# a\n", "a\n\n", "    a\n", "[a]: b\n", "```\n"]
)
def test_lines_past_the_limit_are_shown_as_typed(line):
    count = MAX_LINES + 10
    result = render(line * count + "the end")
    assert result.html.endswith("the end</code></pre>\n")


def test_deep_quotes_and_lists_keep_what_follows_them():
    result = render(
        "> " * 500 + "deep\n\n" + "".join("  " * n + "- x\n" for n in range(200)) + "\nafter"
    )
    assert "deep" in result.text
    assert result.text.endswith("after")
    assert result.html.count("<blockquote>") < 40
    assert result.html.count("<ul>") < 40


def test_deep_emphasis_is_flattened():
    result = render("**a " * 2_000 + "b** " * 2_000)
    assert result.html.count("<strong>") <= 50
    assert result.words == 4_000


def test_table_too_wide_stays_text():
    row = "|a" * (MAX_TABLE_COLUMNS + 2)
    assert "<table" not in render(f"{row}|\n{'|-' * (MAX_TABLE_COLUMNS + 2)}|\n{row}|").html


def test_elements_left_open_are_not_repeated_without_end():
    source = "".join(f"<b title={n}>" for n in range(1_000)) + "\n\n" + "x\n\n" * 2_000
    assert render(source).html.count("<b ") <= MAX_OPEN_FORMATTING * 2_001
    # closed where a browser does not look: inside a table that began after it
    source = "<b title=1><table><tr><td></b></td></tr></table>\n\n" * 1_000 + "x\n\n" * 2_000
    assert render(source).html.count("<b ") <= (MAX_OPEN_FORMATTING + 1) * 4_000


def test_deep_html_becomes_text():
    assert render("<div>" * 10_000).html.count("<div>") <= MAX_OPEN_ELEMENTS


def test_code_past_the_limits_of_a_text_is_plain():
    code = Highlighter()
    assert "<span" in code.highlight("x = 1\n" * 1_000, "python")
    assert "<span" not in code.highlight("x = 1\n" * MAX_HIGHLIGHTED_PER_TEXT, "python")
    assert "<span" not in code.highlight("x = 1\n", "python")


def test_long_code_is_coloured_in_short_pieces_and_keeps_its_text():
    source = "def f(x):\n    return [x, 1]\n\n" * 1_000
    cut = list(pieces(source))
    assert "".join(cut) == source
    assert max(map(len, cut)) <= MAX_PIECE_CHARACTERS
    assert re.sub("<[^>]*>", "", Highlighter().highlight(source, "python")) == source


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("csharp", "a\n"),
        ("c", " \n"),
        ("autohotkey", " \n"),
        ("d", "/*\n"),
        ("java", "a " * 400 + "\n"),
    ],
)
def test_code_that_is_slow_to_colour_comes_back(language, line):
    source = line * (100_000 // len(line))
    assert re.sub("<[^>]*>", "", Highlighter().highlight(source, language)) == source


def test_long_or_deep_tex_is_not_converted():
    assert to_mathml("x" * (MAX_TEX_CHARACTERS + 1), block=False) is None
    assert to_mathml("{" * 100 + "x" + "}" * 100, block=False) is None
    assert to_mathml("\\sqrt" * 300 + "x", block=False) is None


@pytest.mark.parametrize("char", ["a", "中", "\x00", "\t", "w", "-", "#", "\\", ":", "@", "&", "|"])
def test_line_of_a_megabyte_comes_back(char):
    render(char * (MEGABYTE // len(char.encode())))


@pytest.mark.parametrize("part", ["<a ", "<!--", '<a b="', "<p>", "<iframe src=x>", "&#x1;", "<T>"])
def test_half_written_html_comes_back(part):
    render(part * 20_000)
