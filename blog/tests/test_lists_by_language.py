"""Lists of one language behind its name, with our words in it; plain addresses hold everything."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from django.utils import timezone

from blog.languages import asked_for, interface_language, prefix_of, tags_under
from blog.models import Page, Post, Site
from blog.translations import link_translation
from blog.websub import topics_of

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def site(make_post, make_category, make_tag, make_series, ada) -> tuple[Post, Post]:
    """A post in each language, under the same terms."""
    shared = {
        "category": make_category(),
        "tags": [make_tag()],
        "series": make_series(),
        "author": ada,
    }
    english = make_post(title="On ink", **shared)
    chinese = make_post(
        title="论墨", slug="lun-mo", language="zh-hans", body="墨是黑的。", **shared
    )
    return english, chinese


LISTS = [
    *("/", "/archive/", "/archive/2026/", "/archive/2026/05/"),
    *("/categories/", "/categories/craft/", "/tags/", "/tags/paper/"),
    *("/series/", "/series/making-ink/", "/authors/", "/authors/ada/"),
]


def page(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def switch(html: str) -> dict[str, str]:
    """Language to address, as the foot of the page offers them."""
    nav = (
        html.partition('<nav aria-label="Languages">')[2]
        or html.partition('<nav aria-label="语言">')[2]
    )
    return dict(re.findall(r'href="([^"]+)" hreflang="([^"]+)"', nav.partition("</nav>")[0]))


@pytest.mark.parametrize("path", LISTS)
def test_a_list_in_chinese_speaks_chinese_and_leads_to_chinese(client, site, path):
    response = client.get(f"/zh-hans{path}")
    assert response.status_code == 200
    assert response["Content-Language"] == "zh-Hans"
    assert "Vary" not in response
    html = response.content.decode()
    assert '<html lang="zh-Hans" dir="ltr">' in html
    assert "归档" in html
    assert f'<link rel="canonical" href="https://blog.test/zh-hans{path}">' in html
    assert "On ink" not in html
    # Whatever leads to a list stays in the language; a text has one address.
    leads = set(re.findall(r'<a [^>]*href="(/[^"]*)"', html.partition("<footer")[0]))
    assert {
        lead for lead in leads if not lead.startswith(("/zh-hans/", "/posts/", "/account/"))
    } == set()


@pytest.mark.parametrize("path", ["/", "/archive/2026/05/", "/tags/paper/", "/authors/ada/"])
def test_the_plain_list_holds_all_languages(client, site, path):
    html = page(client, path)
    assert "On ink" in html
    assert "论墨" in html
    assert "论墨" in page(client, f"/zh-hans{path}")


@pytest.mark.parametrize("state", ["draft", "scheduled", "members", "trashed"])
def test_a_list_in_a_language_hides_what_the_plain_one_hides(client, site, rita, state):
    now = timezone.now()
    changes = {
        "draft": {"status": "draft"},
        "scheduled": {"published_at": now + timedelta(days=1)},
        "members": {"visibility": "members"},
        "trashed": {"trashed_at": now},
    }
    Post.objects.filter(slug="lun-mo").update(**changes[state])
    paths = [*LISTS, "/search/?q=墨", "/atom.xml", "/tags/paper/feed.json", "/search/rss.xml?q=墨"]
    for path in paths:
        assert "lun-mo" not in client.get(f"/zh-hans{path}").content.decode()
    client.force_login(rita)
    assert ("lun-mo" in client.get("/zh-hans/").content.decode()) == (state == "members")


def test_a_list_counts_its_own_language(client, site, make_post):
    make_post(title="Another", tags=["paper"])
    assert '<span class="count">2<' in page(client, "/tags/").replace("3", "2")
    assert '<span class="count">1<' in page(client, "/zh-hans/tags/")
    assert '<span class="count">1<' in page(client, "/zh-hans/archive/")


def test_search_finds_what_is_in_the_language(client, site, make_post):
    make_post(title="墨 in English", language="en")
    html = page(client, "/zh-hans/search/?q=墨")
    assert "lun-mo" in html
    assert "in English" not in html
    assert 'action="/zh-hans/search/"' in html
    assert switch(html)["/search/?q=%E5%A2%A8"] == "en"


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml", "feed.json"])
@pytest.mark.parametrize("path", ["/", "/tags/paper/", "/search/"])
def test_a_language_can_be_followed(client, site, path, file):
    query = "?q=墨" if path == "/search/" else ""
    ours = page(client, f"/zh-hans{path}{file}{query}")
    assert "论墨" in ours
    assert "On ink" not in ours
    assert f"https://blog.test/zh-hans{path}{file}" in ours
    assert "zh-Hans" in ours
    if file == "atom.xml":
        plain = page(client, f"{path}{file}{query}")
        ids = [fromstring(text).findtext("{*}id") for text in (ours, plain)]
        assert ids[0] != ids[1]
    if file == "feed.json":
        assert json.loads(ours)["language"] == "zh-Hans"


def test_the_foot_of_a_list_leads_to_the_other_language(client, site):
    for path in ("/", "/archive/", "/tags/", "/tags/paper/", "/authors/ada/"):
        both = {path: "en", f"/zh-hans{path}": "zh-Hans"}
        assert switch(page(client, path)) == switch(page(client, f"/zh-hans{path}")) == both
    months = {"/archive/": "en", "/zh-hans/archive/": "zh-Hans"}
    assert switch(page(client, "/archive/2026/05/")) == months
    assert 'hreflang="zh-Hans" lang="zh-Hans" dir="ltr" aria-current="true"' in page(
        client, "/zh-hans/"
    )


def test_the_foot_of_a_text_leads_to_its_translation_else_to_the_front_page(client, site):
    english, chinese = site
    assert switch(page(client, "/posts/on-ink/")) == {"/": "en", "/zh-hans/": "zh-Hans"}
    link_translation(chinese, english, by=None)
    assert switch(page(client, "/posts/on-ink/"))["/posts/lun-mo/"] == "zh-Hans"
    html = page(client, "/posts/lun-mo/")
    assert switch(html)["/posts/on-ink/"] == "en"
    # Around a text in Chinese everything is in Chinese.
    assert 'href="/zh-hans/tags/paper/"' in html
    assert 'href="/zh-hans/archive/"' in html
    assert "/zh-hans/atom.xml" in html


def test_a_site_in_one_language_has_no_switch(client, make_post):
    make_post()
    make_post(title="Draft", language="zh-hans", draft=True)
    make_post(title="حبر", slug="hibr", language="ar")
    for path in ("/", "/posts/on-ink/", "/posts/hibr/"):
        html = page(client, path)
        assert switch(html) == {}
        assert "hreflang" not in html


def test_the_switch_appears_by_the_clock(client, make_post):
    make_post()
    later = timezone.now() + timedelta(days=1)
    make_post(title="墨", language="zh-cn", published_at=later)
    assert switch(page(client, "/")) == {}
    with time_machine.travel(later, tick=False):
        assert switch(page(client, "/")) == {"/": "en", "/zh-hans/": "zh-Hans"}


def test_search_engines_are_told_of_the_lists_that_are_always_there(client, site):
    def hreflang(path: str) -> dict[str, str]:
        head = page(client, path).partition("</head>")[0]
        return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', head))

    for path in ("/", "/archive/", "/tags/", "/authors/"):
        plain, chinese = f"https://blog.test{path}", f"https://blog.test/zh-hans{path}"
        expected = {"en": plain, "zh-Hans": chinese, "x-default": plain}
        assert hreflang(path) == hreflang(f"/zh-hans{path}") == expected
    assert hreflang("/tags/paper/") == {}


def test_a_list_without_a_post_in_the_language_says_so(client, site, make_tag, make_post):
    make_post(title="Reeds", tags=[make_tag("reed")])
    html = page(client, "/zh-hans/tags/reed/")
    assert "Reeds" not in html
    assert '<meta name="robots" content="noindex">' in html
    assert page(client, "/zh-hans/tags/reed/atom.xml").count("<entry") == 0
    page(client, "/zh-hans/tags/reed/?page=2", 404)
    make_tag("empty")
    for path in ("/zh-hans/tags/empty/", "/zh-hans/tags/empty/atom.xml", "/zh-hans/archive/2020/"):
        page(client, path, 404)


def test_the_language_of_the_site_has_plain_addresses_only(client, site):
    for path, plain in {
        "/en/": "/",
        "/en/tags/paper/atom.xml": "/tags/paper/atom.xml",
        "/en/search/?q=%E5%A2%A8": "/search/?q=%E5%A2%A8",
    }.items():
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, plain)
    Site.objects.update(language="zh-hans")
    assert client.get("/zh-hans/archive/")["Location"] == "/archive/"
    assert '<html lang="en" dir="ltr">' in page(client, "/en/archive/")
    assert "On ink" in page(client, "/en/")
    assert "论墨" not in page(client, "/en/")
    assert switch(page(client, "/")) == {"/": "zh-Hans", "/en/": "en"}


def test_a_text_has_no_address_behind_a_language(client, site):
    for path in ("/zh-hans/posts/lun-mo/", "/zh-hans/nothing/", "/zh-hans/sitemap.xml"):
        html = page(client, path, 404)
        assert '<html lang="zh-Hans" dir="ltr">' in html
    for path in ("/zh-hans/admin/", "/zh-hans/account/login/", "/zh-hans/api/v1/posts/"):
        page(client, path, 404)
    assert client.post("/zh-hans/").status_code == 405
    assert client.get("/zh-hans")["Location"] == "/zh-hans/"


def test_the_menu_has_the_page_in_the_language(client, site, make_page):
    about = make_page(menu_position=1)
    chinese = make_page(title="关于", slug="guan-yu", language="zh-hans", menu_position=1)
    make_page(title="Imprint", menu_position=2)
    link_translation(chinese, about, by=None)
    assert Page.objects.in_menu().count() == 3
    plain, ours = page(client, "/"), page(client, "/zh-hans/")
    assert "/about-us/" in plain
    assert "/guan-yu/" not in plain
    assert "/guan-yu/" in ours
    assert "/about-us/" not in ours
    assert "Imprint" in ours


def test_the_sitemap_has_each_language(client, site):
    def locations(path: str) -> set[str]:
        return {entry.findtext("{*}loc") for entry in fromstring(page(client, path).encode())}

    index = locations("/sitemap.xml")
    assert "https://blog.test/sitemap-posts-zh-hans.xml?p=1" in index
    assert "https://blog.test/sitemap-tags-zh-hans.xml?p=1" in index
    assert locations("/sitemap-posts.xml") == {"https://blog.test/posts/on-ink/"}
    assert locations("/sitemap-posts-zh-hans.xml") == {"https://blog.test/posts/lun-mo/"}
    assert locations("/sitemap-tags-zh-hans.xml") == {"https://blog.test/zh-hans/tags/paper/"}
    assert locations("/sitemap-tags.xml") == {"https://blog.test/tags/paper/"}
    page(client, "/sitemap-posts-ar.xml", 404)


def test_a_hub_is_told_of_the_feeds_of_the_language(site):
    english, chinese = site
    assert "https://blog.test/zh-hans/tags/paper/atom.xml" in topics_of(chinese)
    assert not any("/en/" in topic or "/zh-hans/" in topic for topic in topics_of(english))


def test_the_cost_is_that_of_the_plain_list(client, site, django_assert_num_queries):
    client.get("/")
    for path, queries in {"/": 6, "/archive/": 4, "/tags/": 4}.items():
        for prefix in ("", "/zh-hans"):
            with django_assert_num_queries(queries, info=prefix + path, exact=False):
                client.get(prefix + path)


def test_the_tags_of_a_language_are_those_that_we_speak():
    for language in ("en", "zh-hans"):
        assert {interface_language(tag, "") for tag in tags_under(language)} == {language}
    assert prefix_of("zh-hans", "en") == "/zh-hans"
    assert prefix_of("zh-hans", "zh-cn") == prefix_of("ar", "en") == ""


# --- pages of one person ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"), ("de,en;q=0.5", "en"), ("zh-TW,en;q=0.7", "en"),
        ("de", ""), ("*", ""), ("", ""), ("x" * 600, ""), ("en;q=0, zh-hans", "zh-hans"),
    ],
)  # fmt: skip
def test_what_a_browser_asks_for(accepted, expected):
    assert asked_for(accepted) == expected


def test_account_pages_speak_what_the_browser_asks_for(client, db):
    response = client.get("/account/login/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert response["Content-Language"] == "zh-Hans"
    assert "Accept-Language" in response["Vary"]
    html = response.content.decode()
    assert '<html lang="zh-Hans" dir="ltr">' in html
    assert "归档" in html
    assert '<html lang="en" dir="ltr">' in page(client, "/account/login/")


def test_a_person_s_own_choice_counts_more(client, make_user, sam):
    rita = make_user("rita", language="zh-hans")
    client.force_login(rita)
    english = {"Accept-Language": "en"}
    assert client.get("/account/", headers=english)["Content-Language"] == "zh-Hans"
    assert client.get("/", headers=english)["Content-Language"] == "en"
    client.force_login(sam)
    assert client.get("/admin/", headers={"Accept-Language": "zh"})["Content-Language"] == "zh-Hans"
