"""Whole pages for anonymous readers, kept in the memory of each process.

A page is good for one state of all content (blog.state): a change, or a time that has come, is
seen at the next request by every process, without anybody telling them. What no event tells of,
such as a picture whose smaller copies were made meanwhile, is seen within a minute.
`config.front` asks here before it asks Django.
"""

import gzip
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags, quote_etag

from blog.caching import CONTENT_STATE
from blog.fragments import KEPT_SECONDS
from blog.kept import Kept
from blog.search.facets import NAMES
from blog.state import ContentState, content_state

LONGEST_WAIT = 1  # second, for another thread that makes the same page
MAX_ADDRESS = 1_000  # characters; pages with longer addresses are made, not kept
PERSONAL = ("/admin/", "/api/", "/account/", "/media/", "/static/", "/review/", "/metrics")
# Parameters that pages read. Of those that others add to links, pages know nothing: they are left
# out of the key. An address with any other parameter is neither looked up nor kept.
READ = frozenset(("page", "p"))
SEARCHED = frozenset(("q", *NAMES))
ADDED_BY_OTHERS = frozenset(
    (
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
        *("fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "ref"),
    )
)
# Searches have a part of the memory for themselves: whoever asks for a thousand different ones
# must not drive the home page out.
SEARCH_SHARE = 8
MIN_PACKED = 500  # bytes; less is not worth compressing
PACKED_TYPES = ("text/", "application/xml", "application/json", "application/manifest+json")
PACKED_TYPES += ("application/atom+xml", "application/rss+xml", "application/feed+json")
OF_ONE_REQUEST = {"x-request-id", "x-process-time", "content-length"}
OF_A_BODY = {"content-type", "content-encoding", "content-length"}
NOT_MODIFIED, OK = "304 Not Modified", "200 OK"

Environ = Mapping[str, Any]
Headers = list[tuple[str, str]]
pages, searches = Kept(0), Kept(0)
_turns = [threading.Lock() for _ in range(64)]


class Address(tuple):
    """The key of a page: its scheme, host, path and what pages read of its query."""

    __slots__ = ()

    @property
    def place(self) -> Kept:
        return searches if self[4] else pages


def address_of(environ: Environ) -> Address | None:
    """Under what the page that is asked for may be kept; None when the answer is not for all.

    Who has a cookie or an Authorization header neither reads nor fills what is kept.
    """
    path = environ["PATH_INFO"]
    if (
        environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        or environ.get("HTTP_COOKIE")
        or "HTTP_AUTHORIZATION" in environ
        or environ.get("SCRIPT_NAME")
        or "HTTP_HOST" not in environ
        or path.startswith(PERSONAL)
    ):
        return None
    is_search, query = False, environ.get("QUERY_STRING", "")
    if query:
        parts = [part for part in query.split("&") if _name(part) not in ADDED_BY_OTHERS]
        is_search = any(_name(part) in SEARCHED for part in parts)
        if not all(_name(part) in READ or _name(part) in SEARCHED for part in parts):
            return None
        query = "&".join(parts)
    if len(path) + len(query) > MAX_ADDRESS:
        return None
    secure = settings.SECURE_PROXY_SSL_HEADER
    scheme = environ.get(secure[0], "") if secure else environ["wsgi.url_scheme"]
    return Address((scheme, environ["HTTP_HOST"], path, query, is_search))


def _name(part: str) -> str:
    return part.partition("=")[0]


class Page:
    """A page as it is sent, as it is and compressed; made once for as long as it is kept."""

    def __init__(self, route: str, headers: Headers, body: bytes, *, now: float) -> None:
        self.route, self.body, self._packed = route, body, None
        self.ends_at = now + KEPT_SECONDS
        by_name = {name.lower(): value for name, value in headers}
        self.etag, self.last_modified = by_name["etag"], by_name.get("last-modified")
        media_type = by_name.get("content-type", "")
        self.is_packable = (
            settings.COMPRESS_PAGES
            and len(body) >= MIN_PACKED
            and media_type.startswith(PACKED_TYPES)
            and "content-encoding" not in by_name
        )
        rest = [(name, value) for name, value in headers if name.lower() not in OF_ONE_REQUEST]
        if self.is_packable:
            rest = [(name, value) for name, value in rest if name.lower() != "vary"]
            vary = filter(None, (by_name.get("vary"), "Accept-Encoding"))
            rest.append(("Vary", ", ".join(vary)))
        self._packed_etag = quote_etag(f"{self.etag.removeprefix('W/').strip(chr(34))}-gzip")
        packed = [self._with_packed_tag(pair) for pair in rest]
        # All that is sent is put together here, once: as it is, and compressed.
        self._headers = [*rest, ("Content-Length", str(len(body)))]
        self._packed_headers = [*packed, ("Content-Encoding", "gzip")]
        self._unchanged, self._packed_unchanged = (
            [pair for pair in pairs if pair[0].lower() not in OF_A_BODY] for pairs in (rest, packed)
        )

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, in the end."""
        return len(self.body) * 3 // 2 + 3_000

    def answer(self, environ: Environ) -> tuple[str, Headers, list[bytes]]:
        """Status, headers and body for a request; 304 when the client has it."""
        packed = self.is_packable and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if self._is_held(environ):
            return NOT_MODIFIED, list(self._packed_unchanged if packed else self._unchanged), []
        if not packed:
            headers, body = list(self._headers), self.body
        else:
            if self._packed is None:
                self._packed = gzip.compress(self.body, 6, mtime=0)
            body = self._packed
            headers = [*self._packed_headers, ("Content-Length", str(len(body)))]
        return OK, headers, [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _with_packed_tag(self, pair: tuple[str, str]) -> tuple[str, str]:
        """Each encoding has bytes of its own, so a tag of its own."""
        return ("ETag", self._packed_etag) if pair[0].lower() == "etag" else pair

    def _is_held(self, environ: Environ) -> bool:
        if held := environ.get("HTTP_IF_NONE_MATCH"):
            if held in (self.etag, self._packed_etag):  # as browsers ask
                return True
            tags = {tag.removeprefix("W/") for tag in parse_etags(held)}
            return "*" in tags or not tags.isdisjoint(
                (self.etag.removeprefix("W/"), self._packed_etag)
            )
        # To the second: see blog.caching.is_current.
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        return since is not None and since == self.last_modified


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header lets an answer be compressed (RFC 9110, 12.5.3)."""
    offers = {}
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        offers[coding.strip()] = weight.replace(" ", "").removeprefix("q=") or "1"
    weight = offers.get("gzip", offers.get("*", "0"))
    return weight.strip("0.") != ""


def find(address: Address) -> tuple[Page | None, ContentState | None]:
    """What is kept under `address` and still right, and the state of all content. The database
    is asked for it only when something is kept; without, both are None."""
    place = address.place
    if not place.has(address):
        return None, None
    state = current_state()
    page = place.get(state, address) if state else None
    return (page if page is not None and time.time() < page.ends_at else None), state


def current_state() -> ContentState | None:
    """The state of all content; None when the database does not say."""
    # As Django does before each request: a connection may have died since the last one.
    connections["default"].close_if_unusable_or_obsolete()
    try:
        return content_state()
    except DatabaseError:
        return None  # The view fails in the same way, and knows how to say so.


@contextmanager
def turn(address: Address) -> Iterator[bool]:
    """Of the threads that miss a page one makes it, while the others wait for a moment. Tells
    whether this one had to wait."""
    lock = _turns[hash(address) % len(_turns)]
    is_first = lock.acquire(blocking=False)
    has_lock = is_first or lock.acquire(timeout=LONGEST_WAIT)
    try:
        yield not is_first
    finally:
        if has_lock:
            lock.release()


def made_into_page(
    address: Address, state: ContentState | None, response: HttpResponseBase, headers: Headers
) -> Page | None:
    """`response` as a page, which is kept when it may be: it was made for readers, and the
    content was in `state` before. None when it is nothing of that kind."""
    if (
        response.status_code != 200
        or response.streaming
        or response.cookies
        or "ETag" not in response
        or response.get("Vary", "Cookie").lower() not in ("cookie", "accept-encoding")
    ):
        return None
    route = getattr(response, "kept_as", None)
    page = Page(route or "", headers, response.content, now=time.time())
    is_public = "public" in response.get("Cache-Control", "").replace(" ", "").split(",")
    if state is not None and route is not None and is_public:
        place = address.place
        place.limit = settings.PAGE_CACHE_BYTES // (SEARCH_SHARE if place is searches else 1)
        place.put(state, address, page, page.size)
    return page


def asking_for_all(environ: Environ, state: ContentState | None) -> dict[str, Any]:
    """`environ` for the view that makes the page: it tells it the state, and wants the whole
    page, whatever the client has and even if only its headers are asked for, so that there is
    something to keep."""
    asked = {**environ, CONTENT_STATE: state, "REQUEST_METHOD": "GET"}
    asked.pop("HTTP_IF_NONE_MATCH", None)
    asked.pop("HTTP_IF_MODIFIED_SINCE", None)
    return asked
