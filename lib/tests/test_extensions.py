"""What authors can type beyond CommonMark, and what a reader gets."""

import re
import threading

import pytest

from lib.markdown import MAX_SOURCE_BYTES, Heading, ImageUse, Picture, absolutise, render
from lib.markdown.code import CODE_CLASSES, Highlighter, language_of
from lib.markdown.labels import label


def html(source: str, **options) -> str:
    return render(source, **options).html.strip()


# --- headings ---------------------------------------------------------------------------------


def test_headings_get_ids_in_any_script_and_duplicates_a_number():
    result = render(
        "## What's new? (v1.2)\n\n## 你好 世界\n\n## हिन्दी\n\n## 你好 世界\n\n## 你好 世界\n\n## 🎉"
    )
    assert [heading.id for heading in result.headings] == [
        "whats-new-v12", "你好-世界", "हिन्दी", "你好-世界-1", "你好-世界-2", "section",
    ]  # fmt: skip


def test_explicit_heading_id_is_kept_and_not_shown():
    result = render("## Install {#setup}\n\n## Other {: #two .x}")
    assert result.headings == (Heading(2, "setup", "Install"), Heading(2, "two", "Other"))


def test_numbered_id_never_takes_the_id_of_another_heading():
    ids = [heading.id for heading in render("## a-1\n\n## a\n\n## a\n\n## a").headings]
    assert ids == ["a-1", "a", "a-2", "a-3"]


def test_body_with_a_top_heading_is_shifted_by_one():
    assert [heading.level for heading in render("# a\n\n## b\n\n###### c").headings] == [2, 3, 6]
    assert [heading.level for heading in render("## b\n\n### c").headings] == [2, 3]


def test_heading_text_has_no_markup():
    assert render("## `a<b>` *c* [d](/x)").headings[0].text == "a<b> c d"


def test_anchor_typed_as_html_keeps_its_name_for_old_links():
    assert html('<a name="old"></a>x [y](#old)') == '<p><a id="old"></a>x <a href="#old">y</a></p>'


def test_link_to_a_reserved_id_follows_its_new_name():
    assert '<a href="#section-comments">' in html("[x](#comments)\n\n## Comments")


# --- code -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("rs", "rs"), ("rust,ignore", "rust"), ("rust ignore", "rust"),
        ("{.python .numberLines}", "python"),
        ("js{1,3-5}", "js"),
        ("C++", "c++"), ("c#", "c#"), ("", ""), ('title="x"', ""),
        ("shell-session", "shell-session"),
    ],
)  # fmt: skip
def test_language_is_read_from_any_dialect_of_info(info, language):
    assert language_of(info) == language


def test_code_is_highlighted_with_classes_and_keeps_its_text():
    result = html('```rust,ignore\nfn main() { println!("<&>"); }\n```')
    assert result.startswith(
        '<pre class="code" data-language="rust" tabindex="0"><code><span class="k">fn'
    )
    assert re.sub("<[^>]*>", "", result) == 'fn main() { println!("&lt;&amp;&gt;"); }\n'


def test_code_in_an_unknown_language_is_plain():
    assert html("```nosuch\na < b\n```") == (
        '<pre class="code" data-language="nosuch" tabindex="0"><code>a &lt; b\n</code></pre>'
    )


def test_first_empty_line_of_code_is_kept():
    assert "<code>\n\na" in html("```\n\na\n```")


def test_language_of_code_is_not_in_the_text():
    assert render("a\n\n```python\nx = 1\n```").text == "a\nx = 1"


def test_classes_of_code_are_those_that_the_style_sheet_may_name():
    used = set(
        re.findall(
            r'class="(\w+)"', Highlighter().highlight("def f(a):\n    return 'x' + 1  # c\n", "py")
        )
    )
    assert used
    assert used <= CODE_CLASSES


# --- admonitions, footnotes, lists --------------------------------------------------------------


@pytest.mark.parametrize("source", ["> [!TIP]\n> text", "::: tip\ntext\n:::", "!!! tip\n    text"])
def test_three_spellings_of_an_admonition_give_the_same(source):
    assert html(source) == (
        '<div class="admonition admonition-tip" role="note">\n'
        '<p class="admonition-title">Tip</p>\n<p>text</p>\n</div>'
    )


def test_admonition_takes_a_title_and_the_language_of_the_text():
    assert '<p class="admonition-title">Look <b> here</p>' not in html(
        '!!! note "Look <b> here"\n    x'
    )
    assert '<p class="admonition-title">警告</p>' in html("> [!WARNING]\n> x", language="zh-Hans")


def test_colons_without_a_known_word_stay_text():
    assert html("::: columns\na\n:::") == "<p>::: columns\na\n:::</p>"


