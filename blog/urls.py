"""Addresses readers see. They are promises: changing one needs a redirect."""

from django.urls import path, register_converter

from blog import views


class SlugConverter:
    """A slug in any script: everything but what separates parts of an address."""

    regex = r"[^/.?#%\s]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SlugConverter, "uslug")

app_name = "blog"
urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("posts/<uslug:slug>/", views.PostView.as_view(), name="post_detail"),
    path("posts/<uslug:slug>.md", views.post_markdown, name="post_markdown"),
    path("categories/<uslug:slug>/", views.CategoryView.as_view(), name="category_detail"),
    path("tags/<uslug:slug>/", views.TagView.as_view(), name="tag_detail"),
    path("series/<uslug:slug>/", views.SeriesView.as_view(), name="series_detail"),
    path("authors/<uslug:username>/", views.AuthorView.as_view(), name="author_detail"),
    path("<uslug:slug>/", views.PageView.as_view(), name="page_detail"),
]
