"""Law 4 at a glance: what every address answers to each role.

A new address fails `test_every_address_is_in_the_table` until somebody has said, in EXPECTED, who
may open it. What is shown of a post in which state is in blog/tests/test_pages_visibility.py.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib.admindocs.views import simplify_regex
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import URLPattern, get_resolver

from accounts import audit, profile
from accounts.tests.test_own_account import picture
from blog.models import OldAddress, Post, Revision, Task
from blog.todo import save_task
from events.models import Event, Receipt
from library.models import Collection, Video
from library.services import store_image

pytestmark = pytest.mark.django_db
# A visitor, a reader, a contributor, an author, an editor and an administrator open what is bob's,
# another author: a public post in a category with a tag and a series, a page, an image.
ROLES = ["anonymous", "rita", "cleo", "ada", "eve", "sam"]
# What they get, in this order, and where.
EXPECTED = {
    "200 200 200 200 200 200": """
        healthz readyz metrics api:post-list api:post-by-slug api:post-published
        api:post-stream api:post-detail api:page-list api:page-by-slug api:page-detail
        api:category-list api:category-by-slug api:category-detail api:tag-list
        api:tag-by-slug api:tag-detail api:series-list api:series-by-slug
        api:series-detail api:author-list api:author-detail
        api:schema api_docs api_redoc
        api:count-authors api:count-categories api:count-months api:count-tags
        api:event-list api:api-root api:site avatar_file library:image_file library:video_file
        account_inactive account_reset_password account_reset_password_from_key_done
        account_reset_password_from_key account_reset_password_done blog:home
        blog:site_atom blog:site_rss blog:site_json blog:post_detail blog:post_markdown
        blog:category_list blog:category_detail blog:category_atom blog:category_rss
        blog:category_json blog:tag_list blog:tag_detail blog:tag_atom blog:tag_rss
        blog:tag_json blog:series_list blog:series_detail blog:series_atom blog:series_rss
        blog:series_json blog:author_list blog:author_detail blog:author_atom
        blog:author_rss blog:author_json blog:archive blog:archive_year blog:archive_month
        blog:search blog:search_atom blog:search_rss blog:search_json blog:sitemap
        blog:sitemap_section blog:robots blog:manifest blog:page_detail blog:llms
    """,
    "302 404 404 404 302 302": """
        admin:view_on_site admin:transfer_importeditem_change
    """,
    "302 404 200 200 200 200": """
        admin:index admin:password_change admin:password_change_done admin:jsi18n
        admin:library_image_changelist admin:library_image_add admin:library_image_history
        admin:library_image_change admin:library_image_upload
        admin:library_video_upload
        admin:library_video_changelist admin:library_video_add admin:library_video_history
        admin:library_video_change admin:library_video_progress
        admin:library_collection_changelist admin:library_collection_add
        admin:library_collection_history admin:library_collection_change
        admin:blog_post_changelist admin:blog_post_add admin:blog_post_calendar
        admin:blog_revision_changelist admin:blog_category_changelist
        admin:blog_category_history admin:blog_category_change admin:blog_tag_changelist
        admin:blog_tag_history admin:blog_tag_change admin:blog_series_changelist
        admin:blog_series_history admin:blog_series_change admin:app_list
        admin:blog_task_changelist admin:blog_task_add
    """,
    "302 404 302 302 302 302": """
        admin:login admin:<path:object_id>/ admin:events_scheduledjob_history
        admin:transfer_importeditem_history
    """,
    "302 404 405 405 405 405": """
        admin:logout admin:blog_page_restore admin:blog_post_restore
        admin:blog_page_undo admin:blog_post_undo
        admin:blog_page_revert admin:blog_post_revert
        admin:blog_page_working_revert admin:blog_post_working_revert
        admin:blog_page_presence admin:blog_post_presence
        admin:blog_page_preview admin:blog_post_preview
        admin:blog_page_preview_new admin:blog_post_preview_new
    """,
    "302 404 404 404 404 404": """
        admin:blog_page_working_compare admin:blog_post_working_compare
        admin:autocomplete admin:events_event_add admin:events_event_delete
        admin:events_scheduledjob_add admin:events_scheduledjob_delete
        admin:events_receipt_add admin:events_receipt_delete
        admin:events_mail_add admin:events_mail_history
        admin:events_mail_delete admin:events_mail_change
        admin:events_webhookendpoint_history admin:events_webhookendpoint_delete
        admin:events_webhookendpoint_change admin:events_webhookdelivery_add
        admin:events_webhookdelivery_history admin:events_webhookdelivery_delete
        admin:events_webhookdelivery_change admin:accounts_auditentry_add
        admin:accounts_auditentry_delete admin:auth_group_add admin:auth_group_delete
        admin:accounts_personaltoken_add admin:accounts_personaltoken_history
        admin:accounts_personaltoken_delete admin:accounts_personaltoken_change
        admin:accounts_tokenfamily_add admin:accounts_tokenfamily_history
        admin:accounts_tokenfamily_delete admin:accounts_tokenfamily_change
        admin:blog_revision_add admin:blog_revision_delete admin:blog_searchmiss_add
        admin:blog_searchmiss_history admin:blog_searchmiss_delete
        admin:blog_searchmiss_change admin:blog_site_add admin:blog_site_delete
        admin:insights_dailyreport_add admin:insights_dailyreport_history
        admin:insights_dailyreport_delete admin:insights_dailyreport_change
        admin:transfer_importeditem_add admin:transfer_importeditem_delete
        admin:transfer_backuprun_add admin:transfer_backuprun_history
        admin:transfer_backuprun_delete admin:transfer_backuprun_change admin:(?P<url>.*)$
        mfa_deactivate_totp mfa_view_recovery_codes mfa_download_recovery_codes
    """,
    "302 404 404 404 404 200": """
        admin:events_event_changelist admin:events_event_history admin:events_event_change
        admin:events_scheduledjob_changelist admin:events_receipt_changelist
        admin:events_receipt_history admin:events_receipt_change
        admin:events_mail_changelist admin:events_webhookendpoint_changelist
        admin:events_webhookendpoint_add admin:events_webhookdelivery_changelist
        admin:accounts_auditentry_changelist admin:accounts_auditentry_history
        admin:accounts_auditentry_change admin:auth_user_password_change
        admin:accounts_user_changelist admin:accounts_user_add admin:accounts_user_history
        admin:accounts_user_delete admin:accounts_user_change admin:auth_group_changelist
        admin:auth_group_history admin:auth_group_change
        admin:accounts_personaltoken_changelist admin:accounts_tokenfamily_changelist
        admin:blog_oldaddress_add admin:blog_oldaddress_delete admin:blog_site_history
        admin:blog_site_change admin:transfer_backuprun_changelist admin:work
    """,
    "302 404 404 404 404 302": """
        admin:events_scheduledjob_change admin:blog_site_changelist
    """,
    "302 404 404 404 200 200": """
        admin:library_image_delete admin:library_video_delete
        admin:library_collection_delete
        admin:library_image_replace admin:library_video_replace
        admin:blog_oldaddress_changelist
        admin:blog_oldaddress_history admin:blog_oldaddress_change
        admin:blog_page_changelist admin:blog_page_add admin:blog_page_delete
        admin:blog_page_history admin:blog_post_history admin:blog_page_compare
        admin:blog_page_working admin:blog_post_working
        admin:blog_post_compare admin:blog_page_change admin:blog_post_delete admin:blog_post_change
        admin:blog_revision_history admin:blog_revision_change
        admin:blog_searchmiss_changelist admin:blog_category_add
        admin:blog_category_delete admin:blog_tag_delete admin:blog_series_add
        admin:blog_series_delete admin:insights_dailyreport_changelist
        admin:transfer_importeditem_changelist
        admin:blog_task_change admin:blog_task_delete admin:blog_task_history
        admin:blog_post_workflow
    """,
    "302 404 404 200 200 200": """
        admin:blog_tag_add
    """,
    "405 405 405 405 405 405": """
        own:language
        api:post-bulk api:post-publish api:post-restore api:post-revision-restore
        api:post-schedule api:post-submit api:post-trash api:post-unpublish
        api:page-publish api:page-restore api:page-revision-restore api:page-schedule
        api:page-submit api:page-trash api:page-unpublish api:auth-token api:auth-refresh
        api:post-working-publish api:post-working-schedule api:page-working-publish
        api:post-working-save-restore api:page-working-save-restore
        api:page-working-schedule api:auth-revoke api:video-captions api:media-replace
        api:video-replace
        api:collection-put api:collection-take
        api:post-request-changes api:auth-email-key api:auth-email-confirm
    """,
    "401 403 403 403 200 200": """
        api:post-revision api:post-revisions api:page-revision api:page-revisions
        api:post-working-saves api:page-working-saves
        api:remark-list api:review-link-list api:review-comment-list
    """,
    "401 403 403 403 404 404": """
        api:post-working-save api:page-working-save
        api:post-working api:page-working api:remark-detail api:review-link-detail
    """,
    "401 403 403 403 400 400": """
        api:post-revision-diff api:page-revision-diff
        api:post-working-save-diff api:page-working-save-diff
    """,
    "400 400 400 400 400 400": """
        blog:oembed
        api:search-list
    """,
    "404 404 404 404 404 404": """
        api:count-list api:count-detail api:session-detail blog:review
        public_keys
    """,
    "401 403 200 200 200 200": """
        api:media-list api:media-detail api:media-uses
        api:video-list api:video-detail api:video-uses
        api:collection-list api:collection-detail
    """,
    "401 404 404 404 404 200": """
        api:webhook-list
    """,
    "401 404 404 404 404 404": """
        api:webhook-detail api:webhook-deliveries api:webhook-delivery api:token-detail
    """,
    "401 404 404 404 404 405": """
        api:webhook-pause api:webhook-ping api:webhook-replay api:webhook-resume
        api:webhook-rotate
    """,
    "401 200 200 200 200 200": """
        api:user-list api:user-me api:user-detail api:token-list api:session-list
    """,
    "401 404 200 200 200 200": """
        api:task-list admin:blog_post_autosave_new
    """,
    "401 404 404 404 200 200": """
        api:task-detail admin:blog_page_autosave admin:blog_page_autosave_new
        admin:blog_post_autosave
    """,
    "301 301 301 301 301 301": """
        ^api(/|$)
    """,
    "302 200 200 200 200 200": """
        own:hub own:profile own:tokens own:data usersessions_list account_logout
        account_reauthenticate account_email account_change_password mfa_index
        mfa_list_webauthn
    """,
    "401 405 405 405 405 405": """
        api:auth-email
    """,
    "302 405 405 405 405 405": """
        own:token_revoke own:app_end own:stay
    """,
    "302 302 302 302 302 302": """
        blog:post_card
        own:data_file own:leave mfa_remove_webauthn account_email_verification_sent
        account_set_password account_confirm_login_code mfa_authenticate
        mfa_reauthenticate mfa_activate_totp mfa_generate_recovery_codes mfa_add_webauthn
        mfa_reauthenticate_webauthn mfa_edit_webauthn mfa_login_webauthn blog:post_list
        blog:favicon
    """,
    "200 302 302 302 302 302": """
        account_signup account_login account_request_login_code
    """,
}


def addresses(patterns=None, space: str = "", route: str = "") -> Iterator[tuple[str, str]]:
    """(name, route with <parameters>) of every address; of an API's two forms the plain one."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = route + str(pattern.pattern)
        if here == "en/":
            continue  # In the site's own language lists have plain addresses; these lead there.
        if not isinstance(pattern, URLPattern):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner, here)
        elif "format" not in here:
            yield space + (pattern.name or str(pattern.pattern)), plain(here)


