"""Each text in its own language, the words around it in ours, and both set properly."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from blog.languages import bcp47, direction, interface_language
from blog.models import Post, Site

pytestmark = pytest.mark.django_db


def html_of(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("ar", "rtl"), ("he-il", "rtl"), ("fa", "rtl"), ("ur-pk", "rtl"), ("en", "ltr"),
        ("zh-hans", "ltr"), ("az-arab", "rtl"), ("ar-latn", "ltr"), ("", "ltr"),
    ],
)  # fmt: skip
def test_direction(tag, expected):
    assert direction(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("zh-hans", "zh-Hans"), ("PT-br", "pt-BR"), ("en", "en"), ("sr-latn-rs", "sr-Latn-RS")],
)
def test_spelling_of_a_tag(tag, expected):
    assert bcp47(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-hans", "zh-hans"), ("zh", "zh-hans"), ("zh-cn", "zh-hans"), ("zh-hant", "de"),
        ("zh-tw", "de"), ("en-gb", "en"), ("ar", "de"), ("", "de"), ("--", "de"), ("x" * 35, "de"),
    ],
)  # fmt: skip
def test_the_words_around_a_text(tag, expected):
    assert interface_language(tag, "de") == expected


def test_a_chinese_post_is_surrounded_by_chinese(client, make_post, make_series):
    post = make_post(
        title="研墨",
        body="墨。",
        language="zh-hans",
        series=make_series(),
        published_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    )
    response = client.get(post.get_absolute_url())
    html = response.content.decode()
    assert '<html lang="zh-Hans" dir="ltr">' in html
    assert response["Content-Language"] == "zh-Hans"
    assert "归档" in html
    assert "2026年5月1日" in html
    assert "阅读约 1 分钟" in html
    assert translation.get_language() == "en"


def test_an_arabic_post_runs_from_right_to_left_and_our_words_do_not(client, make_post):
    post = make_post(title="حبر", body="الحبر أقدم من الورق.", language="ar")
    html = html_of(client, post.get_absolute_url())
    assert '<html lang="ar" dir="rtl">' in html
    assert '<header class="masthead" lang="en" dir="ltr">' in html
    assert '<p class="post-meta" lang="en" dir="ltr">' in html


def test_a_list_marks_what_is_in_another_language(client, make_post):
    make_post(title="حبر", language="ar", slug="hibr")
    assert '<div class="entry-text" lang="ar" dir="rtl">' in html_of(client, "/")
    assert '<a href="/posts/hibr/" lang="ar" dir="rtl">' in html_of(client, "/archive/2026/05/")


def test_a_site_in_chinese_speaks_chinese(client, make_post):
    Site.objects.update(language="zh-hans")
    for number in range(13):
        make_post(title=f"墨 {number}", language="zh-hans")
    response = client.get("/")
    html = response.content.decode()
    assert '<html lang="zh-Hans" dir="ltr">' in html
    assert response["Content-Language"] == "zh-Hans"
    assert "第 1 页，共 2 页" in html
    assert "2026年5月" in html_of(client, "/archive/2026/05/")
    assert "这一页是空白的。" in client.get("/nowhere/").content.decode()


def test_no_header_changes_the_language(client, make_post):
    make_post()
    plain = client.get("/")
    asked = client.get("/", headers={"Accept-Language": "zh-hans"})
    assert plain.content == asked.content


@pytest.mark.parametrize("tag", ["xx", "english", "x-klingon", "de"])
def test_a_language_we_do_not_speak_is_no_error(client, make_post, tag):
    Site.objects.update(language=tag)
    make_post()
    Post.objects.update(language=tag)
    assert 'class="masthead"' in html_of(client, "/")
    assert 'class="post"' in html_of(client, "/posts/on-ink/")
