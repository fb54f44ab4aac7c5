"""Posts and pages: what they hold, who may see them when, and their states."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.languages import tags_under
from blog.models.validators import language_shape, slug_shape

TITLE_MAX_LENGTH = 200  # characters
EXCERPT_MAX_LENGTH = 1_000  # characters

# What lists leave in the database: the text in all its forms, which may be a megabyte each.
HEAVY_FIELDS = ["body", "body_html", "body_text", "headings"]


def _is_published(at: datetime | None) -> Q:
    at = at or timezone.now()
    return Q(
        Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=at),
        status=Content.Status.PUBLISHED,
        published_at__lte=at,
        trashed_at__isnull=True,
    )


class ContentQuerySet(models.QuerySet):
    def published(self, at: datetime | None = None) -> "ContentQuerySet":
        """What the clock shows at `at` (now when None): a future date means scheduled."""
        return self.filter(_is_published(at))

    def listed_for(self, user, at: datetime | None = None) -> "ContentQuerySet":
        """What `user` finds in lists, feeds, sitemap and search at `at` (now when None):
        published, and open to them."""
        published = self.published(at)
        if user.is_authenticated:
            return published
        return published.filter(visibility=Content.Visibility.PUBLIC)

    def visible_to(self, user) -> "ContentQuerySet":
        """What `user` may open by its address: what is listed for them, and what they write.

        Nothing in the bin; that is reached through the admin.
        """
        if not user.is_authenticated:
            return self.listed_for(user)
        if user.has_perm("blog.edit_any_content"):
            return self.filter(trashed_at__isnull=True)
        # As a condition on the row itself: a list of all that is published would be made for each
        # text that is asked for.
        own = self.model._default_manager.written_by(user)
        return self.filter(
            _is_published(None) | Q(pk__in=own.values("pk")), trashed_at__isnull=True
        )

    def editable_by(self, user) -> "ContentQuerySet":
        """What `user` may change: editors everything, authors their own, contributors their own
        until it is published."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("blog.edit_any_content"):
            return self.all()
        if user.has_perm("blog.publish_content"):
            return self.written_by(user)
        if user.has_perm("blog.add_post"):
            return self.written_by(user).exclude(status=Content.Status.PUBLISHED)
        return self.none()

    def written_by(self, user) -> "ContentQuerySet":
        """What bears `user`'s name."""
        return self.none()

    def in_state(self, state: "Content.State") -> "ContentQuerySet":
        """What is in `state` now; the same rule as `Content.state`."""
        if state == Content.State.TRASHED:
            return self.filter(trashed_at__isnull=False)
        kept = self.filter(trashed_at__isnull=True)
        if state in (Content.State.DRAFT, Content.State.IN_REVIEW):
            return kept.filter(status=state.value)
        now = timezone.now()
        released = kept.filter(status=Content.Status.PUBLISHED)
        if state == Content.State.SCHEDULED:
            return released.filter(published_at__gt=now)
        if state == Content.State.EXPIRED:
            return released.filter(unpublish_at__lte=now)
        return self.published(now)

    def in_language(self, language: str) -> "ContentQuerySet":
        """What the lists of `language`, one of those our words are in, hold."""
        return self.filter(language__in=tags_under(language))

    def linked_with(self, content: "Content") -> "ContentQuerySet":
        """The translations of `content`."""
        if content.translation_group is None:
            return self.none()
        return self.filter(translation_group=content.translation_group).exclude(pk=content.pk)

    def newest_first(self) -> "ContentQuerySet":
        """The order of every listing; the key breaks ties so that pages never overlap."""
        return self.order_by("-published_at", "-pk")


