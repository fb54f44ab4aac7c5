"""What the whole site says of itself."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists
from django.utils.translation import gettext_lazy as _

from blog.languages import INTERFACE, interface_language
from blog.models.checks import Level, Rule, level_by_rule
from blog.models.post import Post
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

    @property
    def other_languages(self) -> list[str]:
        """Those besides the site's that have lists: our words are in them, and so is something
        public. Known of what came from `with_languages()`."""
        own = interface_language(self.language, "")
        return [code for code in INTERFACE if code != own and getattr(self, _lists_in(code), False)]

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
        return cls._with_next_change().first() or cls(pk=1)

    @classmethod
    def with_languages(cls) -> "Site":
        """The one row, and what its `other_languages` are; still one query."""
        anyone = Post.objects.listed_for(AnonymousUser())
        known = {_lists_in(code): Exists(anyone.in_language(code)) for code in INTERFACE}
        return cls._with_next_change().annotate(**known).first() or cls(pk=1)

    @classmethod
    def _with_next_change(cls) -> models.QuerySet:
        scheduled = WorkingRevision.objects.filter(publish_at__isnull=False)
        next_due = scheduled.order_by("publish_at").values("publish_at")[:1]
        return cls.objects.filter(pk=1).annotate(changes_due_at=models.Subquery(next_due))


def _lists_in(language: str) -> str:
    return f"lists_in_{language.replace('-', '_')}"
