"""Finding posts: one engine for site, admin and API."""

from blog.search.find import Results, matching, search_posts
from blog.search.query import MAX_QUERY_LENGTH, parse

__all__ = ["MAX_QUERY_LENGTH", "Results", "matching", "parse", "search_posts"]
