"""Where images are used: kept as things are saved, asked before one is deleted."""

import pytest
from django.db.models import ProtectedError

from blog.models import Post
from blog.services import delete_content, save_content, trash_content
from lib.tests import make_images as make
from library import usage
from library.models import Image
from library.services import delete_image
from library.tests.test_admin import LIST, change


def titles(image, user=None):
    return [use.title for use in usage.of(image, user).shown]


def test_a_text_a_cover_and_a_link_are_uses(make_image, make_post, make_page):
    shown, cover, linked = (make_image(make.jpeg(side)) for side in (41, 42, 43))
    post = make_post(title="Shown", body=f"![]({shown.url})", cover=cover)
    make_page(title="Linked", body=f"[the file](https://blog.test{linked.url})")
    assert titles(shown) == titles(cover) == ["Shown"]
    assert titles(linked) == ["Linked"]
    assert usage.of(cover).shown[0].url == f"/admin/blog/post/{post.pk}/change/"
    assert not Image.objects.unused().exists()


def test_uses_end_when_the_text_or_the_cover_changes_or_the_post_goes(make_image, make_post, sam):
    first, second = make_image(make.jpeg(41)), make_image(make.jpeg(42))
    post = make_post(body=f"![]({first.url})", cover=second, draft=True)
    post.body, post.cover = "Nothing.", None
    save_content(post, by=None)
    assert set(Image.objects.unused()) == {first, second}
    post.body = f"![]({second.url}) ![]({second.url})"
    save_content(post, by=None)
    assert set(Image.objects.unused()) == {first}
    trash_content(post, by=None)
    assert titles(second) == ["On ink"]  # It may come back.
    delete_content(Post.objects.get(), by=sam)
    assert set(Image.objects.unused()) == {first, second}


def test_an_image_in_a_text_is_not_deleted(make_image, make_post):
    image = make_image()
    make_post(body=f"![]({image.url})")
    with pytest.raises(ProtectedError):
        delete_image(image)
    assert image.file.storage.exists(image.file.name)


def test_the_refusal_in_the_admin_lists_the_uses(client, eve, make_image, make_post):
    image = make_image()
    make_post(title="On <bridges>", body=f"![]({image.url})")
    client.force_login(eve)
    for path, form in (
        (f"/admin/library/image/{image.pk}/delete/", {"post": "yes"}),
        (LIST, {"action": "delete_selected", "_selected_action": image.pk, "post": "yes"}),
    ):
        response = client.post(path, form)
        assert response.status_code == 200
        assert "On &lt;bridges&gt;</a>, in the text" in response.content.decode()
    assert Image.objects.exists()


def test_others_drafts_are_counted_not_named(client, ada, bob, make_image, make_post):
    image = make_image(by=ada)
    make_post(title="Secret plans", author=bob, body=f"![]({image.url})", draft=True)
    client.force_login(ada)
    content = client.get(change(image)).content.decode()
    assert "In 1 place that you cannot open" in content
    assert "Secret plans" not in content
    client.force_login(bob)
    assert client.get(change(image)).status_code == 200
    answer = client.get(f"/api/v1/media/{image.pk}/uses/").json()
    assert [use["title"] for use in answer["shown"]] == ["Secret plans"]
    assert answer["hidden"] == 0


def test_the_api_tells_uses_and_refuses(client, eve, make_image, make_post):
    used, unused = make_image(make.jpeg(41)), make_image(make.jpeg(42))
    post = make_post(title="On ink", body=f"![]({used.url})")
    client.force_login(eve)
    assert client.get(f"/api/v1/media/{used.pk}/uses/").json() == {
        "shown": [
            {
                "title": "On ink",
                "place": "in the text",
                "url": f"https://blog.test/admin/blog/post/{post.pk}/change/",
            }
        ],
        "hidden": 0,
    }
    assert client.get("/api/v1/media/999999/uses/").status_code == 404
    assert client.post(f"/api/v1/media/{used.pk}/uses/").status_code == 405
    refused = client.delete(f"/api/v1/media/{used.pk}/")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "This is in use: On ink (in the text)."
    found = client.get("/api/v1/media/?unused=true").json()["results"]
    assert [row["id"] for row in found] == [unused.pk]


def test_the_list_is_filtered_by_use(client, eve, make_image, make_post):
    used, unused = make_image(make.jpeg(41)), make_image(make.jpeg(42))
    make_post(body=f"![]({used.url})")
    client.force_login(eve)
    for query, expected in (("used", {used}), ("unused", {unused}), ("x", {used, unused})):
        found = client.get(f"{LIST}?use={query}").context["cl"].queryset
        assert set(found) == expected


def test_a_save_that_changes_no_picture_asks_nothing(
    make_image, make_post, django_assert_num_queries
):
    image = make_image()
    post = make_post(body=f"![]({image.url})")
    with django_assert_num_queries(2):  # one for images, one for videos
        usage.keep("post", post.pk, "text", text=post.body)
