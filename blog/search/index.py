"""Writing the search index: with the post, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from blog.models import Post
from blog.models.search import SearchPart
from lib.tokens import tokens

# Raise it when the same text makes other tokens: the sweep then makes all entries anew.
TOKENS_VERSION = 1
# PostgreSQL keeps positions up to 16,383; title and summary need their share.
TOKENS_PER_PART = 15_000
MAX_SUMMARY_TOKENS = 600
GAP = 10  # positions between title, summary and text, so that no phrase spans two of them
# Rows that are locked together; on their own each would cost a write to the disk.
POSTS_AT_ONCE = 100
_READ = ("title", "subtitle", "excerpt", "derived_excerpt", "body_text")


class Words(NamedTuple):
    """The tokens of one entry of the index."""

    title: list[str]
    summary: list[str]
    text: list[str]


def index_post(post: Post) -> None:
    """Make the index say what `post` says now: title over summary over text.

    Runs in the transaction of the change.
    """
    known = {part.number: part for part in SearchPart.objects.filter(post=post)}
    for number, words in enumerate(_stretches(post)):
        part = known.pop(number, None)
        if part is None:
            part = SearchPart.objects.create(post=post, number=number, version=TOKENS_VERSION)
        elif part.version != TOKENS_VERSION:
            part.version = TOKENS_VERSION
            part.save(update_fields=["version"])
        _write([(part.pk, words)])
    if known:
        SearchPart.objects.filter(pk__in=[part.pk for part in known.values()]).delete()


def index_missing(limit: int) -> int:
    """Index up to `limit` posts that have no entry of this version; says how many it did.

    They come from an older release, from a restored backup or from rows written by hand.
    """
    current = SearchPart.objects.filter(post=OuterRef("pk"), version=TOKENS_VERSION)
    missing = Post.objects.exclude(Exists(current)).order_by("-pk").values_list("pk", flat=True)
    keys = list(missing[:limit])
    done = 0
    for first in range(0, len(keys), POSTS_AT_ONCE):
        with transaction.atomic():
            done += _index_anew(keys[first : first + POSTS_AT_ONCE])
    return done


def _index_anew(keys: list[int]) -> int:
    """Make the entries of the posts with these keys from nothing; says how many posts there are."""
    posts = Post.objects.select_for_update().filter(pk__in=keys).only(*_READ).order_by("pk")
    words = {
        (post.pk, number): row for post in posts for number, row in enumerate(_stretches(post))
    }
    SearchPart.objects.filter(post__in=keys).delete()
    parts = SearchPart.objects.bulk_create(
        SearchPart(post_id=pk, number=number, version=TOKENS_VERSION) for pk, number in words
    )
    _write([(part.pk, words[part.post_id, part.number]) for part in parts])
    return len({pk for pk, _number in words})


def _stretches(post: Post) -> Iterator[Words]:
    """What each entry of `post` holds."""
    title = tokens(post.title)
    summary = tokens(f"{post.subtitle}\n{post.summary}")[:MAX_SUMMARY_TOKENS]
    text = tokens(post.body_text)
    for start in range(0, len(text), TOKENS_PER_PART) or range(1):
        yield Words(title, summary, text[start : start + TOKENS_PER_PART])


def _write(parts: list[tuple[int, Words]]) -> None:
    """Put the words of each part, named by its key, into the index."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                "UPDATE blog_searchpart SET title = %s::tsvector, document = %s::tsvector"
                " WHERE id = %s",
                [(as_tsvector([(row.title, "A")]), _document(row), pk) for pk, row in parts],
            )
        else:
            cursor.executemany(
                "DELETE FROM blog_search_index WHERE rowid = %s", [(pk,) for pk, _row in parts]
            )
            cursor.executemany(
                "INSERT INTO blog_search_index (rowid, title, summary, body)"
                " VALUES (%s, %s, %s, %s)",
                [(pk, *map(" ".join, row)) for pk, row in parts],
            )


def _document(words: Words) -> str:
    return as_tsvector([(words.title, "A"), (words.summary, "B"), (words.text, "D")])


def as_tsvector(stretches: list[tuple[list[str], str]]) -> str:
    """A tsvector as text, of stretches of tokens with their weights, with gaps between them."""
    places: dict[str, list[str]] = defaultdict(list)
    position = 0
    for row, weight in stretches:
        mark = "" if weight == "D" else weight  # D is what PostgreSQL assumes.
        for token in row:
            position += 1
            places[token].append(f"{position}{mark}")
        position += GAP
    return " ".join(f"'{token}':{','.join(found)}" for token, found in places.items())