def test_footnotes_lead_there_and_back_each_time():
    result = html("a[^x] b[^x]\n\n[^x]: The *note*.")
    for part in ('href="#fn1" id="fnref1"', 'id="fnref1-2"', '<li id="fn1">', 'href="#fnref1-2"'):
        assert part in result
    assert '<section class="footnotes" aria-label="脚注">' in html(
        "a[^x]\n\n[^x]: n", language="zh"
    )
    assert render("a[^x]\n\n[^x]: n").text == "a\nn"


def test_definition_list():
    assert html("Term\n: One\n: Two") == "<dl>\n<dt>Term</dt>\n<dd>One</dd>\n<dd>Two</dd>\n</dl>"


def test_task_list_boxes_are_disabled_and_named():
    assert '<input type="checkbox" disabled="" checked="" aria-label="已完成"> a' in html(
        "- [x] a", language="zh"
    )


def test_wide_table_can_be_scrolled_by_keyboard_and_aligns_by_class():
    result = html("| a |\n|--:|\n| b |")
    assert result.startswith(
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Table"><table>'
    )
    assert '<td class="align-right">b</td>' in result
    assert result.endswith("</table></div>")


def test_every_language_has_every_label():
    for language in (
        "en",
        "zh",
        "zh-Hant-TW",
        "ja",
        "ko",
        "de",
        "fr",
        "es",
        "pt-br",
        "it",
        "ru",
        "xx",
    ):
        assert label("table", language)
    assert label("note", "zh-hant") != label("note", "zh-hans")


# --- math ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["$x^2$", "a $x$, b", "中$x$文", "$$x$$", "$$\nx\n$$"])
def test_formula_becomes_mathml(source):
    assert "<math display=" in html(source)


@pytest.mark.parametrize(
    "source",
    [
        "$5 and $10",
        "$HOME/$PATH",
        "costs 5$ or 6$",
        "US$5-US$6",
        "`$x$`",
        "\\$x\\$",
        "$ x $",
        "$$",
        "a$b$c",
    ],
)
def test_dollars_that_are_not_math_stay(source):
    assert "<math" not in html(source)


def test_broken_tex_stays_visible():
    assert html("$\\frac{$") == "<p><code>$\\frac{$</code></p>"


def test_tex_is_found_by_search():
    assert "\\alpha" in render("$\\alpha$").text


# --- images and other hosts ---------------------------------------------------------------------


def test_known_image_becomes_a_picture_with_its_size():
    asked = []

    def find_pictures(sources):
        asked.append(list(sources))
        return {
            "图 1.png": None,
            "b.png": Picture(
                "/m/b.jpg", 800, 600, "From the library", (("image/avif", "/m/b.avif 800w"),)
            ),
        }

    result = html("![](b.png) ![](b.png) ![c](/c.png)", find_pictures=find_pictures)
    assert asked == [["b.png", "/c.png"]]
    assert '<source type="image/avif" srcset="/m/b.avif 800w"' in result
    size = 'width="800" height="600" loading="lazy" decoding="async">'
    assert f'<img src="/m/b.jpg" alt="From the library" {size}' in result
    assert '<img src="/c.png" alt="c" loading="lazy" decoding="async">' in result


def test_width_typed_by_the_author_scales_the_height():
    known = {"b.png": Picture("/m/b.png", 800, 600)}
    result = html('<img src="b.png" width="400">', find_pictures=lambda sources: known)
    assert 'width="400" height="300"' in result


def test_library_is_not_asked_without_images():
    assert html("x", find_pictures=lambda sources: pytest.fail("asked")) == "<p>x</p>"


def test_lone_image_with_a_title_is_a_figure():
    assert html('![a](/b.png "The *caption*")') == (
        '<figure class="captioned"><img src="/b.png" alt="a" loading="lazy" decoding="async">'
        "<figcaption>The *caption*</figcaption></figure>"
    )


WIDE_IMAGE = '<img src="/b.png" alt="a" loading="lazy" decoding="async">'
NAMED_SO = WIDE_IMAGE.replace('"a"', '"{.wide}"')


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("![a](/b.png){.wide}", f'<figure class="wide">{WIDE_IMAGE}</figure>'),
        ("![a](/b.png){: .wide }", f'<figure class="wide">{WIDE_IMAGE}</figure>'),
        (
            '[![a](/b.png "C")](/c){.wide}',
            f'<figure class="captioned wide"><a href="/c">{WIDE_IMAGE}</a>'
            "<figcaption>C</figcaption></figure>",
        ),
        ("a ![a](/b.png){.wide}", f"<p>a {WIDE_IMAGE}{{.wide}}</p>"),
        ("![a](/b.png){.huge}", f"<p>{WIDE_IMAGE}{{.huge}}</p>"),
        ("![a](/b.png)![{.wide}](/b.png)", f"<p>{WIDE_IMAGE}{NAMED_SO}</p>"),
    ],
)
def test_lone_image_that_is_to_be_wide(source, expected):
    assert html(source) == expected


