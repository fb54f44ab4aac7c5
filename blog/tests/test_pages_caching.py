"""What caches may keep of a reader's page, and when they must ask."""

from datetime import timedelta

import pytest

from blog.services import save_content, save_term, trash_content

pytestmark = pytest.mark.django_db
PATHS = ["/", "/posts/on-ink/", "/posts/on-ink.md", "/tags/paper/", "/archive/", "/sitemap.xml"]
FEEDS = ["/atom.xml", "/rss.xml", "/feed.json", "/tags/paper/atom.xml"]


@pytest.fixture
def post(make_post, make_tag):
    return make_post(tags=[make_tag()])


@pytest.mark.parametrize("path", [*PATHS, *FEEDS])
def test_an_anonymous_answer_may_be_kept_but_must_be_checked(client, post, path):
    response = client.get(path)
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Vary" not in response
    again = client.get(path, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == response["ETag"]
    assert again["Cache-Control"] == response["Cache-Control"]


@pytest.mark.parametrize("path", [*PATHS, *FEEDS])
def test_the_same_page_is_the_same_to_the_byte(client, post, path):
    assert client.get(path).content == client.get(path).content


@pytest.mark.parametrize("path", ["/", "/posts/on-ink/", "/posts/on-ink.md", *FEEDS])
def test_a_change_is_seen_at_once(client, post, path):
    etag = client.get(path)["ETag"]
    post.body = "Ink is *blue*."
    save_content(post, by=None)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_knows_a_renamed_tag_and_a_renamed_author(client, post, path):
    etag = client.get(path)["ETag"]
    tag = post.tags.get()
    tag.name = "Vellum"
    save_term(tag)
    changed = client.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    author = post.author
    author.display_name = "Augusta"
    author.save()
    assert client.get(path, headers={"If-None-Match": changed["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_an_unchanged_feed_reads_no_text(client, post, path, django_assert_max_num_queries):
    etag = client.get(path)["ETag"]
    with django_assert_max_num_queries(5) as queries:
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert not [q for q in queries if "body_html" in q["sql"].split(" FROM ")[0]]


@pytest.mark.parametrize("path", FEEDS)
def test_a_date_is_a_condition_too(client, post, make_post, path):
    first = client.get(path)["Last-Modified"]
    newer = make_post(title="Newer", tags=[post.tags.get()])
    newer.updated_at = post.modified_at + timedelta(days=400)
    newer.save(update_fields=["updated_at"])
    assert client.get(path, headers={"If-Modified-Since": first}).status_code == 200
    second = client.get(path)["Last-Modified"]
    assert client.get(path, headers={"If-Modified-Since": second}).status_code == 304
    trash_content(newer, by=None)
    # The date went back; it must not pass for "nothing new".
    assert client.get(path, headers={"If-Modified-Since": second}).status_code == 200
