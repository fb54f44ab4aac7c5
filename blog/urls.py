"""Addresses readers see. They are promises: changing one needs a redirect."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import URLPattern, include, path, register_converter
from django.views.generic import RedirectView

from blog import content_views, listings, review_views, search_views, sharing_views, sitemaps, views
from blog.feeds import feed
from blog.languages import INTERFACE, prefix_of


class SlugConverter:
    """A slug in any script: everything but what separates parts of an address."""

    regex = r"[^/.?#%\s]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class YearConverter:
    regex = r"[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


class MonthConverter(YearConverter):
    regex = r"0[1-9]|1[0-2]"

    def to_url(self, value: int) -> str:
        return f"{value:02d}"


register_converter(SlugConverter, "uslug")
register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")


FEEDS = list(zip(listings.FEED_FILES, ("atom", "rss", "json"), strict=True))


def listing(route: str, name: str, view: type[views.ListingView]) -> list[URLPattern]:
    """The page of a listing and its feeds below it: tag_detail, tag_atom, tag_rss, tag_json."""
    return [
        path(route, view.as_view(), name="home" if name == "site" else f"{name}_detail"),
        *(
            path(f"{route}{file}", feed, {"find": view.find, "file": file}, name=f"{name}_{kind}")
            for file, kind in FEEDS
        ),
    ]


# The lists: at these paths, and behind the name of a language.
lists = [
    *listing("", "site", views.HomeView),
    path("categories/", views.CategoryListView.as_view(), name="category_list"),
    *listing("categories/<uslug:slug>/", "category", views.CategoryView),
    path("tags/", views.TagListView.as_view(), name="tag_list"),
    *listing("tags/<uslug:slug>/", "tag", views.TagView),
    path("series/", views.SeriesListView.as_view(), name="series_list"),
    *listing("series/<uslug:slug>/", "series", views.SeriesView),
    path("authors/", views.AuthorListView.as_view(), name="author_list"),
    *listing("authors/<uslug:username>/", "author", views.AuthorView),
    path("archive/", views.archive, name="archive"),
    path("archive/<year:year>/", views.PeriodView.as_view(), name="archive_year"),
    path("archive/<year:year>/<month:month>/", views.PeriodView.as_view(), name="archive_month"),
    path("search/", search_views.SearchView.as_view(), name="search"),
    *(
        path(f"search/{file}", search_views.search_feed, {"file": file}, name=f"search_{kind}")
        for file, kind in FEEDS
    ),
]


def behind(language: str) -> list[URLPattern]:
    """The lists once more, for behind the name of `language`. The site's own language has plain
    addresses only."""

    def spoken(view: Callable) -> Callable:
        @wraps(view)
        def shown(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if prefix_of(language, request.site.language):
                return view(request, *args, **kwargs)
            plain = request.get_full_path().removeprefix(f"/{language}")
            return HttpResponsePermanentRedirect(plain)

        return shown

    return [
        URLPattern(route.pattern, spoken(route.callback), route.default_args, route.name)
        for route in lists
    ]


app_name = "blog"
urlpatterns = [
    # Before the plain ones: of addresses with one name, reverse() gives the last. What leads to
    # a list in the language that is spoken goes through blog.languages.list_path().
    *(path(f"{language}/", include(behind(language))) for language in INTERFACE),
    *lists,
    # For who shortens the address of a post by hand.
    path("posts/", RedirectView.as_view(pattern_name="blog:archive"), name="post_list"),
    path("posts/<uslug:slug>/", content_views.PostView.as_view(), name="post_detail"),
    path("posts/<uslug:slug>.md", content_views.post_markdown, name="post_markdown"),
    path("posts/<uslug:slug>/card-<str:digest>.png", sharing_views.post_card, name="post_card"),
    path("review/<str:token>/", review_views.review, name="review"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<str:name>.xml", sitemaps.section, name="sitemap_section"),
    path("oembed/", sharing_views.oembed, name="oembed"),
    path("llms.txt", sharing_views.llms, name="llms"),
    path("robots.txt", views.robots, name="robots"),
    path("site.webmanifest", views.manifest, name="manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("<uslug:slug>/", content_views.PageView.as_view(), name="page_detail"),
]
