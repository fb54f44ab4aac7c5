"""What the API refuses and tells whatever the resource: limits, scopes, origins, bad requests."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings, strategies
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from blog.api import PostViewSet
from blog.models import Post, Site
from lib.api import throttles
from lib.api.deprecation import DeprecatedMixin, Deprecation, deprecated

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
URN = "urn:inkstone:problem:"
PROBLEM = "application/problem+json"
NOW = datetime(2026, 6, 1, 12, 0, 15, tzinfo=UTC)


def problem(response, status: int, slug: str) -> dict:
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM), response.content
    body = response.json()
    assert (body["type"], body["status"]) == (URN + slug, status)
    assert body["request_id"] == response["X-Request-ID"]
    return body


# --- bad requests -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "status", "slug"),
    [
        (b"{", "application/json", 400, "malformed-body"),
        (b"[" * 100_000, "application/json", 400, "malformed-body"),
        (b'{"title": "\\ud800"}', "application/json", 400, "malformed-body"),
        (b'{"title": "\\u0000"}', "application/json", 400, "malformed-body"),
        (b'{"series_part": 1e400}', "application/json", 400, "malformed-body"),
        (b'{"series_part": NaN}', "application/json", 400, "malformed-body"),
        (b'{"series_part": ' + b"9" * 100_000 + b"}", "application/json", 400, "malformed-body"),
        (b'{"title": "a", "title": "b"}', "application/json", 400, "malformed-body"),
        (b"\xff\xfe", "application/json", 400, "malformed-body"),
        (b"x" * 5_000_001, "application/json", 413, "too-large"),
        (b"{}", "application/json; charset=utf-16", 415, "unsupported-media-type"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"title=x", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"<a/>", "application/xml", 415, "unsupported-media-type"),
    ],
)
def test_a_body_that_cannot_be_used_is_told_why(body, content_type, status, slug, client, ada):
    client.force_login(ada)
    problem(client.generic("POST", POSTS, body, content_type=content_type), status, slug)
    assert not Post.objects.exists()


def test_addresses_and_headers_that_make_no_sense_are_problems(client, ada):
    problem(client.get(f"{POSTS}?search={'x' * 1_000_000}"), 414, "address-too-long")
    problem(client.get("/api/v1/\x00"), 404, "not-found")
    problem(client.get("/api/v2/posts/"), 404, "not-found")
    problem(client.get(POSTS, headers={"Accept": "text/html"}), 406, "not-acceptable")
    problem(client.post(POSTS, headers={"Host": "evil.example"}), 400, "bad-request")
    client.force_login(ada)
    chunked = client.post(POSTS, headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH="")
    problem(chunked, 411, "length-required")


def test_a_session_without_its_csrf_token_is_a_403(client, ada):
    client.handler.enforce_csrf_checks = True
    client.force_login(ada)
    response = client.post(POSTS, {"title": "x"}, content_type="application/json")
    problem(response, 403, "forbidden")


def test_a_database_that_is_away_is_a_503(client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)
        response = client.get(f"{POSTS}1/")
    problem(response, 503, "unavailable")
    assert response["Retry-After"] == "5"
    assert "closed the connection" not in response.content.decode()


# What a client may send where a field is expected, of every JSON type and then some.
_values = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False, allow_infinity=False)
    | strategies.text(max_size=30),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.sampled_from(["id", "name", "username"]), inner)
    ),
    max_leaves=5,
)
_FIELDS = [
    *("title", "slug", "body", "excerpt", "cover_id", "language", "seo_title", "canonical_url"),
    *("visibility", "status", "published_at", "unpublish_at", "category_id", "tags", "authors"),
    *("series_id", "series_part", "featured", "corrections", "ids", "action", "at", "add_tags"),
    *("name", "alt"),
    *("publish_checks", "posts_per_page", "menu_position", "description"),
]
_documents = strategies.dictionaries(strategies.sampled_from(_FIELDS), _values, max_size=6)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=_documents | _values, titled=strategies.booleans())
def test_no_json_makes_the_server_fail(document, titled, client, sam):
    if titled and isinstance(document, dict):
        document["title"] = document["name"] = "A title"
    client.force_login(sam)
    body = json.dumps(document)
    kinds = ("posts", "pages", "tags", "posts/bulk")
    for method, address in [*(("POST", f"/api/v1/{kind}/") for kind in kinds), ("PATCH", SITE)]:
        response = client.generic(method, address, body, content_type="application/json")
        assert response.status_code in (200, 201, 400, 409), (address, body, response.content)
    post = Post.objects.first()
    if post is not None:
        address = f"{POSTS}{post.pk}/{'publish/' if len(body) % 2 else ''}"
        method = "POST" if "publish" in address else "PATCH"
        response = client.generic(method, address, body, content_type="application/json")
        assert response.status_code in (200, 400, 409), (address, body, response.content)


# --- limits -----------------------------------------------------------------------------


@pytest.fixture
def three_a_minute(settings):
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 3)
    throttles.here.forget()
    yield
    throttles.here.forget()


def test_every_answer_tells_what_is_left(client, three_a_minute, make_post):
    make_post()
    with time_machine.travel(NOW, tick=False) as clock:
        left = []
        for _ in range(4):
            response = client.get(f"{POSTS}1/")
            assert response["RateLimit-Policy"] == '"anonymous";q=3;w=60'
            left.append(response["RateLimit"])
        assert left == [f'"anonymous";r={rest};t=45' for rest in (2, 1, 0, 0)]
        problem(response, 429, "too-many-requests")
        assert response["Retry-After"] == "45"
        elsewhere = client.get(f"{POSTS}1/", REMOTE_ADDR="192.0.2.7")
        assert elsewhere.status_code != 429
        clock.shift(45)
        assert client.get(f"{POSTS}1/").status_code != 429


@time_machine.travel(NOW, tick=False)  # no other minute begins meanwhile
def test_a_forged_header_buys_no_more_requests(client, three_a_minute, settings):
    settings.TRUSTED_PROXY_COUNT = 0
    codes = [
        client.get(f"{POSTS}1/", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(4)
    ]
    assert codes == [404, 404, 404, 429]


@time_machine.travel(NOW, tick=False)
def test_changes_are_counted_by_person_and_apart_from_reads(client, three_a_minute, ada, bob):
    client.force_login(ada)
    for _ in range(3):
        response = client.post(POSTS, {"title": "x"}, content_type="application/json")
        assert response.status_code == 201
    response = client.post(POSTS, {"title": "x"}, content_type="application/json")
    problem(response, 429, "too-many-requests")
    assert response["RateLimit-Policy"] == '"write";q=3;w=60'
    assert client.get(f"{POSTS}999999999/").status_code == 404
    client.force_login(bob)
    assert client.post(POSTS, {"title": "x"}, content_type="application/json").status_code == 201


def test_one_process_remembers_so_many_clients_only(monkeypatch):
    monkeypatch.setattr(throttles, "MAX_CLIENTS", 10)
    counter = throttles._Counter()
    for number in range(1_000):
        counter.hit(str(number))
    assert len(counter._hits) <= 11


# --- scopes, origins, deprecation -------------------------------------------------------


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        ({"read"}, "get", 200),
        ({"write"}, "get", 403),
        ({"read"}, "post", 403),
        ({"read", "media"}, "post", 403),
        ({"write"}, "post", 201),
        (set(), "get", 403),
    ],
)
def test_a_token_does_what_its_scopes_say(scopes, method, status, ada):
    factory = APIRequestFactory()
    request = (
        factory.post(POSTS, {"title": "x"}, "json") if method == "post" else factory.get(POSTS)
    )
    force_authenticate(request, user=ada, token=SimpleNamespace(scopes=scopes))
    view = PostViewSet.as_view({"get": "list", "post": "create"}, basename="post")
    if method == "post" and status == 201:
        request.resolver_match = SimpleNamespace(namespace="api")
    response = view(request)
    assert response.status_code == status
    if status == 403:
        needed = "read" if method == "get" else "write"
        assert response.data["type"] == URN + "insufficient-scope"
        assert response.data["scope"] == needed
        assert f'scope="{needed}"' in response["WWW-Authenticate"]


def test_only_listed_origins_read_answers_and_never_with_cookies(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    for origin, allowed in (("https://app.example.org", True), ("https://evil.example", False)):
        response = client.get(f"{POSTS}1/", headers={"Origin": origin})
        assert (response.get("Access-Control-Allow-Origin") == origin) is allowed
        assert "Access-Control-Allow-Credentials" not in response
        assert "origin" in response["Vary"].lower()
        preflight = client.options(
            POSTS,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "if-match, idempotency-key",
            },
        )
        assert ("if-match" in preflight.get("Access-Control-Allow-Headers", "")) is allowed
    page = client.get("/", headers={"Origin": "https://app.example.org"})
    assert "Access-Control-Allow-Origin" not in page


OLD = Deprecation(
    since=datetime(2026, 1, 1, tzinfo=UTC),
    sunset=datetime(2027, 1, 1, tzinfo=UTC),
    guide="https://blog.test/api/docs/",
)
TOLD = {
    "Deprecation": "@1767225600",
    "Sunset": "Fri, 01 Jan 2027 00:00:00 GMT",
    "Link": '<https://blog.test/api/docs/>; rel="deprecation"; type="text/html"',
}


def test_what_is_deprecated_says_so():
    class Old(DeprecatedMixin, APIView):
        deprecation = OLD

        def get(self, request):
            return Response({})

    class PartlyOld(APIView):
        @deprecated(OLD)
        def get(self, request):
            return Response({})

        def head(self, request):
            return Response({})

    factory = APIRequestFactory()
    assert {name: Old.as_view()(factory.get("/"))[name] for name in TOLD} == TOLD
    assert Old.as_view()(factory.delete("/"))["Sunset"] == TOLD["Sunset"]
    assert {name: PartlyOld.as_view()(factory.get("/"))[name] for name in TOLD} == TOLD
    assert "Sunset" not in PartlyOld.as_view()(factory.head("/"))


# --- the site ---------------------------------------------------------------------------

SITE = "/api/v1/site/"


def test_anyone_reads_the_settings_and_administrators_change_them(client, eve, sam):
    read = client.get(SITE)
    body = {
        "name": "Inkstone",
        "tagline": "",
        "description": "",
        "language": "en",
        "posts_per_page": 12,
        "publish_checks": {},
    }
    assert read.json() == body
    assert client.get(SITE, headers={"If-None-Match": read["ETag"]}).status_code == 304
    change = {"name": "Tusche", "publish_checks": {"dead_link": "blocking"}}
    problem(
        client.patch(SITE, change, content_type="application/json"), 401, "authentication-required"
    )
    client.force_login(eve)
    problem(client.patch(SITE, change, content_type="application/json"), 403, "forbidden")
    client.force_login(sam)
    tag = {"If-Match": read["ETag"]}
    written = client.patch(SITE, change, content_type="application/json", headers=tag)
    assert written.json() == body | change
    stale = client.patch(SITE, change, content_type="application/json", headers=tag)
    problem(stale, 412, "stale-version")
    for bad, pointer in [
        ({"name": ""}, "#/name"),
        ({"posts_per_page": 0}, "#/posts_per_page"),
        ({"posts_per_page": 10**9}, "#/posts_per_page"),
        ({"language": "?"}, "#/language"),
        ({"publish_checks": {"dead_link": "maybe"}}, "#/publish_checks"),
        ({"publish_checks": {"empty_body": "off"}}, "#/publish_checks"),
        ({"publish_checks": []}, "#/publish_checks"),
    ]:
        refused = client.patch(SITE, bad, content_type="application/json")
        assert problem(refused, 400, "validation")["errors"][0]["pointer"] == pointer
    assert Site.objects.get().name == "Tusche"
    assert client.delete(SITE).status_code == 405
