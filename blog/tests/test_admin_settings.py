"""Terms, old addresses, the site's settings and the desk in the admin."""

import pytest

from blog.models import Category, OldAddress, Post, Series, Site, Tag
from blog.models.checks import ADJUSTABLE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["category", "tag", "series"])
def test_editors_make_rename_and_delete_terms(kind, client, eve, make_post):
    client.force_login(eve)
    model = {"category": Category, "tag": Tag, "series": Series}[kind]
    base = f"/admin/blog/{kind}/"
    client.post(f"{base}add/", {"name": "墨", "slug": "", "description": ""})
    term = model.objects.get()
    assert term.slug == "墨"
    form = {"name": "Ink", "slug": "ink", "description": "Black."}
    assert client.post(f"{base}{term.pk}/change/", form).status_code == 302
    assert OldAddress.objects.get().target == term
    make_post(**({"tags": [term]} if kind == "tag" else {kind: term}))
    assert "1" in client.get(f"{base}{term.pk}/delete/").content.decode()
    assert client.post(f"{base}{term.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not model.objects.exists()
    assert Post.objects.count() == 1


@pytest.mark.parametrize("slug", ["taken", "a/b", "per%cent", "x" * 101, "nul\x00"])
def test_a_slug_that_cannot_be_is_told_in_the_form(slug, client, eve, make_tag):
    make_tag("Taken", slug="taken")
    client.force_login(eve)
    form = {"name": "Ink", "slug": slug, "description": ""}
    response = client.post("/admin/blog/tag/add/", form)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert Tag.objects.count() == 1


def test_an_author_makes_tags_but_changes_none(client, ada, make_tag):
    tag = make_tag("ink")
    client.force_login(ada)
    client.post("/admin/blog/tag/add/", {"name": "Paper", "slug": "", "description": ""})
    assert Tag.objects.filter(slug="paper").exists()
    form = {"name": "Mine", "slug": "ink", "description": ""}
    assert client.post(f"/admin/blog/tag/{tag.pk}/change/", form).status_code == 404
    assert client.get(f"/admin/blog/tag/{tag.pk}/delete/").status_code == 404


# --- old addresses ----------------------------------------------------------------------

ADD = "/admin/blog/oldaddress/add/"


@pytest.mark.parametrize(
    "leads_to", ["/posts/on-ink/", "posts/on-ink", "https://x.org/posts/on-ink/"]
)
def test_an_administrator_adds_an_old_address(leads_to, client, sam, make_post):
    post = make_post()
    client.force_login(sam)
    form = {"path": "/2019/05/on-ink.html", "leads_to": leads_to}
    assert client.post(ADD, form).status_code == 302
    assert OldAddress.objects.get().target == post
    assert "2019/05/on-ink.html" in client.get("/admin/blog/oldaddress/").content.decode()
    assert client.get("/2019/05/on-ink.html")["Location"] == "/posts/on-ink/"


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/old", "/posts/nowhere/"),
        ("/old", "/admin/"),
        ("/old", "/search/"),
        ("/old", "http://[bad"),
        ("/", "/posts/on-ink/"),
        ("", "/posts/on-ink/"),
        ("/taken", "/posts/on-ink/"),
        ("/old\x00", "/posts/on-ink/"),
    ],
)
def test_one_that_cannot_be_is_told_in_the_form(path, leads_to, client, sam, make_post):
    make_post()
    OldAddress.objects.remember("/taken", make_post())
    client.force_login(sam)
    response = client.post(ADD, {"path": path, "leads_to": leads_to})
    assert response.status_code == 200
    assert "errornote" in response.content.decode()
    assert OldAddress.objects.count() == 1


def test_an_old_address_is_deleted_but_not_changed(client, sam, eve, make_post):
    OldAddress.objects.remember("/old", make_post())
    base = f"/admin/blog/oldaddress/{OldAddress.objects.get().pk}/"
    client.force_login(sam)
    assert client.get(f"{base}change/").status_code == 200
    assert client.post(f"{base}change/", {"key": "x"}).status_code == 404
    client.force_login(eve)
    assert client.post(f"{base}delete/", {"post": "yes"}).status_code == 404
    client.force_login(sam)
    client.post(f"{base}delete/", {"post": "yes"})
    assert not OldAddress.objects.exists()


