"""Tags typed by their names in the form of a post: found, or made."""

import pytest

from blog.models import Post, Tag
from blog.tagging import split_names
from blog.tests.admin_forms import filled
from blog.working import publish_changes

pytestmark = pytest.mark.django_db
ADD = "/admin/blog/post/add/"


def names(post: Post) -> list[str]:
    return sorted(post.tags.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" , ,", []),
        ("ink, red  ink ,ink", ["ink", "red ink"]),
        ("墨水，纸、笔", ["墨水", "纸", "笔"]),
    ],
)
def test_names_are_listed_with_commas(text, found):
    assert split_names(text) == found


def test_what_is_there_is_taken_and_what_is_new_is_made(client, ada, make_tag):
    chosen, paper, ink = make_tag("chosen"), make_tag("Paper"), make_tag("Red ink")
    client.force_login(ada)
    assert 'name="new_tags"' in client.get(ADD).text
    form = filled(title="On ink", body="Ink.", tags=[chosen.pk])
    client.post(ADD, {**form, "new_tags": "paper, red-ink, Vellum, chosen"})
    assert names(Post.objects.get()) == ["Paper", "Red ink", "Vellum", "chosen"]
    assert Tag.objects.count() == 4
    assert set(Post.objects.get().tags.all()) >= {paper, ink}


def test_a_name_that_cannot_be_one_is_told_and_makes_nothing(client, ada):
    client.force_login(ada)
    form = filled(title="On ink", body="Ink.")
    answer = client.post(ADD, {**form, "new_tags": f"good, {'x' * 300}"})
    assert answer.status_code == 200
    assert "“xxx" in str(answer.context["adminform"].form.errors["new_tags"])
    assert not Post.objects.exists()
    assert not Tag.objects.exists()


def test_who_makes_no_tags_is_not_asked_and_makes_none(client, cleo, make_tag):
    make_tag("paper")
    client.force_login(cleo)
    assert 'name="new_tags"' not in client.get(ADD).text
    form = filled(title="On ink", body="Ink.")
    assert client.post(ADD, {**form, "new_tags": "Vellum"}).status_code == 404
    assert not Post.objects.exists()
    assert list(Tag.objects.values_list("name", flat=True)) == ["paper"]


def test_beside_a_live_post_the_new_tag_waits_for_its_publication(client, ada, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    address = f"/admin/blog/post/{post.pk}/change/"
    page = client.get(address)
    number = page.context["adminform"].form["opened_working"].value()
    form = filled(post, new_tags="Vellum", opened_working=number)
    assert client.post(address, form).status_code == 302
    assert names(post) == []
    post.refresh_from_db()
    publish_changes(post, by=ada)
    assert names(post) == ["Vellum"]
