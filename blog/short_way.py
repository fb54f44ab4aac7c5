"""The short way to a page for readers without cookie or token."""

from functools import lru_cache

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from blog.middleware import OldAddressMiddleware, SiteLanguageMiddleware

MAX_KNOWN_PATH = 300  # characters; the views of longer ones are looked for each time


class AnonymousPageMiddleware:
    """Has a page for readers made by its view, past everything that asks who is asking: sessions,
    accounts, messages, forms would find nothing to do, in a quarter of the time.

    An address that no view answers goes the long way: it may lack a slash.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response
        page = OldAddressMiddleware(convert_exception_to_response(_page))
        self.page = SiteLanguageMiddleware(page)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if (
            request.method not in ("GET", "HEAD")
            or "HTTP_AUTHORIZATION" in meta
            or meta.get("HTTP_COOKIE")
        ):
            return self.get_response(request)
        request.get_host()  # Raises DisallowedHost, which answers 400.
        try:
            match = view_of(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if not getattr(match.func, "for_readers", False):
            return self.get_response(request)
        request.resolver_match, request.user = match, AnonymousUser()
        response = self.page(request)
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def view_of(path: str) -> ResolverMatch:
    """What answers at `path`, remembered. Raises Resolver404 when nothing does."""
    return _known(path, settings.ROOT_URLCONF) if len(path) < MAX_KNOWN_PATH else resolve(path)


@lru_cache(maxsize=1_000)
def _known(path: str, urls: str) -> ResolverMatch:
    """As `resolve`, which tries one pattern after the other: a tenth of the time of a page."""
    return resolve(path, urls)


def _page(request: HttpRequest) -> HttpResponseBase:
    match = request.resolver_match
    return match.func(request, *match.args, **match.kwargs)