class Content(models.Model):
    """What posts and pages share. The row holds what the site serves."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")

    class State(models.TextChoices):
        """The status together with the clock and the bin: what a person calls its state."""

        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        SCHEDULED = "scheduled", _("Scheduled")
        EXPIRED = "expired", _("Expired")
        TRASHED = "trashed", _("In the bin")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Everyone")
        MEMBERS = "members", _("People with an account")

    title = models.CharField(_("title"), max_length=TITLE_MAX_LENGTH)
    slug = models.CharField(
        _("slug"),
        max_length=100,
        unique=True,
        blank=True,
        validators=[slug_shape],
        help_text=_("Part of the address. Made from the title when left empty."),
    )
    subtitle = models.CharField(_("subtitle"), max_length=300, blank=True)
    body = models.TextField(_("body"), blank=True, help_text=_("Markdown."))
    excerpt = models.TextField(
        _("excerpt"),
        max_length=EXCERPT_MAX_LENGTH,
        blank=True,
        # A TextField's max_length binds forms only.
        validators=[MaxLengthValidator(EXCERPT_MAX_LENGTH)],
        help_text=_("For lists. Taken from the text when left empty."),
    )
    cover = models.ForeignKey(
        "library.Image",
        verbose_name=_("cover"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    language = models.CharField(
        _("language"),
        max_length=35,
        default="en",
        validators=[language_shape],
        help_text=_("A BCP 47 tag, such as en or zh-hans."),
    )
    seo_title = models.CharField(_("title for search engines"), max_length=200, blank=True)
    seo_description = models.CharField(
        _("description for search engines"), max_length=300, blank=True
    )
    canonical_url = models.URLField(
        _("canonical address"), blank=True, help_text=_("When it was published elsewhere first.")
    )
    visibility = models.CharField(
        _("visible to"), max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False
    )
    published_at = models.DateTimeField(
        _("publication time"), null=True, blank=True, help_text=_("A future time means scheduled.")
    )
    unpublish_at = models.DateTimeField(_("take down at"), null=True, blank=True)
    trashed_at = models.DateTimeField(_("moved to the bin"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # The last save of its content; a rebuild of derived columns does not touch it.
    updated_at = models.DateTimeField(_("last change"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    # Shared by what says the same in several languages (blog.translations). A fact about several
    # texts, so no revision of one of them holds it.
    translation_group = models.UUIDField(null=True, blank=True, editable=False)

    # Derived from the body by blog.rendering, for the renderer version named here.
    body_html = models.TextField(editable=False, blank=True)
    body_text = models.TextField(editable=False, blank=True)
    headings = models.JSONField(editable=False, default=list, blank=True)
    derived_excerpt = models.TextField(editable=False, blank=True)
    word_count = models.PositiveIntegerField(editable=False, default=0)
    character_count = models.PositiveIntegerField(editable=False, default=0)
    reading_minutes = models.PositiveIntegerField(editable=False, default=0)
    renderer_version = models.PositiveIntegerField(editable=False, default=0)

    # The content fields of a revision; subclasses add theirs. Links are written as lists of keys.
    SNAPSHOT_FIELDS = (
        *("title", "slug", "subtitle", "body", "excerpt", "cover_id", "language"),
        *("seo_title", "seo_description", "canonical_url", "visibility"),
        *("status", "published_at", "unpublish_at", "trashed_at"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="%(class)s_published_has_a_time",
                violation_error_message=_("What is published needs a publication time."),
            ),
            models.CheckConstraint(
                condition=Q(unpublish_at__isnull=True)
                | Q(published_at__isnull=True)
                | Q(unpublish_at__gt=F("published_at")),
                name="%(class)s_ends_after_it_begins",
                violation_error_message=_("The time to take it down is before its publication."),
            ),
            models.UniqueConstraint(
                fields=["translation_group", "language"],
                condition=Q(translation_group__isnull=False),
                name="%(class)s_language_once_per_group",
                violation_error_message=_("It is linked with another text in this language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    # --- what it is now ---------------------------------------------------------------

    @property
    def summary(self) -> str:
        """The excerpt as typed, else the one taken from the text."""
        return self.excerpt or self.derived_excerpt

    @property
    def is_published(self) -> bool:
        """Whether the clock shows it; the same rule as `published()`."""
        now = timezone.now()
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at is not None
            and self.published_at <= now
            and (self.unpublish_at is None or self.unpublish_at > now)
            and self.trashed_at is None
        )

    @property
    def is_scheduled(self) -> bool:
        return (
            self.status == self.Status.PUBLISHED
            and self.trashed_at is None
            and self.published_at is not None
            and self.published_at > timezone.now()
        )

    @property
    def is_expired(self) -> bool:
        return (
            self.status == self.Status.PUBLISHED
            and self.trashed_at is None
            and self.unpublish_at is not None
            and self.unpublish_at <= timezone.now()
        )

    @property
    def state(self) -> State:
        """Where it stands now; derived, never stored."""
        if self.trashed_at:
            return self.State.TRASHED
        if self.is_expired:
            return self.State.EXPIRED
        if self.is_scheduled:
            return self.State.SCHEDULED
        return self.State(self.status)

    @property
    def state_label(self) -> str:
        """The state as a person would say it."""
        return self.state.label

    @property
    def modified_at(self) -> datetime:
        """When what a reader gets last changed: the last save, or its publication if later."""
        return max(self.updated_at, self.published_at or self.updated_at)

    # --- changes of state -------------------------------------------------------------

    def submit(self) -> None:
        """Hand a draft to the editors. Raises ValidationError when it is not a draft."""
        self._refuse_in_bin()
        if self.status != self.Status.DRAFT:
            raise ValidationError(_("Only a draft can be submitted."))
        self.status = self.Status.IN_REVIEW

    def publish(self, at: datetime | None = None) -> None:
        """Make it public from `at` (aware; when None: the time it has, else now).

        A time to take it down that has passed is forgotten: it belongs to an earlier release.
        Raises ValidationError when it is published already, empty, in the bin, or would end
        before it begins.
        """
        self._refuse_in_bin()
        if self.status == self.Status.PUBLISHED and at is None and not self.is_expired:
            raise ValidationError(_("It is published already."))
        self.check_body()
        now = timezone.now()
        self.status = self.Status.PUBLISHED
        self.published_at = at or self.published_at or now
        if self.unpublish_at and self.unpublish_at <= now:
            self.unpublish_at = None
        if self.unpublish_at and self.unpublish_at <= self.published_at:
            raise ValidationError(_("The time to take it down is before its publication."))

    def unpublish(self) -> None:
        """Back to draft. Raises ValidationError when it is a draft already."""
        self._refuse_in_bin()
        if self.status == self.Status.DRAFT:
            raise ValidationError(_("It is a draft already."))
        self.status = self.Status.DRAFT

    def check_body(self) -> None:
        """Raise ValidationError when there is nothing to read."""
        if not self.body.strip():
            raise ValidationError({"body": _("Write something before publishing.")})

    def _refuse_in_bin(self) -> None:
        if self.trashed_at:
            raise ValidationError(_("Take it out of the bin first."))

    def trash(self) -> None:
        """Into the bin, from where it can come back. Raises ValidationError when it is there."""
        if self.trashed_at:
            raise ValidationError(_("It is in the bin already."))
        self.trashed_at = timezone.now()

    def restore(self) -> None:
        """Out of the bin, as it was. Raises ValidationError when it is not in it."""
        if not self.trashed_at:
            raise ValidationError(_("It is not in the bin."))
        self.trashed_at = None

    # --- history ----------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """All content fields as JSON values, for a revision."""
        values = {name: getattr(self, name) for name in self.SNAPSHOT_FIELDS}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
        }