# --- the site and the desk --------------------------------------------------------------

SITE = "/admin/blog/site/1/change/"


def test_the_list_of_sites_is_the_form_of_the_one(client, sam):
    client.force_login(sam)
    assert client.get("/admin/blog/site/")["Location"] == SITE
    form = {"name": "Ink", "tagline": "", "description": "", "language": "zh-hans"}
    assert client.post(SITE, {**form, "posts_per_page": "9"}).status_code == 302
    assert (Site.current().name, Site.current().posts_per_page) == ("Ink", 9)
    assert client.get("/admin/blog/site/add/").status_code == 404
    assert client.post("/admin/blog/site/1/delete/", {"post": "yes"}).status_code == 404


def test_settings_that_would_break_every_page_are_refused(client, sam):
    client.force_login(sam)
    form = {"name": "Ink", "tagline": "", "description": "", "language": "../x"}
    assert client.post(SITE, {**form, "posts_per_page": "0"}).status_code == 200
    assert Site.current().language == "en"


def levels(**chosen: str) -> dict[str, str]:
    """What a browser sends for the rules; all warn but those that are `chosen`."""
    return {f"publish_checks_{rule}": chosen.get(rule, "warning") for rule in ADJUSTABLE}


def test_each_check_is_set_by_a_choice(client, sam):
    client.force_login(sam)
    form = {"name": "Ink", "tagline": "", "description": "", "language": "en"}
    form["posts_per_page"] = "9"
    chosen = {"dead_link": "off", "missing_alt": "blocking"}
    assert client.post(SITE, {**form, **levels(**chosen)}).status_code == 302
    assert Site.current().publish_checks == chosen
    html = client.get(SITE).content.decode()
    place = ADJUSTABLE.index("dead_link")
    assert f'<label for="id_publish_checks_{place}">A link within the site leads' in html
    assert f'<select name="publish_checks_dead_link" id="id_publish_checks_{place}">' in html
    assert '<option value="off" selected>' in html
    assert html.count('<option value="warning" selected>') == len(ADJUSTABLE) - 2
    for wrong in ("", "loud"):
        refused = client.post(SITE, {**form, **levels(dead_link=wrong)})
        assert refused.context["errors"]
    client.post(SITE, form)
    assert Site.current().publish_checks == chosen
    client.post(SITE, {**form, **levels()})
    assert Site.current().publish_checks == {}


def test_an_editor_does_not_find_the_settings(client, eve):
    client.force_login(eve)
    for address in ("/admin/blog/site/", SITE, "/admin/nowhere/"):
        assert client.get(address).status_code == 404


WRITER = ["Post", "Task", "Category", "Tag", "Series", "Revision"]
EDITOR = ["Post", "Page", *WRITER[1:], "OldAddress"]
DESK = {
    "cleo": WRITER,
    "eve": [*EDITOR, "SearchMiss"],
    "sam": [*EDITOR, "Site", "SearchMiss"],
}


@pytest.mark.parametrize("person", DESK)
def test_the_desk_begins_with_posts_and_shows_what_one_may(person, request, client):
    client.force_login(request.getfixturevalue(person))
    apps = client.get("/admin/").context["app_list"]
    assert apps[0]["app_label"] == "blog"
    assert [model["object_name"] for model in apps[0]["models"]] == DESK[person]
    people = [app for app in apps if app["app_label"] == "accounts"]
    if person == "sam":
        names = {model["object_name"] for model in people[0]["models"]}
        assert {"User", "Group", "AuditEntry"} <= names
    else:
        assert not people


def test_the_admin_keeps_the_strict_policy_and_stays_private(client, sam, make_post):
    post = make_post()
    client.force_login(sam)
    for address in ("/admin/", f"/admin/blog/post/{post.pk}/change/", "/admin/login/"):
        response = client.get(address, follow=True)
        policy = response["Content-Security-Policy"]
        assert "'unsafe" not in policy
        assert response["Cache-Control"] == "private, no-store"
        html = response.content.decode()
        assert "<style" not in html
        assert "style=" not in html
        assert " onclick" not in html
        assert "<script>" not in html
