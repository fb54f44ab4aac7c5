"""What stands outside the river of posts."""

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.models.address import OldAddress
from blog.models.content import Content, ContentQuerySet


class PageQuerySet(ContentQuerySet):
    def in_menu(self) -> "PageQuerySet":
        """The pages of the site's menu, in order, without their text."""
        return self.filter(menu_position__isnull=False).order_by("menu_position", "title")


class Page(Content):
    """Something that stands outside the river: about, contact, imprint."""

    menu_position = models.PositiveSmallIntegerField(
        _("place in the menu"),
        null=True,
        blank=True,
        help_text=_("Lower comes first; empty: not in the menu."),
    )
    old_addresses = GenericRelation(OldAddress)

    objects = PageQuerySet.as_manager()

    SNAPSHOT_FIELDS = (*Content.SNAPSHOT_FIELDS, "menu_position")

    class Meta(Content.Meta):
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["title"]

    def get_absolute_url(self) -> str:
        return reverse("blog:page_detail", args=[self.slug])