def plain(route: str) -> str:
    """A route of either kind as a path with <parameters>."""
    if "(?P" in route or "^" in route:
        route = simplify_regex(route).replace("\\Z", "").replace("\\.", ".")
    return "/" + re.sub(r"<\w+:(\w+)>", r"<\1>", route).lstrip("/")


@pytest.fixture
def things(bob, make_post, make_page, make_category, make_tag, make_series) -> dict[str, object]:
    """One of each, by what their addresses call them."""
    profile.set_avatar(bob, picture(), "bob.png", by=bob)
    post = make_post(author=bob, category=make_category(), tags=[make_tag()], series=make_series())
    shared = {"category": post.category, "tags": [post.tags.get()], "series": post.series}
    make_post(title="墨", language="zh-hans", author=bob, **shared)
    page = make_page(title="About")
    image = store_image(picture((500, 400), "PNG"), "bob.png", by=bob)
    film = Video.objects.create(
        digest="0" * 64, stem="sea", name="Sea", width=64, height=48, size=1, uploaded_by=bob
    )
    default_storage.save(film.file_name("mp4"), ContentFile(b"film"))
    old = OldAddress.objects.create(
        key="/former/", content_type=ContentType.objects.get_for_model(Post), object_id=post.pk
    )
    return {
        "post": post,
        "page": page,
        "task": save_task(Task(title="Check the facts"), by=bob),
        "category": post.category,
        "tag": post.tags.get(),
        "series": post.series,
        "user": bob,
        "author": bob,
        "image": image,
        "media": image,
        "video": film,
        "collection": Collection.objects.create(name="Harbours"),
        "oldaddress": old,
        "revision": Revision.objects.earliest("pk"),
        "event": Event.objects.earliest("pk"),
        "receipt": Receipt.objects.earliest("pk"),
        "auditentry": audit.note("user.tested"),
        "group": bob.groups.get(),
    }


