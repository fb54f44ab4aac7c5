"""Finding posts. One function for site, admin and API; the search issue fills it."""

from django.db.models import Case, IntegerField, Q, Value, When

from blog.models import PostQuerySet
from lib.text import clean_text

MAX_QUERY_LENGTH = 200  # characters
MAX_TERMS = 10


def search_posts(posts: PostQuerySet, query: str) -> PostQuerySet:
    """The `posts` that hold every word of `query`, best first: title over excerpt over text.

    The caller passes what the reader may see. An empty query finds nothing.
    """
    words = clean_text(query[:MAX_QUERY_LENGTH].replace("\x00", " ")).split()[:MAX_TERMS]
    if not words:
        return posts.none()
    in_title, in_summary, anywhere = Q(), Q(), Q()
    for word in words:
        title = Q(title__icontains=word)
        summary = Q(excerpt__icontains=word) | Q(derived_excerpt__icontains=word)
        in_title &= title
        in_summary &= title | summary
        anywhere &= title | summary | Q(body_text__icontains=word)
    rank = Case(
        When(in_title, then=Value(0)),
        When(in_summary, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return posts.filter(anywhere).order_by(rank, "-published_at", "-pk")
