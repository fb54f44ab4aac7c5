"""The blog of Wagtail's tutorial: an index of the newest posts, and posts."""

from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtailcache.cache import WagtailCacheMixin

LISTED = 10  # posts, as on the pages they are compared with


class PostIndexPage(WagtailCacheMixin, Page):
    """The newest posts."""

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        live = PostPage.objects.child_of(self).live()
        context["posts"] = live.order_by("-first_published_at")[:LISTED]
        return context


class PostPage(WagtailCacheMixin, Page):
    """One post."""

    date = models.DateField()
    intro = models.CharField(max_length=250)
    body = RichTextField()