def path_of(name: str, route: str, things: dict[str, object]) -> str:
    """The address `name` that is about one of `things`."""
    words = re.split(r"[:_-]", name)
    about = next((things[word] for word in words[1:3] if word in things), None)
    values = {
        "object_id": getattr(about, "pk", 1),
        "id": getattr(about, "pk", 1),
        "pk": getattr(about, "pk", 1),
        "key": getattr(about, "pk", "set-password"),
        "slug": getattr(about, "slug", "nothing"),
        "username": "bob",
        "content_type_id": ContentType.objects.get_for_model(Post).pk,
        "year": "2026",
        "month": "05",
        "name": "posts",
        "number": 1,
        "post_id": things["post"].pk,
        "digest": things["image"].digest,
        "filename": things["image"].file.name.rpartition("/")[2],
        "side": 96,
        "app_label": "blog",
        "url": "nowhere",
        "uidb36": "1",
        "export_id": 1,
        "token_id": 1,
        "delivery": 1,
        "family_id": "00000000-0000-4000-8000-000000000000",
    }
    if name == "library:video_file":
        values |= {"digest": things["video"].digest, "filename": "sea.mp4"}
    if name == "admin:view_on_site":
        values["object_id"] = things["post"].pk
    if name == "avatar_file":
        values["digest"] = things["user"].avatar
    return re.sub(r"<(\w+)>", lambda match: str(values.get(match[1], "x")), route)


