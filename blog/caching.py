"""What a reader's page tells caches, and when "304 Not Modified" is the answer."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, quote_etag
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page


def reader_page(view: Callable) -> Callable:
    """For views that only show something.

    Any cache may keep the answer but asks before using it again: the clock may have changed it
    (accounts.middleware makes it private for a signed-in person). An ETag of the content makes
    asking cheap. Nothing is sent by forms, so a POST is a 405 and not a lecture on CSRF.
    """

    @wraps(view)
    def with_headers(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if "Cache-Control" not in response:
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return response

    return csrf_exempt(conditional_page(with_headers))


def etag_of(*facts) -> str:
    """An entity tag that changes when any of `facts` does; they must have a stable repr()."""
    return quote_etag(blake2b(repr(facts).encode(), digest_size=16).hexdigest())


def not_modified(
    request: HttpRequest, etag: str, last_modified: datetime | None
) -> HttpResponse | None:
    """The 304 for a client that has this version, else None.

    A date alone must match to the second: when the newest post is taken down the date goes
    back, and "not newer than what you have" would keep the post alive in every reader.
    """
    if "HTTP_IF_NONE_MATCH" in request.META:
        return get_conditional_response(request, etag=etag)
    if last_modified is None:
        return None
    since = request.headers.get("If-Modified-Since")
    if since is None or since != http_date(last_modified.timestamp()):
        return None
    return HttpResponse(status=304, headers={"ETag": etag})


def stamp(response: HttpResponse, etag: str, last_modified: datetime | None) -> HttpResponse:
    """`response` with its validators."""
    response["ETag"] = etag
    if last_modified is not None:
        response["Last-Modified"] = http_date(last_modified.timestamp())
    return response
