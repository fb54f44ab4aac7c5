"""What the whole site says of itself."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.models.checks import Level, Rule, level_by_rule
from blog.models.validators import language_shape
from blog.models.working import WorkingRevision


class Site(models.Model):
    """One row, made by a migration."""

    name = models.CharField(_("name"), max_length=100, default="Inkstone")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    description = models.TextField(
        _("description"),
        max_length=500,
        blank=True,
        help_text=_("For search engines and shared links."),
    )
    language = models.CharField(
        _("language"),
        max_length=35,
        default="en",
        validators=[language_shape],
        help_text=_("A BCP 47 tag, such as en or zh-hans."),
    )
    posts_per_page = models.PositiveSmallIntegerField(
        _("posts per page"), default=12, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    publish_checks = models.JSONField(
        _("checks before publication"),
        default=dict,
        blank=True,
        validators=[level_by_rule],
        help_text=_("Rule to level: off, warning or blocking. What is not named warns."),
    )

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("site")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="site_has_one_row"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.language = self.language.lower().replace("_", "-")
        # An empty list counts as no value, which validators do not get to see.
        level_by_rule(self.publish_checks)

    def delete(self, *args, **kwargs):
        raise ValidationError(_("A site cannot do without its settings."))

    def level_of(self, rule: Rule) -> Level:
        """What breaking `rule` means on this site."""
        if rule is Rule.EMPTY_BODY:
            return Level.BLOCKING
        return Level(self.publish_checks.get(rule.value, Level.WARNING))

    # When the next changes to something live are to be published; `current()` asks in passing.
    changes_due_at: datetime | None = None

    @classmethod
    def current(cls) -> "Site":
        """The one row; the defaults when it is missing."""
        scheduled = WorkingRevision.objects.filter(publish_at__isnull=False)
        next_due = scheduled.order_by("publish_at").values("publish_at")[:1]
        found = cls.objects.filter(pk=1).annotate(changes_due_at=models.Subquery(next_due))
        return found.first() or cls(pk=1)
