"""What a reader's page tells caches, and when "304 Not Modified" is the answer."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from django.template.response import SimpleTemplateResponse
from django.utils.cache import get_conditional_response, patch_cache_control, quote_etag
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

# Where a request's environment tells the state of all content, when its page may be kept.
CONTENT_STATE = "inkstone.content_state"
# Django's own comparison of ETag and date. (Its decorator loses the 304 of a rendered template.)
_conditional = ConditionalGetMiddleware(lambda request: HttpResponse())


def reader_page(view: Callable) -> Callable:
    """For views that only show something.

    Any cache may keep the answer but asks before using it again: the clock may have changed it
    (accounts.middleware makes it private for a signed-in person). An ETag of the content makes
    asking cheap, and blog.page_cache keeps it (unless the view sets `kept_as` of its answer to
    None). Nothing is sent by forms, so a POST is a 405 and not a lecture on CSRF.
    """

    @csrf_exempt
    @wraps(view)
    def shown(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if response.status_code == 200 and not hasattr(response, "kept_as"):
            match = request.resolver_match
            response.kept_as = match.route if match else ""
        if "Cache-Control" not in response:
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        if "ETag" in response:
            return response  # The view compared it before it did the work.
        return _conditional.process_response(request, response)

    # Who asks without cookie or token gets here by blog.short_way.
    shown.for_readers = True
    return shown


class ReaderView(View):
    """A reader's page made by a class."""

    @classmethod
    def as_view(cls, **options: Any) -> Callable[..., HttpResponse]:
        # Once here, where a decorated method would be wrapped anew for each request.
        return reader_page(super().as_view(**options))


def etag_of(*facts) -> str:
    """An entity tag that changes when any of `facts` does; they must have a stable repr()."""
    return quote_etag(blake2b(repr(facts).encode(), digest_size=16).hexdigest())


def is_current(request: HttpRequest, etag: str, last_modified: datetime | None) -> bool:
    """Whether the client has this version, so that a 304 is all it needs.

    A date alone must match to the second: when the newest post is taken down the date goes
    back, and "not newer than what you have" would keep the post alive in every reader.
    """
    if "HTTP_IF_NONE_MATCH" in request.META:
        answer = get_conditional_response(request, etag=etag)
        return answer is not None and answer.status_code == 304
    since = request.headers.get("If-Modified-Since")
    return last_modified is not None and since == http_date(last_modified.timestamp())


def stamp(response: HttpResponse, etag: str, last_modified: datetime | None) -> HttpResponse:
    """`response` with its validators."""
    response["ETag"] = etag
    if last_modified is not None:
        response["Last-Modified"] = http_date(last_modified.timestamp())
    return response
