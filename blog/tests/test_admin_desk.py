"""The writing screen's answers to its scripts: preview and what is kept on the way."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry
from blog import autosaves
from blog.models import Autosave, Post, Revision
from blog.services import trash_content
from blog.tests.admin_forms import filled
from events import cleaning

pytestmark = pytest.mark.django_db
POST = "/admin/blog/post/"
KEY, OTHER = "a" * 32, "b" * 32
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def url(post: Post, tail: str) -> str:
    return f"{POST}{post.pk}/{tail}/"


def fields(**values) -> str:
    return json.dumps({"values": {name: [text] for name, text in values.items()}, "labels": {}})


def keep(client, address: str, body: str, key: str = KEY, **more):
    return client.post(address, {"key": key, "version": "1", "fields": fields(body=body), **more})


# --- preview ----------------------------------------------------------------------------


def test_a_preview_is_the_page_and_writes_nothing(client, ada, make_post, make_tag):
    post, tag = make_post(author=ada, body="Old."), make_tag("paper")
    before = Post.objects.values().get()
    client.force_login(ada)
    form = filled(post, title="New <title>", body="Typed *now*.", tags=[tag.pk])
    response = client.post(url(post, "preview"), form)
    html = response.content.decode()
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    for words in ("New &lt;title&gt;", "Typed <em>now</em>.", "Ada Lovelace", "/tags/paper/"):
        assert words in html
    assert Post.objects.values().get() == before
    assert Revision.objects.count() == 2
    assert not AuditEntry.objects.filter(detail__view="admin:blog_post_preview").exists()


def test_the_preview_and_the_published_page_have_the_same_article(client, ada, make_tag):
    tag = make_tag("paper")
    client.force_login(ada)
    body = "# A\n\n## B\n\n## C\n\n```python\nx = 1\n```\n\n[^1]\n\n[^1]: Note.\n"
    form = filled(title="On ink", body=body, tags=[tag.pk], excerpt="Short.")
    with time_machine.travel(NOW, tick=False):
        shown = client.post(f"{POST}preview/", form).content.decode()
        assert client.post(f"{POST}add/", {**form, "_publish": "x"}).status_code == 302
        page = client.get(Post.objects.get().get_absolute_url()).content.decode()
    assert article(shown) == article(page)
    assert "footnote" in article(page)


def article(html: str) -> str:
    return html[html.index('<article class="post">') : html.index("</article>")]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "x" * 300},
        {"slug": "a/b"},
        {"slug": "taken"},
        {"language": "<b>"},
        {"canonical_url": "javascript:alert(1)"},
        {"category": "x"},
        {"tags": ["x"]},
        {"tags": ["9" * 40]},
        {"published_at_0": "yesterday"},
        {"body": "\x0b<script>alert(1)</script>"},
        {"body": ""},
        {"opened_version": ""},
    ],
)
def test_a_half_filled_form_is_shown_as_far_as_it_goes(changes, client, ada, make_post):
    make_post(author=ada, slug="taken", title="Taken")
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    for address in (url(post, "preview"), f"{POST}preview/"):
        response = client.post(address, filled(post, **changes))
        assert response.status_code == 200
        html = response.content.decode()
        assert '<article class="post">' in html
        assert "<script>alert" not in html
        assert 'href="javascript:' not in html


def test_what_cannot_be_shown_says_why(client, ada):
    client.force_login(ada)
    response = client.post(f"{POST}preview/", filled(title="Long", body="x" * 1_100_000))
    assert response.status_code == 400
    assert "There is no preview" in response.content.decode()


def test_editors_preview_a_byline_and_a_page(client, eve, ada, bob, make_post, make_page):
    post = make_post(author=ada)
    client.force_login(eve)
    form = filled(post, byline=True) | {"post_authors-TOTAL_FORMS": "2"}
    form |= {"post_authors-1-id": "", "post_authors-1-post": post.pk}
    form |= {"post_authors-1-user": bob.pk, "post_authors-1-place": "2"}
    html = client.post(url(post, "preview"), form).content.decode()
    assert html.index("Ada Lovelace") < html.index("Bob")
    page = make_page()
    form = filled(page, body="We *still* make ink.", menu_position="1")
    html = client.post(f"/admin/blog/page/{page.pk}/preview/", form).content.decode()
    assert "<em>still</em>" in html


# --- who may ----------------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["preview", "autosave"])
def test_others_and_the_bin_answer_404(tail, client, ada, bob, rita, make_post):
    post = make_post(author=ada, draft=True)
    for stranger in (bob, rita):
        client.force_login(stranger)
        assert client.post(url(post, tail), filled(post)).status_code == 404
        assert client.get(url(post, tail)).status_code in (404, 405)
        assert client.post(f"/admin/blog/page/{tail}/", filled()).status_code == 404
    client.force_login(ada)
    assert client.get(url(post, "preview")).status_code == 405
    assert client.post(f"{POST}999999/{tail}/", {}).status_code == 404
    trash_content(post, by=ada)
    assert client.post(url(post, tail), filled(post)).status_code == 404


def test_who_is_signed_out_is_told_so(client, make_post):
    post = make_post(draft=True)
    assert client.post(url(post, "autosave"), {}).status_code == 401
    assert client.get(f"{POST}autosave/").status_code == 401
    assert client.post(url(post, "preview"), {}).status_code == 302


def test_a_forged_request_keeps_nothing(ada, make_post):
    post = make_post(author=ada, draft=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert keep(client, url(post, "autosave"), "Forged.").status_code == 403
    assert not Autosave.objects.exists()


# --- what is kept -----------------------------------------------------------------------


def test_what_is_typed_is_kept_apart_and_offered_to_the_same_person_only(
    client, ada, eve, make_post
):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    assert keep(client, url(post, "autosave"), "One.").status_code == 200
    answer = keep(client, url(post, "autosave"), "Two.").json()
    assert (answer["user"], answer["is_done"]) == (ada.pk, False)
    assert Post.objects.get().body == "Ink is *black*."
    assert Autosave.objects.count() == 1
    newest = client.get(url(post, "autosave")).json()["newest"]
    assert newest["fields"]["values"] == {"body": ["Two."]}
    assert client.get(url(post, "autosave"), {"mine": KEY}).json()["newest"] is None
    assert client.get(f"{POST}autosave/").json()["newest"] is None
    client.force_login(eve)
    assert client.get(url(post, "autosave")).json()["newest"] is None
    assert not AuditEntry.objects.filter(detail__view="admin:blog_post_autosave").exists()


def test_a_save_settles_what_was_kept_and_late_scripts_bring_nothing_back(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    keep(client, url(post, "autosave"), "Typed.")
    keep(client, url(post, "autosave"), "In another tab.", OTHER)
    form = filled(post, body="Typed.", autosave_key=KEY)
    assert client.post(url(post, "change"), form).status_code == 302
    answer = client.get(url(post, "autosave"), {"key": [KEY, OTHER, "c" * 32]}).json()
    assert answer["newest"] is None
    assert sorted(answer["done"]) == [KEY, OTHER]
    assert keep(client, url(post, "autosave"), "Late.").json()["is_done"]
    assert not Autosave.objects.unsaved().exists()
    assert {row.fields.get("values") for row in Autosave.objects.all()} == {None}


def test_a_new_draft_is_kept_until_it_is_saved(client, ada):
    client.force_login(ada)
    page = client.get(f"{POST}add/")
    key = page.context["autosave_key"]
    assert f'name="autosave_key" value="{key}"' in page.content.decode()
    keep(client, f"{POST}autosave/", "New.", key)
    assert client.get(f"{POST}autosave/").json()["newest"]["key"] == key
    refused = client.post(f"{POST}add/", filled(title="", autosave_key=key))
    assert refused.context["autosave_key"] == key
    assert client.get(f"{POST}autosave/").json()["newest"]["key"] == key
    client.post(f"{POST}add/", filled(title="New", autosave_key=key))
    assert client.get(f"{POST}autosave/", {"key": key}).json() | {"token": ""} == {
        "user": ada.pk,
        "token": "",
        "newest": None,
        "done": [key],
    }


def test_what_is_thrown_away_is_gone(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    keep(client, url(post, "autosave"), "One.")
    keep(client, url(post, "autosave"), "Two.", OTHER)
    assert client.post(url(post, "autosave"), {"key": OTHER, "discard": "1"}).status_code == 200
    assert client.get(url(post, "autosave")).json()["newest"]["key"] == KEY


@pytest.mark.parametrize(
    "data",
    [
        {"fields": ""},
        {"fields": "[]"},
        {"fields": "["},
        {"fields": "[" * 100_000},
        {"fields": '{"values": []}'},
        {"fields": '{"values": {"body": "x"}}'},
        {"fields": '{"values": {"body": [1]}}'},
        {"fields": '{"values": {"body": ["\\u0000"]}}'},
        {"fields": '{"values": {"body": ["\\ud800"]}}'},
        {"fields": '{"values": {"\\u0000": ["x"]}}'},
        {"fields": fields(body="x" * 2_600_000)},
        {"key": ""},
        {"key": "../" * 10},
        {"version": "x"},
        {"version": "-1"},
        {"version": "9" * 30},
    ],
)
def test_what_is_no_form_is_refused(data, client, ada, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    sent = {"key": KEY, "version": "1", "fields": fields(body="Text."), **data}
    assert client.post(url(post, "autosave"), sent).status_code == 400
    assert not Autosave.objects.exists()


def test_what_nobody_came_back_to_is_swept(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    with time_machine.travel(NOW, tick=False) as clock:
        autosaves.keep(post, fields(body="Old."), key=KEY, version=1, by=ada)
        clock.shift(timedelta(days=29))
        autosaves.keep(post, fields(body="New."), key=OTHER, version=1, by=ada)
        cleaning.clean_up()
        assert Autosave.objects.count() == 2
        clock.shift(timedelta(days=2))
        cleaning.clean_up()
    assert Autosave.objects.get().key == OTHER


def test_a_person_keeps_a_hundred_at_most(ada, make_post, monkeypatch):
    monkeypatch.setattr(autosaves, "MAX_PER_PERSON", 3)
    post = make_post(author=ada, draft=True)
    for number in range(5):
        autosaves.keep(post, fields(body="x"), key=f"{number:032x}", version=1, by=ada)
    kept = Autosave.objects.order_by("pk").values_list("key", flat=True)
    assert [int(key, 16) for key in kept] == [2, 3, 4]


def test_the_screen_may_frame_the_preview_and_other_pages_may_not(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    policy = client.get(url(post, "change"))["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "style-src 'self' 'nonce-" in policy
    assert "'unsafe" not in policy
    assert "frame-src" not in client.get(POST)["Content-Security-Policy"]
