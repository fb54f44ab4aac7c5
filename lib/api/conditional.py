"""Answers that a client may already have: ETag, Last-Modified, 304."""

import re
from datetime import datetime, timedelta
from hashlib import blake2b

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import http_date, parse_etags

SETTLED_AFTER = timedelta(minutes=1)
_VERSION = re.compile(r'(?:W/)?"v(\d{1,18})\.[0-9a-f]+"')
_VERSION_IN_TAG = re.compile(r'^"v\d{1,18}\.')


def etag_of(*facts) -> str:
    """A strong entity tag that changes when any of `facts` does; each has a stable repr()."""
    return f'"{blake2b(repr(facts).encode(), digest_size=12).hexdigest()}"'


def versioned(etag: str, version: int) -> str:
    """`etag` with the version of the thing in front, for a later `If-Match`."""
    return f'"v{version}.{etag[1:-1]}"'


def version_in(etag: str) -> int | None:
    """The version that an entity tag names, None when it names none.

    A proxy that compressed the answer made the tag weak; the version in it is as good.
    """
    found = _VERSION.fullmatch(etag.strip())
    return int(found[1]) if found else None


def tag_held(request: HttpRequest, etag: str) -> str | None:
    """The entity tag by which the client says that it has the state `etag` already, whichever
    version it names; None when it does not."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    if etag[1:-1] not in given:
        return None
    held = (tag.removeprefix("W/") for tag in parse_etags(given))
    return next((tag for tag in held if _VERSION_IN_TAG.sub('"', tag) == etag), None)


def is_unchanged_since(request: HttpRequest, last_modified: datetime | None) -> bool:
    """Whether a client that has a date only (a tag goes first) has the newest state.

    The date must match to the second: when the newest post is taken down, the date goes back.
    """
    given = request.META.get("HTTP_IF_MODIFIED_SINCE")
    if not given or "HTTP_IF_NONE_MATCH" in request.META or not is_settled(last_modified):
        return False
    return given == http_date(last_modified.timestamp())


def is_settled(last_modified: datetime | None) -> bool:
    """Whether a date can stand for a state: another change in the same second, or one that
    commits late, is out of the question by now (RFC 9110, section 8.8.2.2, says a minute)."""
    return last_modified is not None and timezone.now() - last_modified > SETTLED_AFTER


def is_current(request: HttpRequest, etag: str, last_modified: datetime | None = None) -> bool:
    """Whether a 304 is all the client needs."""
    return tag_held(request, etag) is not None or is_unchanged_since(request, last_modified)
