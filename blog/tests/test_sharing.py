"""What other sites show of a post: its picture, oEmbed, llms.txt; of what anyone may read only."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from xml.etree import ElementTree

import pytest
import time_machine
from PIL import Image

from blog import cards
from blog.models import Site
from blog.services import publish_content, save_content, unpublish_content
from blog.tests.test_pages_head import head
from lib.fonts import FOLDERS, font_for

pytestmark = pytest.mark.django_db
SITE = "https://blog.test"


@pytest.fixture(autouse=True)
def any_machine(monkeypatch):
    """With the one font that Pillow brings: other machines have others."""
    monkeypatch.setattr("lib.fonts._installed", dict)
    from lib.fonts import _chain

    _chain.cache_clear()
    yield
    _chain.cache_clear()


def card_path(client, post) -> str:
    return head(client, post.get_absolute_url())["og:image"].removeprefix(SITE)


class TestThePicture:
    def test_a_post_without_a_cover_has_one_that_is_drawn(self, client, make_post):
        post = make_post(title="On ink")
        facts = head(client, post.get_absolute_url())
        assert facts["twitter:card"] == "summary_large_image"
        assert (facts["og:image:width"], facts["og:image:height"]) == ("1200", "630")
        assert facts["og:image:alt"] == "On ink"
        assert facts["data"]["BlogPosting"]["image"] == facts["og:image"]
        response = client.get(card_path(client, post))
        assert response["Content-Type"] == "image/png"
        assert response["Cache-Control"] == "public, max-age=86400"
        with Image.open(BytesIO(response.content)) as image:
            assert image.size == (1200, 630)

    def test_it_is_drawn_once(self, client, make_post, monkeypatch):
        path = card_path(client, make_post())
        first = client.get(path).content
        monkeypatch.setattr("lib.cards.draw", None)
        assert client.get(path).content == first

    def test_another_title_has_another_address_and_the_old_one_leads_there(self, client, make_post):
        post = make_post(title="On ink")
        old = card_path(client, post)
        post.title = "On soot"
        save_content(post, by=None)
        new = card_path(client, post)
        assert new != old
        response = client.get(old)
        assert (response.status_code, response["Location"]) == (302, new)

    def test_the_name_of_the_site_is_on_it(self, client, make_post):
        post = make_post()
        old = card_path(client, post)
        Site.objects.update(name="The Well")
        assert card_path(client, post) != old

    def test_a_cover_goes_before(self, client, make_post, make_image):
        post = make_post(cover=make_image())
        assert card_path(client, post) == post.cover.url
        assert client.get(f"/posts/{post.slug}/card-0.png").status_code == 404

    def test_no_picture_rather_than_boxes(self, client, make_post):
        facts = head(client, make_post(title="写给以后的人").get_absolute_url())
        assert "og:image" not in facts
        assert facts["twitter:card"] == "summary"

    def test_signs_that_fonts_lack_are_left_out(self, client, make_post):
        path = card_path(client, make_post(title="🎉 On ink"))
        assert client.get(path).status_code == 200

    @pytest.mark.parametrize("state", ["draft", "scheduled", "members", "unpublished"])
    def test_what_is_not_public_has_none_even_for_its_author(self, client, make_post, ada, state):
        post = make_post(author=ada)
        path = card_path(client, post)
        if state == "members":
            post.visibility = "members"
            save_content(post, by=None)
        else:
            unpublish_content(post, by=None)
        if state == "scheduled":
            publish_content(post, by=None, at=datetime(2099, 1, 1, tzinfo=UTC))
        client.force_login(ada)
        assert client.get(path).status_code == 404
        assert "og:image" not in head(client, post.get_absolute_url())

    def test_old_ones_are_deleted_and_drawn_again_on_demand(self, client, make_post):
        path = card_path(client, make_post())
        client.get(path)
        assert cards.drop_old() == 0
        with time_machine.travel(datetime.now(UTC) + timedelta(days=91), tick=False):
            assert cards.drop_old() == 1
        assert cards.drop_old() == 0
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("text", "language"),
    [("写给以后的人", "zh-hans"), ("لماذا نكتب", "ar"), ("सादे पाठ", "hi")],
)
def test_scripts_are_drawn_where_the_machine_has_their_fonts(
    client, make_post, monkeypatch, text, language
):
    monkeypatch.undo()
    if font_for(text, language) is None:
        pytest.skip(f"no font for {language} in {FOLDERS}")
    path = card_path(client, make_post(title=text, language=language))
    assert client.get(path).status_code == 200


class TestOEmbed:
    def ask(self, client, url: str, **more):
        return client.get("/oembed/", {"url": url, **more})

    def test_it_describes_a_post(self, client, make_post, bob):
        post = make_post(title="On <ink>", author=bob, excerpt="About & around.")
        facts = self.ask(client, f"{SITE}{post.get_absolute_url()}?utm_source=x#top").json()
        assert facts == {
            "type": "link",
            "version": "1.0",
            "title": "On <ink>",
            "provider_name": "Inkstone",
            "provider_url": f"{SITE}/",
            "cache_age": 3600,
            "url": f"{SITE}/posts/on-ink/",
            "description": "About & around.",
            "author_name": "Bob",
            "author_url": f"{SITE}/authors/bob/",
            "thumbnail_url": SITE + card_path(client, post),
            "thumbnail_width": 1200,
            "thumbnail_height": 630,
        }

    def test_xml_says_the_same_escaped(self, client, make_post):
        post = make_post(title="On <ink> & soot")
        url = SITE + post.get_absolute_url()
        response = self.ask(client, url, format="xml")
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        tree = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
        found = {element.tag: element.text for element in tree}
        assert found == {name: str(v) for name, v in self.ask(client, url).json().items()}

    def test_a_page_names_where_to_ask(self, client, make_post, make_page):
        for content in (make_post(), make_page()):
            html = client.get(content.get_absolute_url()).content.decode()
            _, _, rest = html.partition('type="application/json+oembed" href="')
            address = rest.partition('"')[0].replace("&amp;", "&").removeprefix(SITE)
            assert client.get(address).json()["title"] == content.title

    def test_a_picture_larger_than_asked_for_is_left_out(self, client, make_post):
        url = SITE + make_post().get_absolute_url()
        assert "thumbnail_url" not in self.ask(client, url, maxwidth="600").json()
        assert "thumbnail_url" in self.ask(client, url, maxheight="630").json()

    def test_a_former_address_is_known(self, client, make_post):
        post = make_post(title="On ink")
        post.slug = "soot"
        save_content(post, by=None)
        assert self.ask(client, f"{SITE}/posts/on-ink/").json()["url"] == f"{SITE}/posts/soot/"

    def test_what_anyone_may_not_read_is_not_there(self, client, make_post, ada):
        draft, members = make_post(draft=True), make_post(title="Club", visibility="members")
        client.force_login(ada)
        for path in (draft.get_absolute_url(), members.get_absolute_url(), "/", "/nowhere/", ""):
            assert self.ask(client, f"{SITE}{path}").status_code == 404, path

    @pytest.mark.parametrize(
        "host",
        [
            "https://evil.test",
            "//blog.test",
            "javascript:",
            "https://[",
            "\0",
            "https://blog.test/%00",
        ],
    )
    def test_other_addresses_are_not_ours(self, client, make_post, host):
        assert self.ask(client, f"{host}{make_post().get_absolute_url()}").status_code == 404

    def test_a_question_that_cannot_be_answered_is_told_so(self, client, make_post):
        url = SITE + make_post().get_absolute_url()
        assert client.get("/oembed/").status_code == 400
        assert self.ask(client, url, maxwidth="wide").status_code == 400
        assert self.ask(client, url, format="yaml").status_code == 501
        assert client.post("/oembed/", {"url": url}).status_code == 405


def test_llms_txt_names_the_texts_in_markdown(client, make_post, make_category, db):
    Site.objects.update(tagline="Notes on ink", description="")
    make_post(
        title="On [ink]", excerpt="All\nof it.", category=make_category("Craft", description="How.")
    )
    make_post(title="Hidden", draft=True)
    response = client.get("/llms.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("# Inkstone\n\n> Notes on ink\n\n")
    assert f"## Newest posts\n\n- [On \\[ink\\]]({SITE}/posts/on-ink.md): All of it.\n" in text
    assert f"## Categories\n\n- [Craft]({SITE}/categories/craft/): How.\n" in text
    assert "Hidden" not in text


def test_structured_data_says_what_a_page_is(client, make_post, make_category):
    post = make_post(category=make_category("Craft"))
    data = head(client, "/")["data"]
    assert data["WebSite"]["url"] == f"{SITE}/"
    data = head(client, post.get_absolute_url())["data"]
    assert data["BlogPosting"]["isPartOf"] == {"@id": f"{SITE}/#website"}
    trail = data["BreadcrumbList"]["itemListElement"]
    assert [(crumb["position"], crumb["item"]) for crumb in trail] == [
        (1, f"{SITE}/"),
        (2, f"{SITE}/categories/craft/"),
        (3, f"{SITE}/posts/on-ink/"),
    ]


def test_a_page_says_what_it_is_and_where(client, make_page):
    data = head(client, make_page().get_absolute_url())["data"]
    assert data["WebPage"]["name"] == "About us"
    assert data["WebPage"]["isPartOf"] == {"@id": f"{SITE}/#website"}
    assert [crumb["name"] for crumb in data["BreadcrumbList"]["itemListElement"]] == [
        "Inkstone",
        "About us",
    ]
