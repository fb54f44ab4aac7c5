"""What the search index knows of posts.

The index proper is a table per database (migration 0005): a tsvector under GIN on PostgreSQL, FTS5
on SQLite. Everything here is derived from the posts and can be made anew.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SearchPart(models.Model):
    """A stretch of a post that is one entry of the index; nearly all posts have one.

    PostgreSQL knows no position above 16,383, so a longer text would lose its phrases.
    """

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="search_parts")
    number = models.PositiveSmallIntegerField()
    # Of the tokens: an entry of another version is made anew.
    version = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="search_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}/{self.number}"


class SearchWord(models.Model):
    """A word of public posts, for "Did you mean"."""

    word = models.CharField(max_length=64, unique=True)
    posts = models.PositiveIntegerField(help_text="How many posts have it.")

    class Meta:
        ordering = ["-posts", "word"]

    def __str__(self) -> str:
        return self.word


class SearchMiss(models.Model):
    """Something readers looked for and did not find."""

    query = models.CharField(_("words"), max_length=100, unique=True)
    count = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last time"), default=timezone.now)

    class Meta:
        ordering = ["-count", "-last_at"]
        verbose_name = _("search without a result")
        verbose_name_plural = _("searches without a result")
        indexes = [models.Index(fields=["-count", "-last_at"], name="search_miss_most")]

    def __str__(self) -> str:
        return self.query
