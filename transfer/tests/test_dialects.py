"""What each generator says of a post, from sites of a few lines."""

from datetime import UTC, datetime

from transfer.tests.builders import read, read_one


def test_jekyll_takes_date_and_slug_from_the_file_name(tmp_path):
    post = read_one(
        tmp_path,
        "_posts/2019-03-04-first-steps.markdown",
        "---\ntitle: First steps\nauthor: ada\ntags: one two\ncategories: [news, more]\n"
        "redirect_from: /old/place/\n---\nHello\n",
    )
    assert post.published_at == datetime(2019, 3, 4, tzinfo=UTC)
    assert (post.slug, post.authors, post.category) == ("first-steps", ["ada"], "news")
    assert post.tags == ["one", "two", "more"]
    assert post.addresses == [
        "/news/more/2019/03/04/first-steps.html",
        "/news/more/2019/03/04/first-steps/",
        "/old/place/",
        "/news/more/2019/03/04/first-steps",
        "/old/place.html",
    ]


def test_jekyll_keeps_to_the_configured_permalink(tmp_path):
    source = read(
        tmp_path,
        {
            "_config.yml": "permalink: /blog/:year/:title/\nurl: https://old.example\n",
            "_posts/2019-03-04-first.md": "---\ntitle: First\n---\nHello\n",
        },
    )
    assert source.posts[0].addresses == ["/blog/2019/first/", "/blog/2019/first.html"]


def test_jekyll_drafts_pages_and_notes(tmp_path):
    source = read(
        tmp_path,
        {
            "_posts/2019-03-04-first.md": "---\ntitle: First\npublished: false\n---\nHello\n",
            "_drafts/later.md": "---\ntitle: Later\n---\nHello\n",
            "about.md": "---\ntitle: About\n---\nWe\n",
            "README.md": "# The project\n",
        },
    )
    found = {post.path: (post.is_page, post.draft) for post in source.posts}
    assert found == {
        "_posts/2019-03-04-first.md": (False, True),
        "_drafts/later.md": (False, True),
        "about.md": (True, False),
    }
    assert [skip.kind for skip in source.skipped] == ["not_content"]


def test_hugo_languages_bundles_and_addresses(tmp_path):
    source = read(
        tmp_path,
        {
            "content/en/blog/_index.md": "---\ntitle: Blog\n---\n",
            "content/en/blog/first/index.md": (
                "---\ntitle: First\ndate: 2020-05-06T10:00:00+02:00\n"
                "aliases: [/one, two]\n---\nHi\n"
            ),
            "content/zh/blog/first/index.md": "---\ntitle: 第一\ndate: 2020-05-06\n---\n你好\n",
            "content/en/blog/second.fr.md": "---\ntitle: Deux\ndate: 2020-05-07\n---\nSalut\n",
            "content/en/blog/third.md": (
                "---\ntitle: Third\ndate: 2020-05-08\nurl: /blog/2020/Third\nslug: other\n---\nHi\n"
            ),
        },
    )
    found = {post.path: (post.language, post.addresses) for post in source.posts}
    assert source.dialect == "hugo"
    assert found == {
        "content/en/blog/first/index.md": ("en", ["/blog/first/", "/one", "/blog/two"]),
        "content/zh/blog/first/index.md": ("zh-hans", ["/zh/blog/first/"]),
        "content/en/blog/second.fr.md": ("fr", ["/fr/blog/second/"]),
        "content/en/blog/third.md": ("en", ["/blog/2020/Third"]),
    }
    assert [(skip.kind, skip.detail) for skip in source.skipped] == [("section", "Blog")]


def test_hugo_times_series_and_pages(tmp_path):
    source = read(
        tmp_path,
        {
            "content/posts/a.md": (
                "+++\ntitle = 'A'\ndate = 2020-05-06\nlastmod = 2021-01-01\n"
                "expiryDate = 2022-01-01\n"
                "draft = true\nseries = ['Slow']\npart = 2\nfeatured = true\n"
                "subtitle = 'Sub'\n+++\nx\n"
            ),
            "content/about.md": "+++\ntitle = 'About'\nweight = 3\n+++\nx\n",
            "content/posts/undated.md": "+++\ntitle = 'Undated'\n+++\nx\n",
        },
    )
    about, a, undated = source.posts
    assert (a.draft, a.series, a.part, a.featured, a.subtitle) == (True, "Slow", 2, True, "Sub")
    assert a.updated_at == datetime(2021, 1, 1, tzinfo=UTC)
    assert a.unpublish_at == datetime(2022, 1, 1, tzinfo=UTC)
    assert (about.is_page, about.weight) == (True, 3)
    assert (undated.is_page, undated.draft) == (False, True)
    assert [loss.kind for loss in undated.losses] == ["no_date"]


