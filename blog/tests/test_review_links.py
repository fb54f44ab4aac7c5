"""Review links: who has one reads the text, as long as it works, and can say something."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from blog import review_links
from blog.models import ReviewComment, ReviewLink
from blog.services import save_content, trash_content

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def post(ada, make_post):
    return make_post(author=ada, draft=True, title="Secret plans")


@pytest.fixture
def path(post, ada) -> str:
    _link, address = review_links.make_link(post, by=ada, label="Grace")
    return address.removeprefix("https://blog.test")


def said(**changes) -> dict:
    return {"name": "Grace", "text": "I like it.", **changes}


def test_anyone_with_the_link_reads_the_present_text_and_nothing_keeps_it(client, path, post, ada):
    post.body = "Now in *red*."
    save_content(post, by=ada)
    response = client.get(path)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Now in <em>red</em>." in html
    assert '<meta name="robots" content="noindex">' in html
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    # The link opens this page and no other door.
    assert client.get(post.get_absolute_url()).status_code == 404


def test_only_a_digest_is_stored_and_each_link_is_another(post, ada, path):
    token = path.split("/")[2]
    assert len(token) >= 43
    link = ReviewLink.objects.get()
    assert token not in str(vars(link))
    assert review_links.make_link(post, by=ada)[1] != path
    assert link.expires_at == NOW + timedelta(days=14)


@pytest.mark.parametrize("path", ["/review/x/", "/review/é/", "/review/" + "A" * 43 + "/"])
def test_what_never_was_a_link_is_404(path, client, db):
    assert client.get(path).status_code == 404
    assert client.post(path, said()).status_code == 404


def test_over_is_410_and_says_nothing_of_the_text(client, path, clock):
    clock.move_to(NOW + timedelta(days=14))
    for response in (client.get(path), client.post(path, said())):
        assert response.status_code == 410
        assert "Secret plans" not in response.content.decode()
        assert "no-store" in response["Cache-Control"]
    assert not ReviewComment.objects.exists()


def test_revoked_is_410_and_in_the_bin_404(client, path, post, ada):
    link = ReviewLink.objects.get()
    review_links.revoke_link(link, by=ada)
    assert client.get(path).status_code == 410
    assert client.post(path, said()).status_code == 410
    trash_content(post, by=ada)
    assert client.get(path).status_code == 404


def test_a_reviewer_speaks_and_staff_read_it_escaped(client, path, post, ada):
    form = said(name="<b>Grace</b>", text="<script>alert(1)</script>")
    response = client.post(path, form)
    assert (response.status_code, response["Location"]) == (302, path)
    assert "&lt;script&gt;" in client.get(path).content.decode()
    client.force_login(ada)
    html = client.get(f"/admin/blog/post/{post.pk}/workflow/").content.decode()
    assert "&lt;b&gt;Grace&lt;/b&gt;" in html
    assert "<script>alert" not in html


def test_reviewers_do_not_read_each_other(client, path, post, ada):
    client.post(path, said(text="Between us."))
    other = review_links.make_link(post, by=ada)[1].removeprefix("https://blog.test")
    assert "Between us." not in client.get(other).content.decode()


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"text": " "}, {"name": "x" * 101}, {"text": "x" * 5_001}]
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(change, client, path):
    response = client.post(path, said(**change))
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not ReviewComment.objects.exists()


def test_a_flood_is_stopped(client, path):
    for _number in range(review_links.COMMENTS_PER_HOUR):
        assert client.post(path, said()).status_code == 302
    response = client.post(path, said(text="One more"))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "One more</textarea>" in response.content.decode()
    assert ReviewComment.objects.count() == review_links.COMMENTS_PER_HOUR


def test_the_wrong_method_is_405(client, path):
    assert client.put(path).status_code == 405


# --- making and revoking ----------------------------------------------------------------


def test_the_page_of_the_post_makes_lists_and_revokes(client, post, ada):
    address = f"/admin/blog/post/{post.pk}/workflow/"
    client.force_login(ada)
    made = client.post(address, {"step": "link", "label": "Grace", "days": "3"})
    html = made.content.decode()
    assert "https://blog.test/review/" in html
    path = html.partition("https://blog.test")[2].partition("<")[0]
    assert client.get(path).status_code == 200
    listed = client.get(address).content.decode()
    assert "Grace" in listed
    assert "/review/" not in listed
    link = ReviewLink.objects.get()
    assert link.expires_at == NOW + timedelta(days=3)
    assert client.post(address, {"step": "revoke", "link": link.pk}).status_code == 302
    assert client.get(path).status_code == 410
    for wrong in ("", "x", "999999"):
        assert client.post(address, {"step": "revoke", "link": wrong}).status_code == 404
    refused = client.post(address, {"step": "link", "days": "91"})
    assert "errorlist" in refused.content.decode()
    assert ReviewLink.objects.count() == 1


def test_who_may_not_edit_it_makes_and_revokes_none(client, post, path, bob, rita, make_post):
    with pytest.raises(PermissionDenied):
        review_links.make_link(post, by=bob)
    with pytest.raises(PermissionDenied):
        review_links.revoke_link(ReviewLink.objects.get(), by=bob)
    # Nor by the page of an own post.
    own = make_post(author=bob, draft=True, title="Own")
    client.force_login(bob)
    form = {"step": "revoke", "link": ReviewLink.objects.get().pk}
    assert client.post(f"/admin/blog/post/{own.pk}/workflow/", form).status_code == 404
    assert ReviewLink.objects.get().is_open


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_link_has_an_end(days, post, ada):
    with pytest.raises(ValidationError):
        review_links.make_link(post, by=ada, days=days)


def test_there_are_only_so_many(post, ada, monkeypatch):
    monkeypatch.setattr(review_links, "MAX_OPEN_LINKS", 1)
    review_links.make_link(post, by=ada)
    with pytest.raises(ValidationError):
        review_links.make_link(post, by=ada)


def test_the_page_takes_few_queries(client, path, django_assert_num_queries):
    client.get(path)
    with django_assert_num_queries(5):
        client.get(path)
