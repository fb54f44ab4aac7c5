from io import StringIO

import pytest
from django.core.management import call_command

from blog.models import Page, Post

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild_content", *arguments, stdout=out)
    return out.getvalue().strip()


def test_what_an_older_renderer_made_is_made_anew(make_post, make_page):
    post, page = make_post(body="Ink is *black*."), make_page()
    Post.objects.filter(pk=post.pk).update(renderer_version=0, body_html="old", body_text="old")
    Page.objects.filter(pk=page.pk).update(renderer_version=0, body_html="old")
    assert run() == "Rebuilt 2."
    post.refresh_from_db()
    assert post.body_html.strip() == "<p>Ink is <em>black</em>.</p>"
    assert post.body_text == "Ink is black."
    assert Page.objects.get().body_html != "old"


def test_a_rebuild_changes_neither_text_nor_history_nor_the_date_of_change(make_post):
    post = make_post()
    Post.objects.update(renderer_version=0)
    run()
    after = Post.objects.get()
    assert (after.body, after.updated_at, after.version) == (
        post.body,
        post.updated_at,
        post.version,
    )
    assert after.revisions.count() == post.revisions.count()


def test_what_is_current_is_left_alone_unless_all_is_asked_for(make_post):
    make_post()
    assert run() == "Rebuilt 0."
    assert run("--all") == "Rebuilt 1."
