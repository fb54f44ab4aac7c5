"""The OpenAPI document: whole, valid, true of real answers, and handed out without work."""

import copy
import re

import pytest
import yaml
from django.urls import URLPattern, get_resolver
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from accounts.models import Scope
from accounts.tokens import make_personal_token
from blog.models import Post, ReviewLink
from blog.review_links import add_comment
from blog.serializers import PageSerializer, PostSerializer
from config.schema.operations import OPERATIONS
from config.schema.views import document
from events.models import WebhookEndpoint
from events.webhooks import save_endpoint
from lib.tests import make_images as make
from library.models import Collection
from library.services import store_image

JSON = "application/vnd.oai.openapi+json"


def operations():
    """(path, method, operation) of the document."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid_openapi():
    assert document()["openapi"].startswith("3.1")
    validate_schema(copy.deepcopy(document()))


def test_it_is_the_same_in_every_process():
    for methods in document()["paths"].values():
        assert list(methods) == sorted(methods)


def test_what_it_refers_to_is_there():
    for reference in set(re.findall(r"'\$ref': '([^']+)'", str(document()))):
        place = document()
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place, reference


def test_every_action_of_every_view_is_described():
    found, seen = set(), set()
    resolver = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    for pattern in resolver.url_patterns:
        assert isinstance(pattern, URLPattern)
        view = getattr(pattern.callback, "cls", None)
        if view is None or view.__name__ == "APIRootView":
            continue
        actions = getattr(pattern.callback, "actions", None)
        methods = [name for name in ("get", "post", "put", "patch", "delete") if name in dir(view)]
        found |= {(view.__name__, name) for name in (actions.values() if actions else methods)}
    # Nothing is there but the counts themselves.
    found -= {("CountViewSet", "list"), ("CountViewSet", "retrieve")}
    seen = {(view, name) for view, said in OPERATIONS.items() for name in said}
    assert found == seen
    names = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(names) == len(set(names)) == len(found) + 1  # and the schema itself


def test_each_operation_says_what_a_client_must_know():
    tags = {tag["name"] for tag in document()["tags"]}
    for path, method, operation in operations():
        where = f"{method} {path}"
        assert operation["summary"], where
        assert set(operation["tags"]) <= tags, where
        assert {"400", "500", "503"} <= operation["responses"].keys(), where
        if "{" in path:
            assert "404" in operation["responses"], where
        if method != "get":
            assert {"401", "403"} <= operation["responses"].keys(), where
    changing = document()["paths"]["/api/v1/posts/{id}/"]["patch"]
    names = {one["$ref"].rpartition("/")[2] for one in changing["parameters"] if "$ref" in one}
    assert names == {"If-Match", "Prefer", "X-Request-ID"}
    assert {"409", "412", "415", "428"} <= changing["responses"].keys()
    assert changing["security"] == [{"appToken": []}, {"personalToken": []}, {"cookieAuth": []}]
    reading = document()["paths"]["/api/v1/posts/"]["get"]
    assert reading["security"][0] == {}


def test_filters_are_the_ones_there_are():
    given = document()["paths"]["/api/v1/posts/"]["get"]["parameters"]
    names = {one["name"] for one in given if one.get("in") == "query"}
    assert {"tags_all", "published_after", "cursor", "fields", "ordering", "search"} <= names
    fields = next(one for one in given if one.get("name") == "fields")
    assert set(fields["schema"]["items"]["enum"]) == set(PostSerializer.made_of)


# --- how it is handed out ---------------------------------------------------------------


def test_json_yaml_and_not_modified(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (200, JSON)
    assert answer.json() == document()
    written = client.get("/api/v1/schema/?format=yaml")
    assert yaml.safe_load(written.content) == document()
    same = client.get("/api/v1/schema/", headers={"If-None-Match": answer["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", answer["ETag"])


@pytest.mark.parametrize("query", ["format=xml", "lang=en", "format="])
def test_other_parameters_are_refused(client, db, query):
    refused = client.get(f"/api/v1/schema/?{query}")
    assert refused.status_code == 400
    assert refused.json()["type"] == "urn:inkstone:problem:bad-parameter"


def test_it_is_only_read(client, db):
    refused = client.post("/api/v1/schema/")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
    assert refused.json()["type"] == "urn:inkstone:problem:method-not-allowed"


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_the_pages_have_nothing_inline_and_can_be_switched_off(client, db, settings, path):
    page = client.get(path)
    text = re.sub(r' nonce="[^"]+"', "", page.content.decode())  # random: "//" may be in it
    assert page.status_code == 200
    assert 'data-schema="/api/v1/schema/"' in text
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|//", text)
    policy = page["Content-Security-Policy"]
    assert "'unsafe" not in policy
    assert "script-src 'self';" in f"{policy};"
    assert client.post(path).status_code == 405
    settings.API_DOCS = False
    assert client.get(path).status_code == 404


# --- true of real answers ---------------------------------------------------------------


def strict() -> dict:
    """Our components, refusing members that they do not name."""
    found = copy.deepcopy(document()["components"])
    for schema in found["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return found


@pytest.fixture
def told(client, sam):
    """Asks as an administrator; the answer, which the document must describe exactly."""
    _row, token = make_personal_token(sam, name="all", scopes=list(Scope.values))
    components = strict()

    def ask(path: str, template: str, method: str = "get", status: int = 200, body=None):
        kind = {"content_type": "application/json"} if body is not None else {}
        answer = getattr(client, method)(
            f"/api/v1/{path}",
            data=body,
            headers={"Authorization": f"Bearer {token}"},
            **kind,
        )
        assert answer.status_code == status, answer.content
        said = document()["paths"][f"/api/v1/{template}"][method]["responses"][str(status)]
        if "$ref" in said:
            said = components["responses"][said["$ref"].rpartition("/")[2]]
        for name, header in said.get("headers", {}).items():
            if not header["$ref"].endswith("-or-none"):
                assert name in answer, name
        if "content" not in said:
            assert answer.content == b""
            return None
        schema = said["content"][answer["Content-Type"].partition(";")[0]]["schema"]
        validator = Draft202012Validator({**schema, "components": components})
        problems = [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in validator.iter_errors(answer.json())
        ]
        assert not problems, f"{path}: {problems}"
        return answer.json()

    return ask


def test_posts_answer_what_is_said(told, make_post, make_category, make_series, ada):
    image = store_image(make.jpeg(), "ink.jpg", by=ada)
    post = make_post(
        category=make_category(), series=make_series(), series_part=1, cover=image, tags=["ink"]
    )
    make_post(draft=True, title="Later")
    listed = told("posts/", "posts/")
    assert set(listed["results"][0]) == set(PostSerializer.in_lists)
    alone = told(f"posts/{post.pk}/", "posts/{id}/")
    assert set(alone) == set(PostSerializer.alone)
    every = ",".join(PostSerializer.made_of)
    whole = told(f"posts/{post.pk}/?fields={every}", "posts/{id}/")
    assert set(whole) == set(PostSerializer.made_of)
    assert told("posts/?cursor=first", "posts/").keys() == {"next", "previous", "results"}
    told("posts/published/", "posts/published/")
    told(f"posts/slug/{post.slug}/", "posts/slug/{slug}/")
    told("search/?q=ink", "search/")
    told("authors/", "authors/")
    told("authors/ada/", "authors/{username}/")
    for name in ("categories", "tags", "series"):
        row = told(f"{name}/", f"{name}/")["results"][0]
        told(f"{name}/{row['id']}/", f"{name}/{{id}}/")
        told(f"{name}/slug/{row['slug']}/", f"{name}/slug/{{slug}}/")
    for name in ("categories", "tags", "authors", "months"):
        assert told(f"counts/{name}/", f"counts/{name}/")["results"]
    told("events/", "events/")
    told("media/", "media/")
    told(f"media/{image.pk}/", "media/{id}/")
    told(f"media/{image.pk}/uses/", "media/{id}/uses/")
    heap = Collection.objects.create(name="Harbours")
    told("media/collections/", "media/collections/")
    told(f"media/collections/{heap.pk}/", "media/collections/{id}/")


def test_changes_answer_what_is_said(told):
    body = {"title": "On ink", "body": "Ink is *black*.", "tags": ["ink"]}
    dry = told("posts/?validate_only=true", "posts/", "post", 200, body)
    assert dry["valid"] is True
    assert dry["report"]
    made = told("posts/", "posts/", "post", 201, body)
    one, template = f"posts/{made['id']}/", "posts/{id}/"
    told(one, template, "patch", 200, {"body": "Ink is **black**."})
    told(f"{one}publish/", f"{template}publish/", "post", 200, {})
    told(f"{one}revisions/", f"{template}revisions/")
    told(f"{one}revisions/1/", f"{template}revisions/{{number}}/")
    told(f"{one}revisions/diff/?from=1", f"{template}revisions/diff/")
    told(f"{one}revisions/1/restore/", f"{template}revisions/{{number}}/restore/", "post", 200, {})
    bulk = {"ids": [made["id"], 10**6], "action": "unpublish"}
    assert told("posts/bulk/", "posts/bulk/", "post", 200, bulk)["failed"] == 1
    told(f"{one}submit/", f"{template}submit/", "post", 200, {})
    said, step = {"text": "Name your sources."}, "request-changes/"
    told(one + step, template + step, "post", 200, said)
    told(one, template, "delete", 204)
    assert Post.objects.get().trashed_at
    term = told("tags/", "tags/", "post", 201, {"name": "Paper"})
    told(f"tags/{term['id']}/", "tags/{id}/", "delete", 204)
    task = told("tasks/", "tasks/", "post", 201, {"title": "Check the links", "due": "2026-05-01"})
    told("tasks/", "tasks/")
    told(f"tasks/{task['id']}/", "tasks/{id}/", "patch", 200, {"completed": True})
    told("site/", "site/", "patch", 200, {"name": "Ink"})


def test_changes_beside_what_is_live_answer_what_is_said(told, make_post):
    post = make_post()
    one, template = f"posts/{post.pk}/working/", "posts/{id}/working/"
    told(one, template, "patch", 200, {"title": "New", "body": "All new."})
    told(one, template)
    told(f"{one}schedule/", f"{template}schedule/", "post", 200, {"at": "2099-01-01T08:00:00Z"})
    told(f"{one}saves/", f"{template}saves/")
    told(f"{one}saves/1/", f"{template}saves/{{number}}/")
    told(f"{one}saves/diff/?from=0", f"{template}saves/diff/")
    told(f"{one}saves/1/restore/", f"{template}saves/{{number}}/restore/", "post", 200, {})
    told(one, template, "delete", 204)
    told(f"posts/{post.pk}/unpublish/", "posts/{id}/unpublish/", "post", 200, {})
    told(f"{one}saves/1/restore/", f"{template}saves/{{number}}/restore/", "post", 204, {})


def test_what_is_said_of_a_post_answers_what_is_said(told, make_post):
    post = make_post(draft=True)
    one, template = f"posts/{post.pk}/", "posts/{post_id}/"
    remark = told(f"{one}remarks/", f"{template}remarks/", "post", 201, {"text": "Good."})
    told(f"{one}remarks/", f"{template}remarks/")
    told(f"{one}remarks/{remark['id']}/", f"{template}remarks/{{id}}/")
    path = f"{one}remarks/{remark['id']}/"
    told(path, f"{template}remarks/{{id}}/", "patch", 200, {"resolved": True})
    link = told(f"{one}review-links/", f"{template}review-links/", "post", 201, {"label": "Grace"})
    add_comment(ReviewLink.objects.get(), name="Grace", text="I like it.", address="x")
    told(f"{one}review-links/", f"{template}review-links/")
    told(f"{one}review-links/{link['id']}/", f"{template}review-links/{{id}}/")
    told(f"{one}review-links/{link['id']}/", f"{template}review-links/{{id}}/", "delete", 204)
    told(f"{one}review-comments/", f"{template}review-comments/")


def test_pages_people_and_webhooks_answer_what_is_said(told, make_page, sam):
    page = make_page(menu_position=1)
    assert set(told("pages/", "pages/")["results"][0]) == set(PageSerializer.in_lists)
    assert set(told(f"pages/{page.pk}/", "pages/{id}/")) == set(PageSerializer.alone)
    told("site/", "site/")
    told("users/", "users/")
    told("users/me/", "users/me/")
    told(f"users/{sam.pk}/", "users/{id}/")
    hook = WebhookEndpoint(url="https://example.org/hook", kinds=["post.*"])
    save_endpoint(hook, by=sam)
    told("webhooks/", "webhooks/")
    told(f"webhooks/{hook.pk}/", "webhooks/{id}/")
    told(f"webhooks/{hook.pk}/deliveries/", "webhooks/{id}/deliveries/")


def test_refusals_are_what_is_said(told, make_post):
    told("posts/?colour=red", "posts/", status=400)
    told("posts/999999/", "posts/{id}/", status=404)
    told("posts/", "posts/", "post", 400, {"title": ["no", "text"]})
    post = make_post()
    told(f"posts/{post.pk}/submit/", "posts/{id}/submit/", "post", 409, {})
    told("auth/tokens/", "auth/tokens/", status=403)
