import pytest

from transfer.markdown.shortcodes import MAX_SHORTCODES, translate


def into(body: str, dialect: str, **config) -> tuple[str, list[tuple[str, int]]]:
    text, losses = translate(body, dialect, path="a.md", first_line=10, config=config)
    return text, [(loss.name, loss.line) for loss in losses]


@pytest.mark.parametrize(
    ("dialect", "body", "expected"),
    [
        ("hugo", '{{< figure src="a.png" alt="An A" caption="It" >}}', '![An A](a.png "It")'),
        ("hugo", '{{<figure width="9"\nsrc="a b.png">}}', "![](<a b.png>)"),
        ("hugo", '{{< figure src="a.png" link="/x" >}}', "[![](a.png)](/x)"),
        ("hugo", '{{< figure src="a.png" caption="say \\"hi\\"" >}}', '![](a.png "say \\"hi\\"")'),
        ("hugo", "{{< note >}}\nMind.\n{{< /note >}}", "> [!NOTE]\n> Mind."),
        ("hugo", "{{% warning %}}Hot{{% /warning %}}", "> [!WARNING]\n> Hot"),
        ("hugo", "{{< highlight go >}}\nx := 1\n{{< /highlight >}}", "```go\nx := 1\n```"),
        (
            "hugo",
            '{{< youtube id="a_b-c" title="Film" >}}',
            "[YouTube: Film](https://www.youtube.com/watch?v=a_b-c)",
        ),
        ("hugo", "{{< gist ada 123 >}}", "[Gist](https://gist.github.com/ada/123)"),
        ("hugo", '[x]({{< ref "b.md" >}})', "[x](@/b.md)"),
        ("hugo", "a {{< comment >}}secret{{< /comment >}} b", "a  b"),
        ("hugo", "{{</* note */>}}", "{{< note >}}"),
        ("hugo", "No shortcode {{ here }}.", "No shortcode {{ here }}."),
        ("zola", '{{ youtube(id="abc") }}', "[YouTube](https://www.youtube.com/watch?v=abc)"),
        ("zola", "{% note() %}\nMind.\n{% end %}", "> [!NOTE]\n> Mind."),
        ("zola", "default::{{closure}} and {{r0, r1}}", "default::{{closure}} and {{r0, r1}}"),
        ("zola", '{{/* youtube(id="abc") */}}', '{{ youtube(id="abc") }}'),
        ("jekyll", "{% highlight ruby %}\nputs 1\n{% endhighlight %}", "```ruby\nputs 1\n```"),
        ("jekyll", "`{% raw %}{{ page.title }}{% endraw %}`", "`{{ page.title }}`"),
        ("jekyll", "`{% raw %}{% raw %}{% endraw %}`", "`{% raw %}`"),
        ("jekyll", "[a]: {% post_url 2013-05-06-one %}", "[a]: @/2013-05-06-one"),
        ("jekyll", "[a]({% link\n_posts/b.md %})", "[a](@/_posts/b.md)"),
        ("jekyll", '[a]({{ "/docs/#x" | relative_url }})', "[a](/docs/#x)"),
        ("jekyll", "[a]({{ site.baseurl }}/b)", "[a](/b)"),
        (
            "hexo",
            "{% blockquote Ada, Book %}\nYes.\n{% endblockquote %}",
            "> Yes.\n>\n> — Ada, Book",
        ),
        ("hexo", "{% pullquote left %}\nYes.\n{% endpullquote %}", "> Yes."),
        (
            "hexo",
            "{% codeblock lang:js mark:1,7 %}\nlet a\n{% endcodeblock %}",
            "```js\nlet a\n```",
        ),
        (
            "hexo",
            "{% codeblock each https://example.org/e Docs %}\nx\n{% endcodeblock %}",
            "*each* [Docs](https://example.org/e)\n\n```\nx\n```",
        ),
        ("hexo", "{% vimeo 82 %}", "[Vimeo](https://vimeo.com/82)"),
        ("hexo", "```\n{% vimeo 82 %}\n```", "```\n{% vimeo 82 %}\n```"),
        ("hexo", "`{% vimeo 82 %}`", "`{% vimeo 82 %}`"),
    ],
)
def test_what_has_a_plain_meaning_becomes_markdown(dialect, body, expected):
    assert into(body, dialect) == (expected, [])


@pytest.mark.parametrize(
    ("dialect", "body", "losses"),
    [
        ("hugo", 'One\n\n{{< param "version" >}} two', [("param", 12)]),
        ("hugo", "{{< tabs >}}\nx\n{{< /tabs >}}", [("tabs", 10)]),
        ("zola", "{{ chart(data=[1]) }}", [("chart", 10)]),
        ("jekyll", "{% for a in b %}\n{{ a }}\n{% endfor %}", [("for", 10), ("expression", 11)]),
        ("jekyll", "\n{% include x.html %}", [("include", 11)]),
        ("hexo", "{% iframe x %}", [("iframe", 10)]),
    ],
)
def test_the_rest_stays_visible_and_is_reported_once(dialect, body, losses):
    text, found = into(body, dialect)
    assert text == body
    assert sorted(found) == sorted(losses)


def test_meanings_are_found_within_others():
    body = "{{< note >}}\nSee {{< youtube abc >}}.\n{{< /note >}}"
    assert into(body, "hugo")[0] == (
        "> [!NOTE]\n> See [YouTube](https://www.youtube.com/watch?v=abc)."
    )


def test_blocks_keep_to_lines_of_their_own():
    body = '<center>{{< figure src="a.png" >}}</center>'
    assert into(body, "hugo")[0] == "<center>\n\n![](a.png)\n\n</center>"
    body = "- item\n\n  {{< note >}}\n  Mind.\n  {{< /note >}}\n  after"
    assert into(body, "hugo")[0] == "- item\n\n  > [!NOTE]\n  > Mind.\n\n  after"


def test_values_of_the_old_configuration_are_filled_in():
    text, losses = into("[a]({{ site.repository }}/1)", "jekyll", repository="https://x.example/r")
    assert (text, losses) == ("[a](https://x.example/r/1)", [])


def test_thousands_of_openings_are_left_alone():
    body = "{{< a " * (MAX_SHORTCODES + 1)
    text, losses = into(body, "hugo")
    assert (text, losses) == (body, [("too_many", 10)])


def test_unclosed_quotes_and_openings_cost_little():
    for opening in ('{{< x "', "{{% `", '{{ f("', "{% a '", "{{ a", "{% raw %}"):
        for dialect in ("hugo", "zola", "jekyll", "hexo"):
            body = opening * 500 + "z" * 100_000
            assert into(body, dialect)[0] == body