def test_wide_image_is_fetched_as_large_as_it_is_shown():
    sources = (("image/avif", "/m/b.avif 2000w"),)
    known = {"b.png": Picture("/m/b.jpg", 2000, 900, sources=sources)}
    result = html("![a](b.png){.wide}\n\n![a](b.png)", find_pictures=lambda sources: known)
    wide, narrow = result.split("</figure>")
    assert 'sizes="(min-width: 74rem) 55rem, 100vw"' in wide
    assert 'sizes="(min-width: 48rem) 44rem, 100vw"' in narrow


def test_image_elsewhere_is_a_link_and_never_a_request():
    assert html("![A cat](https://x.example/c.png)") == (
        '<p><a class="external-image" href="https://x.example/c.png" rel="noopener">A cat</a></p>'
    )
    assert html("[![A cat](//x.example/c.png)](/cats)") == (
        '<p><a href="/cats"><span class="external-image">A cat</span></a></p>'
    )


def test_image_elsewhere_that_the_library_has_is_shown():
    known = {"https://x.example/c.png": Picture("/m/c.png", 1, 1)}
    assert 'src="/m/c.png"' in html(
        "![](https://x.example/c.png)", find_pictures=lambda sources: known
    )


def test_frames_and_films_elsewhere_become_links():
    assert html('<iframe src="https://v.example/1" title="A film"></iframe>') == (
        '<a class="external-embed" href="https://v.example/1" rel="noopener">A film</a>'
    )
    result = html('<video controls><source src="https://v.example/1.mp4"></video>')
    assert "<video" not in result
    assert 'href="https://v.example/1.mp4"' in result


def test_film_of_our_own_is_played():
    assert html('<video src="/m/1.mp4" poster="/m/1.jpg"></video>') == (
        '<p><video src="/m/1.mp4" poster="/m/1.jpg" controls=""></video></p>'
    )


def test_links_and_images_are_listed_once_in_order_as_typed():
    result = render(
        "[a](/标签/?a=1&amp;b=2) [b](/x) [a](/标签/?a=1&amp;b=2) [^1]\n\n"
        "![i](图.png)![i](图.png)\n\n[^1]: [n](/n)"
    )
    assert result.links == ("/标签/?a=1&b=2", "/x", "/n")
    assert result.images == (ImageUse("图.png", "i"),)


# --- text, excerpt, limits ------------------------------------------------------------------------


def test_excerpt_is_the_text_before_the_fold():
    result = render("# Title\n\nOne *two*.\n\nThree.\n\n<!-- more -->\n\nFour.")
    assert result.excerpt == "One two. Three."
    assert "more" not in result.html


def test_excerpt_is_the_first_prose_cut_at_a_word():
    result = render("# Title\n\n> A quotation\n\n" + "word " * 100)
    assert result.excerpt.startswith("word word")
    assert result.excerpt.endswith("word…")
    assert len(result.excerpt) <= 200


def test_excerpt_of_chinese_is_cut_between_characters():
    result = render("你好，世界。" * 60)
    assert len(result.excerpt) <= 200
    assert len(result.excerpt) > 190
    assert result.excerpt.endswith("…")


def test_short_first_paragraphs_are_joined_for_the_excerpt():
    assert render("One.\n\nTwo.\n\n```\ncode\n```\n\nThree.").excerpt == "One. Two. Three."


def test_excerpt_without_prose_takes_what_there_is():
    assert render("- a\n- b").excerpt == "a b"
    assert render("```\nx\n```").excerpt == "x"
    assert render("").excerpt == ""


def test_too_long_a_source_is_refused():
    with pytest.raises(ValueError, match="1,000,000 bytes"):
        render("字" * (MAX_SOURCE_BYTES // 3 + 1))


def test_many_threads_render_the_same():
    source = "# a\n\n$x$ [^1] ![](b.png)\n\n```py\nx = 1\n```\n\n[^1]: n"
    expected = render(source)
    results = []
    threads = [
        threading.Thread(target=lambda: results.extend(render(source) for _ in range(10)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 40


def test_absolutise_leaves_text_and_absolute_addresses_alone():
    base = "https://s.example/2026/post/"
    source = (
        '<p>href="/typed" <a href="/a">a</a><a href="#b">b</a><a href="../c">c</a>'
        '<a href="mailto:x@y.example">d</a><img src="e.png"><source srcset="/f 1x, g 2x"></p>'
    )
    assert absolutise(source, base) == (
        '<p>href="/typed" <a href="https://s.example/a">a</a><a href="https://s.example/2026/post/#b">b</a>'
        '<a href="https://s.example/2026/c">c</a><a href="mailto:x@y.example">d</a>'
        '<img src="https://s.example/2026/post/e.png">'
        '<source srcset="https://s.example/f 1x, https://s.example/2026/post/g 2x"></p>'
    )


def test_absolutise_survives_an_address_that_cannot_be_parsed():
    assert (
        absolutise('<a href="http://[">x</a>', "https://s.example/") == '<a href="http://[">x</a>'
    )
