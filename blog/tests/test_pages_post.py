"""One post or page: what a reader finds on it, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog.services import save_content

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LONG = "".join(f"## Part {n}\n\nText.\n\n### Detail {n}\n\nText.\n\n" for n in range(3))


def page(client, thing) -> str:
    response = client.get(thing.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_a_post_shows_everything_about_it(
    client, make_post, make_category, make_tag, make_series, ada, bob
):
    series = make_series()
    first = make_post(title="Soot", series=series, series_part=1)
    post = make_post(
        title="On <ink>",
        subtitle="A matter of soot",
        authors=[bob, ada],
        category=make_category(),
        tags=[make_tag("paper"), make_tag("墨")],
        series=series,
        series_part=2,
        body=LONG,
    )
    html = page(client, post)
    assert "<h1>On &lt;ink&gt;</h1>" in html
    assert html.count("<h1") == 1
    assert "A matter of soot" in html
    assert html.index(">Bob</a>") < html.index(">Ada Lovelace</a>")
    assert '<time datetime="2026-05-01T12:00:00+00:00">' in html
    assert "1 minute to read" in html
    assert 'href="/categories/craft/"' in html
    assert '<a rel="tag" href="/tags/%E5%A2%A8/">墨</a>' in html
    assert '<a href="#detail-2">Detail 2</a>' in html
    assert f'<li value="1"><a href="{first.get_absolute_url()}">Soot</a></li>' in html
    assert '<li value="2"><span aria-current="page">On &lt;ink&gt;</span></li>' in html
    assert f'href="/posts/{post.slug}.md"' in html


@pytest.mark.parametrize("size", [3, 30])
def test_a_post_costs_at_most_six_queries(
    client, make_post, make_category, make_tag, make_series, size, django_assert_max_num_queries
):
    fields = {"category": make_category(), "series": make_series(), "tags": [make_tag()]}
    for number in range(size):
        post = make_post(published_at=NOON + timedelta(hours=number), **fields)
    with django_assert_max_num_queries(6):
        client.get(post.get_absolute_url())


def test_previous_and_next_follow_the_river(client, make_post):
    old, middle, new = (
        make_post(title=name, published_at=NOON + timedelta(days=day))
        for day, name in enumerate(["Old", "Middle", "New"])
    )
    make_post(title="Draft", draft=True)
    around = client.get(middle.get_absolute_url()).context["around"]
    assert (around.older.pk, around.newer.pk) == (old.pk, new.pk)
    assert client.get(old.get_absolute_url()).context["around"].older is None
    assert client.get(new.get_absolute_url()).context["around"].newer is None


def test_previous_and_next_stay_in_the_language_of_the_text(client, make_post):
    languages = ["zh-hans", "en", "ar", "zh-hans", "en"]
    posts = [
        make_post(title=f"Text {day}", language=language, published_at=NOON + timedelta(days=day))
        for day, language in enumerate(languages)
    ]

    def around(post) -> tuple[int | None, int | None]:
        found = client.get(post.get_absolute_url()).context["around"]
        return tuple(other and other.pk for other in (found.older, found.newer))

    assert around(posts[3]) == (posts[0].pk, None)
    assert around(posts[1]) == (None, posts[4].pk)
    assert around(posts[2]) == (None, None)


def test_previous_and_next_pass_every_post_of_one_moment(client, make_post):
    posts = [make_post(title=f"Twin {n}", published_at=NOON) for n in range(4)]
    seen, url = [], posts[-1].get_absolute_url()
    while url:
        context = client.get(url).context
        seen.append(context["post"].pk)
        older = context["around"].older
        url = older and older.get_absolute_url()
    assert seen == [post.pk for post in reversed(posts)]


def test_the_markdown_twin_is_the_text_byte_for_byte(client, make_post):
    body = "# Ink\r\n\r\n\tcode  \n\nÜber *墨* &amp; <b>\n\n"
    post = make_post(body=body)
    response = client.get(f"/posts/{post.slug}.md")
    assert response.content == body.encode()
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Link"] == f'<https://blog.test/posts/{post.slug}/>; rel="canonical"'


def test_a_change_long_after_publication_is_noted(client, make_post):
    post = make_post()
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        save_content(post, by=None)
        assert "Last changed" not in page(client, post)
    with time_machine.travel(NOON + timedelta(days=40), tick=False):
        save_content(post, by=None)
        assert '<time datetime="2026-06-10T12:00:00+00:00">June 10, 2026</time>' in page(
            client, post
        )


def test_a_short_text_has_no_table_of_contents(client, make_post):
    assert 'class="toc"' not in page(client, make_post(body="## One\n\nText."))


def test_a_page_stands_at_the_root(client, make_page):
    about = make_page(title="About us", body="We make *ink*.")
    assert about.get_absolute_url() == "/about-us/"
    assert "<p>We make <em>ink</em>.</p>" in page(client, about)


def test_dates_are_shown_in_the_time_zone_of_the_site(client, make_post, settings):
    settings.SITE_TIME_ZONE = "Asia/Shanghai"
    post = make_post(published_at=datetime(2026, 4, 30, 17, tzinfo=UTC))
    html = page(client, post)
    assert "May 1, 2026" in html
    assert "2026-05-01T01:00:00+08:00" in html


class TestForThoseWhoMaySeeADraft:
    def test_it_says_that_it_is_not_public(self, client, make_post, ada):
        post = make_post(author=ada, draft=True)
        client.force_login(ada)
        response = client.get(post.get_absolute_url())
        assert "<strong>Draft.</strong> Not public" in response.content.decode()
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Cache-Control"] == "private, no-store"

    def test_a_scheduled_one_says_when(self, client, make_post, ada):
        post = make_post(author=ada, published_at=datetime(2099, 1, 1, 9, tzinfo=UTC))
        client.force_login(ada)
        html = page(client, post)
        assert "<strong>Scheduled.</strong> Not public before Jan. 1, 2099, 9 a.m." in html

    def test_a_post_for_members_says_so(self, client, make_post, rita):
        post = make_post(visibility="members")
        client.force_login(rita)
        response = client.get(post.get_absolute_url())
        assert "For members" in response.content.decode()
        assert response["X-Robots-Tag"] == "noindex"


def test_corrections_end_the_text_and_count_as_a_change(client, make_post, ada):
    post = make_post(author=ada, title="Soot")
    post.corrections = "1 May: it was <oak>.\n\n 2 May: and in Nara.\n"
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        save_content(post, by=ada, reason="corrected")
        html = page(client, post)
    assert "<li>1 May: it was &lt;oak&gt;.</li><li>2 May: and in Nara.</li>" in html
    assert '"correction": ["1 May: it was \\u003Coak\\u003E.", "2 May: and in Nara."]' in html
    assert '"dateModified": "2026-05-03T12:00:00+00:00"' in html
    assert 'class="corrections"' not in page(client, make_post(title="Ink"))
