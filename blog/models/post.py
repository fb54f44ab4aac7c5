"""Articles and their bylines."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.models.address import OldAddress
from blog.models.content import HEAVY_FIELDS, Content, ContentQuerySet

CORRECTIONS_MAX_LENGTH = 4_000  # characters


class PostQuerySet(ContentQuerySet):
    def written_by(self, user) -> "PostQuerySet":
        return self.filter(pk__in=PostAuthor.objects.filter(user=user).values("post_id"))

    def for_listing(self) -> "PostQuerySet":
        """Everything _post_card.html reads, in three queries, without the text."""
        return (
            self.select_related("category", "series", "cover")
            .prefetch_related(
                models.Prefetch(
                    "post_authors", PostAuthor.objects.select_related("user").order_by("position")
                ),
                "tags",
            )
            .defer(*HEAVY_FIELDS)
        )


class Post(Content):
    """An article of the blog."""

    category = models.ForeignKey(
        "blog.Category",
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    tags = models.ManyToManyField(
        "blog.Tag", verbose_name=_("tags"), blank=True, related_name="posts"
    )
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("authors"),
        through="blog.PostAuthor",
        related_name="posts",
    )
    series = models.ForeignKey(
        "blog.Series",
        verbose_name=_("series"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    series_part = models.PositiveIntegerField(_("part"), null=True, blank=True)
    featured = models.BooleanField(_("featured"), default=False)
    corrections = models.TextField(
        _("corrections"),
        max_length=CORRECTIONS_MAX_LENGTH,
        blank=True,
        validators=[MaxLengthValidator(CORRECTIONS_MAX_LENGTH)],
        help_text=_("What was wrong before and is right now, a line for each. Ends the text."),
    )
    old_addresses = GenericRelation(OldAddress)

    objects = PostQuerySet.as_manager()

    SNAPSHOT_FIELDS = (
        *Content.SNAPSHOT_FIELDS,
        *("category_id", "series_id", "series_part", "featured", "corrections"),
    )

    class Meta(Content.Meta):
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["-id"]
        permissions = [
            ("publish_content", "Can publish own posts"),
            ("edit_any_content", "Can edit and publish all posts and pages"),
        ]
        indexes = [
            # The river, the feeds, the archive, previous and next. With the other columns counts,
            # deep pages, and the sitemap's dates come from the index alone, not from the rows;
            # SQLite needs even `trashed_at`, which is the same for all.
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                F("visibility"),
                F("unpublish_at"),
                F("status"),
                F("updated_at"),
                F("trashed_at"),
                name="post_newest",
                condition=Q(status="published", trashed_at__isnull=True),
            ),
            models.Index(
                F("category"),
                F("published_at").desc(),
                F("id").desc(),
                F("visibility"),
                F("unpublish_at"),
                F("status"),
                F("updated_at"),
                name="post_newest_in_category",
                condition=Q(status="published", trashed_at__isnull=True),
            ),
            # The lists of one language, and whether there are any; the parts of the sitemap.
            models.Index(
                F("language"),
                F("published_at").desc(),
                F("id").desc(),
                F("visibility"),
                F("unpublish_at"),
                F("status"),
                F("updated_at"),
                F("trashed_at"),
                F("canonical_url"),
                name="post_newest_in_language",
                condition=Q(status="published", trashed_at__isnull=True),
            ),
            models.Index(fields=["series", "series_part"], name="post_in_series"),
            # The admin's list, by state too, and its bin.
            models.Index(
                F("updated_at").desc(),
                F("id").desc(),
                name="post_last_changed",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                F("status"),
                F("updated_at").desc(),
                F("id").desc(),
                name="post_last_changed_by_status",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["trashed_at"], name="post_in_bin", condition=Q(trashed_at__isnull=False)
            ),
            models.Index(
                fields=["unpublish_at"],
                name="post_with_an_end",
                condition=Q(unpublish_at__isnull=False),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("blog:post_detail", args=[self.slug])

    @property
    def byline(self) -> list:
        """The authors in order; no query when the list was fetched by `for_listing()`."""
        return [
            entry.user
            for entry in sorted(self.post_authors.all(), key=lambda entry: entry.position)
        ]

    @property
    def author(self):
        """The first author; None only for a post that is being made."""
        return next(iter(self.byline), None)

    @property
    def correction_notes(self) -> list[str]:
        """What was put right after the publication, in the order it was written down."""
        return [line for line in map(str.strip, self.corrections.splitlines()) if line]

    def snapshot(self) -> dict[str, Any]:
        return {
            **super().snapshot(),
            "authors": [user.pk for user in self.byline],
            "tags": sorted(self.tags.values_list("pk", flat=True)),
        }


class PostAuthor(models.Model):
    """A person's place in the byline of a post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="post_authors")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        related_name="post_authors",
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="author_once_per_post"),
            models.UniqueConstraint(fields=["post", "position"], name="one_author_per_position"),
        ]

    def __str__(self) -> str:
        return str(self.user)
