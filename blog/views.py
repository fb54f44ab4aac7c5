"""The reader's pages. Each shows what a queryset allows; none changes anything."""

from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, ListView

from accounts.models import User
from blog import listings, reading
from blog.around import around, in_reading_order
from blog.caching import CONTENT_STATE, reader_page
from blog.fragments import lazy_posts, until_changed
from blog.head import absolute, content_head, list_alternates, listing_head, plain_head
from blog.languages import bcp47, interface_language, speaking
from blog.models import Category, Content, Page, Post, Series, Tag
from blog.translations import translations_of

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
        if not paginator.count and not self.may_be_empty and not self.is_elsewhere():
            raise Http404
        page.object_list = self.posts_of(posts)
        return paginator, page, page.object_list, is_paginated

    def get_paginator(self, queryset, *args, **kwargs) -> Paginator:
        paginator = super().get_paginator(queryset, *args, **kwargs)
        if isinstance(queryset, QuerySet):
            paginator.count = until_changed(self.request, "count", queryset.count)
        return paginator

    def posts_of(self, posts) -> list:
        # A list: a template that slices a queryset asks the database again.
        return list(posts)

    def is_elsewhere(self) -> bool:
        """Whether what is asked for in one language is there in another."""
        return False


class ListingView(PostListView):
    """The pages of a listing that can also be followed."""

    find: listings.Finder

    def get_queryset(self):
        found = type(self).find(self.request.user, **self.kwargs)
        self.listing = listings.in_language(found, self.request.list_language)
        return self.ordered(self.listing.posts).for_listing()

    def ordered(self, posts):
        return posts.newest_first()

    def posts_of(self, posts) -> list:
        return lazy_posts(posts) if CONTENT_STATE in self.request.META else list(posts)

    def is_elsewhere(self) -> bool:
        return self.listing.is_translated_away

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        number = context["page_obj"].number
        head = listing_head(self.listing, self.request.site, page=number)
        # A list without a post yet is for readers who switch languages, not for search engines.
        head.hidden = bool(self.listing.language and not context["posts"])
        return {**context, "listing": self.listing, "head": head}


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

    def ordered(self, posts):
        return in_reading_order(posts)


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


@method_decorator(reader_page, name="dispatch")
class ContentView(DetailView):
    """A post or a page by its address, in its own language as far as we speak it."""

    model: type[Content]

    def get_queryset(self):
        contents = self.model.objects.visible_to(self.request.user)
        return contents.select_related("cover").defer("body", "body_text")

    def speaking(self) -> AbstractContextManager:
        """Our words, and the lists they lead to, in the language of the text."""
        site_language = self.request.site.language
        return speaking(interface_language(self.object.language, site_language), site_language)

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        translations = translations_of(self.object, self.request.user)
        with self.speaking():
            head = content_head(self.object, self.request.site, translations)
        return super().get_context_data(
            head=head,
            content=self.object,
            translations=translations,
            toc=reading.table_of_contents(self.object.headings),
            **kwargs,
        )

    def render_to_response(self, context, **kwargs) -> HttpResponse:
        content = self.object
        with self.speaking():
            # Here and not later: a template response is rendered outside of this block.
            response = super().render_to_response(context, **kwargs).render()
        response["Content-Language"] = bcp47(content.language)
        if context["head"].hidden:
            response["X-Robots-Tag"] = "noindex"
        return response


class PostView(ContentView):
    model = Post

    def get_queryset(self):
        return super().get_queryset().for_listing().defer(None).defer("body", "body_text")

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        return super().get_context_data(
            around=around(self.object, self.request.user),
            was_updated=reading.was_updated(self.object),
            **kwargs,
        )


class PageView(ContentView):
    model = Page


@reader_page
@require_safe
def post_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """The text of a post as it was typed, byte for byte."""
    posts = Post.objects.visible_to(request.user).only("body", "slug", "language")
    post = get_object_or_404(posts, slug=slug)
    return HttpResponse(
        post.body,
        content_type="text/markdown; charset=utf-8",
        headers={
            "Content-Language": bcp47(post.language),
            # The page is what search engines should show; this is the same text again.
            "Link": f'<{absolute(post.get_absolute_url())}>; rel="canonical"',
            "X-Robots-Tag": "noindex",
        },
    )


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
