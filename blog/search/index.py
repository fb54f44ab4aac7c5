"""Writing the search index: with the post, in the same transaction."""

from collections import defaultdict

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


def index_post(post: Post) -> None:
    """Make the index say what `post` says now: title over summary over text.

    Runs in the transaction of the change.
    """
    title = tokens(post.title)
    summary = tokens(f"{post.subtitle}\n{post.summary}")[:MAX_SUMMARY_TOKENS]
    text = tokens(post.body_text)
    starts = range(0, len(text), TOKENS_PER_PART) or range(1)
    known = {part.number: part for part in SearchPart.objects.filter(post=post)}
    for number, start in enumerate(starts):
        part = known.pop(number, None)
        if part is None:
            part = SearchPart.objects.create(post=post, number=number, version=TOKENS_VERSION)
        elif part.version != TOKENS_VERSION:
            part.version = TOKENS_VERSION
            part.save(update_fields=["version"])
        _write(part.pk, title, summary, text[start : start + TOKENS_PER_PART])
    if known:
        SearchPart.objects.filter(pk__in=[part.pk for part in known.values()]).delete()


def index_missing(limit: int) -> int:
    """Index up to `limit` posts that have no entry of this version; says how many it did.

    They come from an older release, from a restored backup or from rows written by hand.
    """
    current = SearchPart.objects.filter(post=OuterRef("pk"), version=TOKENS_VERSION)
    missing = Post.objects.exclude(Exists(current)).order_by("-pk").values_list("pk", flat=True)
    done = 0
    for pk in list(missing[:limit]):
        with transaction.atomic():
            post = Post.objects.select_for_update().filter(pk=pk).first()
            if post is not None:
                SearchPart.objects.filter(post=post).exclude(version=TOKENS_VERSION).delete()
                index_post(post)
                done += 1
    return done


def _write(part_id: int, title: list[str], summary: list[str], text: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE blog_searchpart SET title = %s::tsvector, document = %s::tsvector"
                " WHERE id = %s",
                [as_tsvector([(title, "A")]), _document(title, summary, text), part_id],
            )
        else:
            cursor.execute("DELETE FROM blog_search_index WHERE rowid = %s", [part_id])
            cursor.execute(
                "INSERT INTO blog_search_index (rowid, title, summary, body)"
                " VALUES (%s, %s, %s, %s)",
                [part_id, " ".join(title), " ".join(summary), " ".join(text)],
            )


def _document(title: list[str], summary: list[str], text: list[str]) -> str:
    return as_tsvector([(title, "A"), (summary, "B"), (text, "D")])


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
