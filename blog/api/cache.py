"""The short way to an answer for anonymous reads, and the API's response cache.

A request with a cookie or an Authorization header takes the long way and neither reads nor fills
the cache. Each process has its own, checked by one query at each request, so that a change, or a
time that has come, is seen at once by all of them.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404

from blog.api.base import ContentViewSet
from blog.kept import Kept
from blog.short_way import view_of
from blog.state import ContentState, content_state
from lib.api.conditional import is_unchanged_since, tag_held

PREFIX = "/api/v1/"
MAX_KEY_LENGTH = 1_000  # characters; stranger requests are answered, not kept
# Nothing that belongs to one request, such as its id or how many more are allowed, is kept.
KEPT_HEADERS = (
    *("Content-Type", "ETag", "Last-Modified", "Cache-Control", "Vary", "Allow", "Link"),
    *("X-Frame-Options", "Content-Language"),
)
kept = Kept(0)


@dataclass(frozen=True)
class Answer:
    """A whole answer as it was sent."""

    body: bytes
    headers: dict[str, str]


class AnonymousReadMiddleware:
    """Stands before everything that asks who is asking, and answers reads of content where
    nobody has said so: from the cache, else by the view itself. What is left out on the way
    (sessions, accounts, messages, forms) would find nothing to do, in a quarter of the time.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if (
            not meta["PATH_INFO"].startswith(PREFIX)
            or request.method not in ("GET", "HEAD")
            or "HTTP_AUTHORIZATION" in meta
            or meta.get("HTTP_COOKIE")
        ):
            return self.get_response(request)
        if not settings.API_CACHE_BYTES:
            return self._made(request)
        kept.limit = settings.API_CACHE_BYTES
        key = f"{meta.get('HTTP_ACCEPT', '')} {request.get_full_path()}"
        if answer := self._find(key):
            state, found = answer
            return _again(request, state, found)
        response = self._made(request)
        state = getattr(response, "content_state", None)
        if state and request.method == "GET" and response.status_code == 200:
            self._keep(state, key, response)
        return response

    def _made(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the view at the request's address."""
        try:
            match = view_of(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if not issubclass(getattr(match.func, "cls", object), ContentViewSet):
            return self.get_response(request)
        request.resolver_match = match
        request.user = AnonymousUser()
        response = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    @staticmethod
    def _find(key: str) -> tuple[ContentState, Answer] | None:
        if not kept.has(key):
            return None  # without asking the database, which the view does anyway
        try:
            state = content_state()
        except DatabaseError:
            return None  # The view fails in the same way, and knows how to say so.
        answer = kept.get(state, key)
        return (state, answer) if answer else None

    @staticmethod
    def _keep(state: ContentState, key: str, response: HttpResponseBase) -> None:
        if response.streaming or response.cookies or len(key) > MAX_KEY_LENGTH:
            return
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        answer = Answer(response.content, headers)
        kept.put(state, key, answer, len(answer.body) + len(key) + 1_000)


def _again(request: HttpRequest, state: ContentState, answer: Answer) -> HttpResponseBase:
    """`answer` once more, or 304."""
    etag = answer.headers["ETag"]
    if etag in request.META.get("HTTP_IF_NONE_MATCH", "") and tag_held(request, etag):
        response: HttpResponse = HttpResponseNotModified()
        response["ETag"] = etag
        response["Cache-Control"] = answer.headers["Cache-Control"]
        return response
    if is_unchanged_since(request, state.changed_at):
        response = HttpResponseNotModified()
        response["Cache-Control"] = answer.headers["Cache-Control"]
        return response
    response = HttpResponse(answer.body)
    for name, value in answer.headers.items():
        response[name] = value
    response["Content-Length"] = str(len(answer.body))
    return response
