"""GitHub's extensions: tables, strikethrough, task lists and bare addresses.

The deviations, each with its reason:
"""

from lib.markdown import render, to_html
from lib.tests.spec import examples, same

DEVIATIONS = {
    # cmark-gfm's own test file
    ("gfm-extensions", 19): "a host outside ASCII is written in Punycode, not percent-encoded",
    ("gfm-extensions", 20): "the example has no expected output (it must only not crash)",
    ("gfm-extensions", 22): "GitHub's tag filter; our allow-list is stricter and runs later",
    ("gfm-extensions", 23): "footnotes are no part of the GFM spec; render() has its own markup",
    # the GFM specification, which stands on CommonMark 0.29
    ("gfm-spec", 610): "contradicts the extension: the bare address inside is found",
    ("gfm-spec", 616): "contradicts the extension: the bare address inside is found",
    ("gfm-spec", 619): "contradicts the extension: the address is found",
    ("gfm-spec", 620): "contradicts the extension: the mail address is found",
    ("gfm-spec", 645): "comments as in CommonMark 0.31, as the newer specification asks",
    ("gfm-spec", 646): "comments as in CommonMark 0.31, as the newer specification asks",
    ("gfm-spec", 653): "GitHub's tag filter; our allow-list is stricter and runs later",
}


def failures(name: str) -> set[tuple[str, int]]:
    return {
        (name, e["example"])
        for e in examples(name)
        if not same(to_html(e["markdown"], autolinks=True), e["html"])
    }


def test_extension_examples_pass_but_for_the_listed_deviations():
    assert failures("gfm-extensions") == {key for key in DEVIATIONS if key[0] == "gfm-extensions"}


def test_specification_examples_pass_but_for_the_listed_deviations():
    assert failures("gfm-spec") == {key for key in DEVIATIONS if key[0] == "gfm-spec"}


def test_elements_that_github_filters_do_not_survive():
    source = "<title> <textarea> <style>a</style> <xmp> <iframe></iframe> <plaintext>\n\nafter"
    html = render(source).html
    assert "after" in html
    assert not any(f"<{name}" in html for name in ("title", "textarea", "style", "xmp", "iframe"))


def test_address_between_ideographs_is_found_and_ends_at_full_width_punctuation():
    links = render("见https://example.com/甲。另见（https://example.org/）").links
    assert links == ("https://example.com/甲", "https://example.org/")


def test_mail_address_with_underscores_is_found_whole():
    assert render("write to first_last_name@mail.example now").links == (
        "mailto:first_last_name@mail.example",
    )
