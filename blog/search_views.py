"""The search page and the feed of a search."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Prefetch
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog.caching import reader_page
from blog.feeds import feed_of
from blog.head import feed_links, plain_head
from blog.listings import Listing, in_language, posts_for
from blog.models import Post, PostAuthor
from blog.models.content import HEAVY_FIELDS
from blog.search import MAX_QUERY_LENGTH, matching, search_posts
from blog.search.facets import chosen, facets, narrowed
from blog.search.snippets import MAX_TEXT, Highlighter, Piece
from blog.search.suggest import did_you_mean, note_miss
from blog.views import PostListView
from lib.text import clean_text


@dataclass(frozen=True, slots=True)
class Hit:
    """A result as it is shown: the post, its title and a stretch of it with the words marked."""

    post: Post
    title: list[Piece]
    snippet: list[Piece]


class SearchView(PostListView):
    """Results, best first, with what narrows them; also the empty form."""

    template_name = "blog/search.html"
    may_be_empty = True

    def get_queryset(self):
        self.query = asked(self.request)
        self.choices = chosen(self.request.GET)
        posts = narrowed(posts_for(self.request), self.choices)
        byline = PostAuthor.objects.select_related("user").order_by("position")
        posts = posts.select_related("category").prefetch_related(Prefetch("post_authors", byline))
        posts = posts.defer(*HEAVY_FIELDS).annotate(text_start=Substr("body_text", 1, MAX_TEXT))
        self.results = search_posts(posts, self.query)
        return self.results

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        title = _("Search: %(query)s") % {"query": self.query} if self.query else _("Search")
        head = plain_head(self.request.path, title, site=self.request.site, hidden=True)
        if self.query:
            name = f"{title} · {self.request.site.name}"
            head.feeds = [*feed_links(self.request.path, name, query=self.query), *head.feeds]
        context = super().get_context_data(query=self.query, head=head, **kwargs)
        self.missed = bool(self.query and (not self.results or self.results.loose))
        return {
            **context,
            "hits": self._hits(context["page_obj"]),
            "results": self.results,
            "choices": self.choices,
            "facets": facets(self.results.ids, self.query, self.choices),
            "suggestion": self._suggestion(context["page_obj"]) if self.missed else "",
        }

    def render_to_response(self, context, **kwargs) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if self.missed:
            response.kept_as = None  # Each time is noted.
        return response

    def _hits(self, page: Page) -> list[Hit]:
        marker = Highlighter(self.results.query)
        return [
            Hit(post, marker.whole(post.title), marker.snippet(post.text_start))
            for post in page.object_list
        ]

    def _suggestion(self, page: Page) -> str:
        """Other words that do find something; and the editors learn of those that do not."""
        if page.number == 1 and not self.choices:
            note_miss(self.query)
        suggestion = did_you_mean(self.query)
        visible = posts_for(self.request)
        return suggestion if suggestion and matching(visible, suggestion).exists() else ""


def asked(request: HttpRequest) -> str:
    """The words looked for, as far as they are read."""
    return clean_text(request.GET.get("q", ""))[:MAX_QUERY_LENGTH].strip()


@reader_page
@require_safe
def search_feed(request: HttpRequest, file: str) -> HttpResponse:
    """The newest posts that have the words: a search that one follows."""
    listing = _search_listing(request.user, asked(request))
    return feed_of(request, in_language(listing, request.list_language), file)


def _search_listing(user, text: str) -> Listing:
    title = _("Search: %(query)s") % {"query": text}
    posts = matching(Post.objects.listed_for(user), text)
    return Listing("search", posts, reverse("blog:search"), title, query=text)
