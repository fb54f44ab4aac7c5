"""Content over the API, by the same querysets, policy and services as the pages.

`posts`, `pages`, `terms`, `people`, `search`, `counts`, `review` and `tasks` hold a viewset for
each resource; what they share is in `base`.
"""

from blog.api.counts import CountViewSet
from blog.api.pages import PageViewSet
from blog.api.people import AuthorViewSet
from blog.api.posts import PostViewSet
from blog.api.review import RemarkViewSet, ReviewCommentViewSet, ReviewLinkViewSet
from blog.api.search import SearchViewSet
from blog.api.tasks import TaskViewSet
from blog.api.terms import CategoryViewSet, SeriesViewSet, TagViewSet

__all__ = [
    "AuthorViewSet",
    "CategoryViewSet",
    "CountViewSet",
    "PageViewSet",
    "PostViewSet",
    "RemarkViewSet",
    "ReviewCommentViewSet",
    "ReviewLinkViewSet",
    "SearchViewSet",
    "SeriesViewSet",
    "TagViewSet",
    "TaskViewSet",
]
