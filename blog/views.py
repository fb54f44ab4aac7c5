"""The reader's pages. Each shows what a queryset allows; none changes anything."""

from functools import partial
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from accounts.models import User
from blog import fragments, listings, reading
from blog.around import in_reading_order
from blog.caching import ReaderView, reader_page
from blog.context_processors import menu_path
from blog.fragments import during_state, lazy_posts, page_of_parts, until_changed
from blog.head import Head, absolute, list_alternates, listing_head, plain_head
from blog.languages import bcp47
from blog.listings import Listing
from blog.models import Category, Series, Tag
from blog.versions import Versions
from lib.api.prepared import PreparedList

TERMS_PER_PAGE = 200
LINES_PER_PAGE = 100


@method_decorator(reader_page, name="dispatch")
class PostListView(ListView):
    """A page of posts: what is listed, under which heading; subclasses say."""

    context_object_name = "posts"
    template_name = "blog/post_list.html"
    may_be_empty = False

    def get_paginate_by(self, queryset) -> int:
        return self.request.site.posts_per_page

    def paginate_queryset(self, queryset, page_size: int):
        """As Django's, but an empty listing does not exist, nor does a page called "last"."""
        if self.request.GET.get(self.page_kwarg) == "last":
            raise Http404
        paginator, page, posts, is_paginated = super().paginate_queryset(queryset, page_size)
        if not paginator.count and not self.may_be_empty:
            raise Http404
        # A list: a template that slices a queryset asks the database again.
        page.object_list = list(posts)
        return paginator, page, page.object_list, is_paginated

    def get_paginator(self, queryset, *args, **kwargs) -> Paginator:
        paginator = super().get_paginator(queryset, *args, **kwargs)
        if isinstance(queryset, QuerySet):
            paginator.count = until_changed(self.request, "count", queryset.count)
        return paginator


class ListingView(ReaderView):
    """The pages of a listing that can also be followed.

    For anonymous readers the database is asked which posts are on the page; what stands there of
    each, and around them, is kept (blog.fragments).
    """

    find: listings.Finder
    template_name = "blog/post_list.html"
    may_be_empty = False
    in_parts = False  # in the order of the parts of a series

    def get(self, request: HttpRequest, **captured: str) -> HttpResponse:
        versions = fragments.versions(request)
        listing = during_state(request, ("listing", request.path), partial(self.listing, captured))
        rows, size = self.rows(listing, versions), request.site.posts_per_page
        paginator = Paginator(rows, size)
        paginator.count = until_changed(request, "count", listing.posts.count)
        # An empty listing does not exist, unless it is there in another language.
        if not (paginator.count or self.may_be_empty or listing.is_translated_away):
            raise Http404
        try:
            page = paginator.page(request.GET.get("page", 1))
        except InvalidPage as error:
            raise Http404 from error
        context = {"listing": listing, "paginator": paginator, "page_obj": page}
        if versions is None:
            posts = context["posts"] = list(page.object_list)
        else:
            # Whole pages, also at the end: so that there are few different statements.
            start = (page.number - 1) * size
            keys = [key for (key,) in rows[start : start + size].values_list("pk")]
            kept_as = f"{request.path} {page.number}"
            frame = ("top", kept_as), ("masthead", menu_path(request))
            main, foot = ("main", kept_as, keys), ("foot", request.path)
            if html := page_of_parts(request, *frame, main, foot):
                return HttpResponse(html)
            posts = context["posts"] = lazy_posts(versions, keys)
            context |= {"kept_as": kept_as, "place": request.path, "keys": keys}
        context["head"] = SimpleLazyObject(lambda: self.head_of(listing, page.number, bool(posts)))
        return render(request, self.template_name, context)

    def listing(self, captured: dict[str, str]) -> Listing:
        found = type(self).find(self.request.user, **captured)
        return listings.in_language(found, self.request.list_language)

    def rows(self, listing: Listing, versions: Versions | None) -> QuerySet | PreparedList:
        if versions is not None:
            return listing.for_anyone(in_parts=self.in_parts)
        posts = listing.posts.for_listing()
        return in_reading_order(posts) if self.in_parts else posts.newest_first()

    def head_of(self, listing: Listing, page: int, has_posts: bool) -> Head:
        head = listing_head(listing, self.request.site, page=page)
        # A list without a post yet is for readers who switch languages, not for search engines.
        head.hidden = bool(listing.language and not has_posts)
        return head


