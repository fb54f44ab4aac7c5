"""URLs never die: what a renaming leaves behind, and what may not be taken over."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role
from accounts.services import save_user
from blog.models import OldAddress, Post, Tag
from blog.models.address import path_key
from blog.services import (
    add_old_address,
    delete_old_address,
    publish_content,
    save_content,
    save_term,
)
from events.models import Event

pytestmark = pytest.mark.django_db


def keys(thing) -> set[str]:
    return set(OldAddress.objects.filter(object_id=thing.pk).values_list("key", flat=True))


def rename(thing, slug: str):
    thing.slug = slug
    if isinstance(thing, Post):
        return save_content(thing, by=None)
    return save_term(thing)


def test_every_former_slug_of_a_post_leads_to_it(make_post, client):
    post = make_post(slug="one")
    for slug in ("two", "three"):
        rename(post, slug)
    assert keys(post) == {"posts/one", "posts/two"}
    for slug in ("one", "two"):
        response = client.get(f"/posts/{slug}/")
        assert (response.status_code, response["Location"]) == (301, "/posts/three/")


def test_renaming_back_leaves_no_loop(make_post, client):
    post = make_post(slug="one")
    rename(post, "two")
    rename(post, "one")
    assert keys(post) == {"posts/two"}
    assert client.get("/posts/one/").status_code == 200
    assert client.get("/posts/two/")["Location"] == "/posts/one/"


def test_only_the_case_of_a_slug_can_change(make_post, client):
    post = make_post(slug="One")
    rename(post, "one")
    assert client.get("/posts/one/").status_code == 200
    assert client.get("/posts/One/")["Location"] == "/posts/one/"
    save_content(post, by=None)


@pytest.mark.parametrize("kind", ["category", "tag", "series"])
def test_a_renamed_term_leaves_its_address(kind, request, make_post, client):
    term = request.getfixturevalue(f"make_{kind}")("Ink")
    make_post(**({"tags": [term]} if kind == "tag" else {kind: term}))
    before = term.get_absolute_url()
    rename(term, "black")
    response = client.get(before)
    assert (response.status_code, response["Location"]) == (301, term.get_absolute_url())


def test_a_new_post_does_not_take_the_old_address_of_another(make_post, ada):
    moved = make_post(slug="one")
    rename(moved, "two")
    with pytest.raises(ValidationError) as caught:
        save_content(Post(title="New", slug="one"), by=ada)
    assert list(caught.value.message_dict) == ["slug"]
    assert save_content(Post(title="One"), by=ada).slug == "one-2"


def test_a_post_may_take_back_an_own_old_address(make_post):
    post = make_post(slug="one")
    rename(post, "two")
    assert rename(post, "one").slug == "one"


def test_an_alias_of_a_living_address_does_not_block_its_owner(make_post):
    lives, other = make_post(slug="one"), make_post(slug="other")
    OldAddress.objects.remember("/posts/one/", other)
    save_content(lives, by=None)
    rename(lives, "two")
    assert OldAddress.objects.at("/posts/one/").get().target == lives


def test_a_term_is_not_confused_with_a_post_of_the_same_number(make_post, make_tag):
    post, tag = make_post(slug="one"), make_tag("one")
    rename(post, "two")
    rename(tag, "two")
    assert OldAddress.objects.at("/posts/one/").get().target == post
    assert OldAddress.objects.at("/tags/one/").get().target == tag


def test_a_renamed_author_keeps_the_old_address(make_post, ada, sam, client):
    make_post(author=ada)
    ada.username = "lovelace"
    save_user(ada, by=sam, role=Role.AUTHOR)
    response = client.get("/authors/ada/")
    assert (response.status_code, response["Location"]) == (301, "/authors/lovelace/")
    event = Event.objects.get(kind="user.renamed")
    assert (event.actor, event.payload) == (sam, {"from": "ada", "to": "lovelace"})


def test_a_former_username_is_not_given_to_somebody_else(ada, bob, sam):
    ada.username = "lovelace"
    save_user(ada, by=sam, role=Role.AUTHOR)
    bob.username = "Ada"
    with pytest.raises(ValidationError) as caught:
        save_user(bob, by=sam, role=Role.AUTHOR)
    assert "username" in caught.value.message_dict
    ada.username = "ada"
    save_user(ada, by=sam, role=Role.AUTHOR)
    assert not keys(ada) & {"authors/ada"}


def test_addresses_are_compared_without_case_slashes_query_and_encoding():
    assert path_key("/2019/On-Ink/") == path_key("https://a.example/2019/on-ink?x=1")
    assert path_key("/%E5%A2%A8/") == path_key("墨")


def test_an_address_is_added_and_forgotten_by_administrators_only(make_post, eve, sam):
    post = make_post()
    with pytest.raises(PermissionDenied):
        add_old_address("/old", post, by=eve)
    address = add_old_address("/old", post, by=sam)
    with pytest.raises(PermissionDenied):
        delete_old_address(address, by=eve)
    delete_old_address(address, by=sam)
    assert not OldAddress.objects.exists()
    assert Event.objects.filter(kind__startswith="oldaddress.").count() == 2


@pytest.mark.parametrize("path", ["", "/", "x" * 501, "nul\x00", "lone\ud800"])
def test_an_unusable_path_is_refused(path, make_post, sam):
    with pytest.raises(ValidationError):
        add_old_address(path, make_post(), by=sam)


def test_an_address_that_leads_elsewhere_is_not_taken_over(make_post, sam):
    add_old_address("/old", make_post(), by=sam)
    with pytest.raises(ValidationError, match="already leads"):
        add_old_address("/OLD/", make_post(), by=sam)


def test_the_old_address_of_a_draft_tells_nothing(make_post, client, ada):
    post = make_post(slug="one", draft=True)
    rename(post, "two")
    assert client.get("/posts/one/").status_code == 404
    publish_content(post, by=ada)
    assert client.get("/posts/one/").status_code == 301


def test_renaming_a_tag_without_changing_its_slug_leaves_nothing(make_tag):
    tag = make_tag("ink")
    tag.name = "Ink!"
    save_term(tag)
    assert Tag.objects.get().slug == "ink"
    assert not OldAddress.objects.exists()