def test_zola_path_holds_the_date_and_extra_is_looked_into(tmp_path):
    post = read_one(
        tmp_path,
        "content/Some-Post@1.md",
        '+++\npath = "2015/05/15/Some-1.0"\ntitle = "Some"\nauthors = ["Ada Reyes"]\n'
        'aliases = ["2015/05/15/Some-1.0.html", "releases/1"]\n[taxonomies]\ntags = ["x"]\n'
        '[extra]\nsubtitle = "Sub"\nteam = "Core"\n+++\nHello\n',
    )
    assert post.published_at == datetime(2015, 5, 15, tzinfo=UTC)
    assert (post.slug, post.subtitle, post.tags) == ("Some-1.0", "Sub", ["x"])
    assert post.addresses == ["/2015/05/15/Some-1.0", "/2015/05/15/Some-1.0.html", "/releases/1"]
    assert [(loss.kind, loss.name, loss.line) for loss in post.losses] == [
        ("unknown_key", "extra.team", 10)
    ]


def test_zola_sections_become_categories_when_there_are_several(tmp_path):
    head = '+++\npath = "{}"\ntitle = "T"\n+++\nx\n'
    source = read(
        tmp_path,
        {
            "content/_index.md": '+++\ntitle = "Main"\n[extra]\na = 1\n+++\n',
            "content/inside/_index.md": '+++\ntitle = "Inside"\n+++\n',
            "content/a.md": head.format("2020/01/01/a"),
            "content/inside/b.md": head.format("inside/2020/01/02/b"),
        },
    )
    assert {post.path: post.category for post in source.posts} == {
        "content/a.md": "",
        "content/inside/b.md": "Inside",
    }
    assert source.sections == {"/inside/": "Inside"}


def test_hexo_without_an_opening_line(tmp_path):
    source = read(
        tmp_path,
        {
            "source/_posts/你好.md": (
                "title: 你好\ndate: 2013-12-24 23:31:30\ntags:\n"
                "categories:\n- Foo\n- Bar\n---\n\n世界\n"
            ),
            "source/_posts/untitled.md": "date: 2013-12-25 22:57:49\ntags:\n---\nText\n",
            "source/about/index.md": "title: About\ndate: 2013-12-26 22:52:56\n---\nWe\n",
        },
    )
    untitled, hello, about = source.posts
    assert source.dialect == "hexo"
    assert (hello.category, hello.tags, hello.addresses) == (
        *("Foo", ["Bar"], ["/2013/12/24/你好/"]),
    )
    assert untitled.title == "untitled"
    assert (about.is_page, about.addresses) == (True, ["/about/"])


def test_carriage_returns_and_a_byte_order_mark_do_not_matter(tmp_path):
    text = "---\r\ntitle: A\r\ndate: 2020-01-01\r\n---\r\nOne\r\n\r\nTwo\r\n"
    post = read_one(tmp_path, "content/posts/a.md", b"\xef\xbb\xbf" + text.encode())
    assert (post.title, post.body) == ("A", "One\n\nTwo\n")


def test_broken_files_are_told_with_their_line_and_skipped(tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("---\ntitle: Secret\ndate: 2020-01-01\n---\nx\n")
    site = tmp_path / "site"
    (site / "content" / "posts").mkdir(parents=True)
    (site / "content" / "posts" / "link.md").symlink_to(outside)
    source = read(
        site,
        {
            "content/posts/good.md": "---\ntitle: Good\ndate: 2020-01-01\n---\nx\n",
            "content/posts/bad-yaml.md": "---\ntitle: Good\ndate: a: b\n---\nx\n",
            "content/posts/bad-date.md": "---\ntitle: Bad\n\ndate: 2020-02-31\n---\nx\n",
            "content/posts/bytes.md": b"---\ntitle: B\n---\n\xff\xfe\n",
            "content/posts/huge.md": b"x" * 1_000_001,
            "content/posts/nothing.md": "---\ndate: 2020-01-01\n---\n",
            "content/posts/nul.md": "---\ntitle: N\n---\na\0b\n",
        },
    )
    assert [post.title for post in source.posts] == ["Good"]
    found = {
        skip.path.removeprefix("content/posts/"): (skip.kind, skip.line) for skip in source.skipped
    }
    assert found == {
        "bad-yaml.md": ("bad_front_matter", 3),
        "bad-date.md": ("bad_date", 4),
        "bytes.md": ("not_utf8", 4),
        "huge.md": ("too_large", 0),
        "nothing.md": ("empty", 0),
        "nul.md": ("not_text", 4),
        "link.md": ("outside", 0),
    }