# Signing oneself out, here or everywhere.
OWN_WAY_OUT = {"admin:logout", "api:session-list"}


def expected_of() -> dict[str, list[int]]:
    return {
        name: [int(status) for status in statuses.split()]
        for statuses, names in EXPECTED.items()
        for name in names.split()
    }


def test_every_address_is_in_the_table():
    listed = [name for names in EXPECTED.values() for name in names.split()]
    assert len(listed) == len(set(listed))
    assert {name for name, _ in addresses()} ^ set(listed) == set()


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_each_address_answers_each_role_as_it_should(role, client, things, request):
    if role != "anonymous":
        client.force_login(request.getfixturevalue(role))
    place, table, wrong = ROLES.index(role), expected_of(), []
    for name, route in addresses():
        if name not in table:
            continue  # the test above tells of it
        path = path_of(name, route, things)
        status = client.get(path).status_code
        if status != table[name][place]:
            wrong.append((name, path, status, table[name][place]))
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("role", ["anonymous", "rita"])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_nobody_without_a_role_changes_anything(role, method, client, things, request):
    """Below /admin/ and /api/ an empty write is refused, or led to where one signs in."""
    if role != "anonymous":
        client.force_login(request.getfixturevalue(role))
    events, wrong = Event.objects.count(), []
    for name, route in addresses():
        if not route.startswith(("/admin/", "/api/")) or name in OWN_WAY_OUT:
            continue
        response = getattr(client, method)(path_of(name, route, things))
        led_away = response.status_code == 302 and "/login/" in response["Location"]
        if response.status_code < 400 and not led_away:
            wrong.append((name, response.status_code))
        assert response.status_code < 500, name
    assert wrong == []
    assert Event.objects.count() == events
