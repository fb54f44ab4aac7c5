"""Parts of the pages of anonymous readers, kept by each process.

What pages have in common is good for one state of all content (blog.state), which the request
brings along: see blog.page_cache. What shows one text and nothing of others is good for one
version of it (blog.versions). A request without a state, such as that of somebody who signed in,
has everything made anew.
"""

import time
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from blog.caching import CONTENT_STATE
from blog.kept import Kept
from blog.models import Post, PostAuthor
from blog.models.content import HEAVY_FIELDS
from blog.state import ContentState
from blog.versions import Version, Versions, versions_in

# What no event tells of, such as a picture whose smaller copies were made meanwhile, is seen within
# a minute: a page is kept as long as this, a part half as long, and parts are in parts of it.
KEPT_SECONDS = 30
PART_SECONDS = KEPT_SECONDS / 2
LIMIT = 16_000_000  # bytes in each process
SMALL = 1_000  # bytes; about what a value takes that has no length

kept = Kept(LIMIT)
texts = Kept(LIMIT)  # of no state: the version is in the key


def during_state(
    request: HttpRequest,
    key: Hashable,
    make: Callable[[], Any],
    *,
    seconds: float = PART_SECONDS,
) -> Any:
    """What `make` gives, made once in each state of all content for all anonymous readers of a
    language, and again after `seconds`. Nobody may change it afterwards.
    """
    state = request.META.get(CONTENT_STATE)
    if state is None:
        return make()
    return _found_or_made(kept, state, (get_language(), key), make, seconds)


def during_version(version: Version, key: Hashable, make: Callable[[], Any]) -> Any:
    """What `make` gives of a text for anonymous readers of a language, made once in each of its
    versions, and again after PART_SECONDS. Nothing of other texts may be in it."""
    return _found_or_made(texts, None, (get_language(), key, version), make, PART_SECONDS)


def found_of_version(version: Version, key: Hashable) -> Any:
    """What `during_version` would give without making it; None when nothing."""
    found = texts.get(None, (get_language(), key, version))
    return found[0] if found is not None and time.time() < found[1] else None


def versions(request: HttpRequest) -> Versions | None:
    """The versions of texts as this request finds them; None when nothing may be kept for it. To
    be asked before anything that is shown is read."""
    state = request.META.get(CONTENT_STATE)
    return None if state is None else versions_in(state)


def part(request: HttpRequest, name: str, facts: Sequence[Any], make: Callable[[], Any]) -> Any:
    """A part of a page: what `make` gives for these facts, of which one may be the version of the
    text that it shows; see `{% kept %}`."""
    return _found_or_made(*_place_of(request, name, facts), make, PART_SECONDS)


def page_of_parts(request: HttpRequest, *parts: Sequence[Any]) -> str | None:
    """The page that consists of `parts`, each a name and its facts; None when one is not kept.

    The template says what they are, and has nothing between them (templates/base.html). To put
    them together without it takes a quarter of the time.
    """
    found, now = [], time.time()
    for name, *facts in parts:
        place, state, key = _place_of(request, name, facts)
        value = place.get(state, key)
        if value is None or now >= value[1]:
            return None
        found.append(value[0])
    return "".join(found) + "\n"


def _place_of(
    request: HttpRequest, name: str, facts: Sequence[Any]
) -> tuple[Kept, ContentState | None, Hashable]:
    for fact in facts:
        if isinstance(fact, Version):
            return texts, None, (get_language(), name, fact)
    # As text, so that nothing lazy is worked out while the store is locked.
    return kept, request.META[CONTENT_STATE], (get_language(), ("part", name, *map(str, facts)))


def _found_or_made(
    place: Kept,
    state: ContentState | None,
    key: Hashable,
    make: Callable[[], Any],
    seconds: float,
) -> Any:
    found, now = place.get(state, key), time.time()
    if found is not None and now < found[1]:
        return found[0]
    value = make()
    place.put(state, key, (value, now + seconds), SMALL + _size(value))
    return value


def until_changed(request: HttpRequest, name: str, make: Callable[[], Any]) -> Any:
    """What `make` counts for the page at the path of `request`, once in each state of all content.

    For what depends on nothing but what events tell of: no time ends it.
    """
    return during_state(request, (name, request.path), make, seconds=float("inf"))


def _size(value: Any) -> int:
    """About how many bytes of memory `value` takes."""
    if isinstance(value, list):
        return SMALL // 2 * len(value)
    if isinstance(value, tuple):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str | bytes) else 0


def posts_with_authors(keys: list[int]) -> dict[int, Post]:
    """The posts with these keys as their entries in lists show them; one query."""
    links = PostAuthor.objects.filter(post__in=keys).order_by("position")
    links = links.select_related("user", "post__category", "post__series", "post__cover")
    found: dict[int, Post] = {}
    for link in links.defer(*(f"post__{name}" for name in HEAVY_FIELDS)):
        post = found.setdefault(link.post_id, link.post)
        authors = post.__dict__.setdefault("_prefetched_objects_cache", {})
        authors.setdefault("post_authors", []).append(link)
    if missing := set(keys) - set(found):  # Nobody's, or gone.
        found |= {post.pk: post for post in Post.objects.filter(pk__in=missing).for_listing()}
    return found


class LazyPost:
    """A post of a list of which only the key is known. The first look at anything else of any of
    them fetches them all, which a list whose entries are kept never needs."""

    def __init__(self, pk: int, kept_as: Version, fetch: Callable[[], dict[int, Post]]) -> None:
        self.pk, self.kept_as, self._fetch = pk, kept_as, fetch

    def __getattr__(self, name: str) -> Any:
        post = self._fetch().get(self.pk)
        if post is None:
            raise AttributeError(name)  # It was deleted a moment ago.
        return getattr(post, name)


def lazy_posts(versions: Versions, keys: list[int]) -> list[LazyPost]:
    """The posts with these keys, for entries that are kept."""

    @cache
    def fetch() -> dict[int, Post]:
        return posts_with_authors(keys)

    return [LazyPost(key, versions.of(Post, key), fetch) for key in keys]
