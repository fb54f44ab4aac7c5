"""How posts are grouped: one category, any tags, a place in a series."""

from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxLengthValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.models.address import OldAddress
from blog.models.validators import slug_shape

DESCRIPTION_MAX_LENGTH = 2_000  # characters


class Term(models.Model):
    """A name under which posts are listed."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.CharField(
        _("slug"),
        max_length=100,
        unique=True,
        blank=True,
        validators=[slug_shape],
        help_text=_("Part of the address. Made from the name when left empty."),
    )
    description = models.TextField(
        _("description"),
        max_length=DESCRIPTION_MAX_LENGTH,
        blank=True,
        validators=[MaxLengthValidator(DESCRIPTION_MAX_LENGTH)],
    )
    old_addresses = GenericRelation(OldAddress)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Category(Term):
    """What a post is about, first of all. A post has one or none."""

    class Meta(Term.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def get_absolute_url(self) -> str:
        return reverse("blog:category_detail", args=[self.slug])


class Tag(Term):
    """Something a post touches. A post has any number."""

    class Meta(Term.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def get_absolute_url(self) -> str:
        return reverse("blog:tag_detail", args=[self.slug])


class Series(Term):
    """Posts that are read in order."""

    class Meta(Term.Meta):
        verbose_name = _("series")
        verbose_name_plural = _("series")

    def get_absolute_url(self) -> str:
        return reverse("blog:series_detail", args=[self.slug])