class HomeView(ListingView):
    template_name = "blog/home.html"
    find = staticmethod(listings.site_listing)
    may_be_empty = True


class CategoryView(ListingView):
    find = staticmethod(listings.category_listing)


class TagView(ListingView):
    find = staticmethod(listings.tag_listing)


class SeriesView(ListingView):
    find = staticmethod(listings.series_listing)
    in_parts = True


class AuthorView(ListingView):
    find = staticmethod(listings.author_listing)


class PeriodView(PostListView):
    """The titles of a year or a month, in the site's time zone."""

    template_name = "blog/archive_period.html"
    paginate_by = LINES_PER_PAGE

    def get_paginate_by(self, queryset) -> int:
        return self.paginate_by

    def get_queryset(self):
        posts = listings.posts_for(self.request).newest_first()
        try:
            posts = reading.in_period(posts, **self.kwargs)
        except ValueError as error:
            raise Http404 from error
        return posts.only(*reading.LINE_FIELDS)

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        first = timezone.localtime(context["posts"][0].published_at)
        is_month = "month" in self.kwargs
        # Translators: the heading of the archive of one year; Chinese adds a word for "year".
        title = date_format(first, "YEAR_MONTH_FORMAT") if is_month else _("%(year)d") % self.kwargs
        head = plain_head(
            self.request.path, title, site=self.request.site, page=context["page_obj"].number
        )
        return {
            **context,
            "title": title,
            "is_month": is_month,
            "year": self.kwargs["year"],
            "head": head,
        }


@reader_page
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Every month that has posts, and how many."""
    posts = listings.posts_for(request)
    months = until_changed(request, "months", lambda: reading.months(posts))
    head = plain_head(request.path, _("Archive"), site=request.site)
    head.alternates = list_alternates(reverse("blog:archive"), request.site)
    return render(request, "blog/archive.html", {"months": months, "head": head})


@method_decorator(reader_page, name="dispatch")
class TermListView(ListView):
    """All terms of a kind, or all authors, with how many posts one finds under each."""

    paginate_by = TERMS_PER_PAGE
    template_name = "blog/term_list.html"
    context_object_name = "terms"
    kind = "tag"
    title = ""

    def get_queryset(self):
        posts = listings.posts_for(self.request)
        find = partial(listings.terms_in_use, self.model, posts)
        return until_changed(self.request, "terms", find)

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        head = plain_head(
            self.request.path,
            str(self.title),
            site=self.request.site,
            page=context["page_obj"].number,
        )
        if context["page_obj"].number == 1:
            path = reverse(f"blog:{self.kind}_list")
            head.alternates = list_alternates(path, self.request.site)
        return {**context, "kind": self.kind, "title": self.title, "head": head}


class CategoryListView(TermListView):
    model, kind, title = Category, "category", gettext_lazy("Categories")


class TagListView(TermListView):
    model, kind, title = Tag, "tag", gettext_lazy("Tags")


class SeriesListView(TermListView):
    model, kind, title = Series, "series", gettext_lazy("Series")


class AuthorListView(TermListView):
    model, kind, title = User, "author", gettext_lazy("Authors")


@reader_page
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /account/",
        f"Sitemap: {absolute(reverse('blog:sitemap'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@reader_page
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep the site on its home screen."""
    icons = [
        {"src": static("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
    ]
    return JsonResponse(
        {
            "name": request.site.name,
            "short_name": request.site.name[:12],
            "lang": bcp47(request.site.language),
            "start_url": "/",
            "display": "minimal-ui",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@reader_page
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look that have read no page: beside a feed, say."""
    return HttpResponseRedirect(
        static("img/favicon.ico"), headers={"Cache-Control": "public, max-age=86400"}
    )


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks neither the database nor a context processor: they may be what is broken."""
    request_id = getattr(request, "id", "")
    return HttpResponse(render_to_string("500.html", {"request_id": request_id}), status=500)
