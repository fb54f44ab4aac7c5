"""People and the role each one has."""

import unicodedata

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


def email_key(email: str) -> str:
    """The form in which two e-mail addresses are compared (NFKC, casefolded)."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


class Role(models.TextChoices):
    """The names of the groups a migration makes. A reader has none."""

    CONTRIBUTOR = "Contributor", _("Contributor")
    AUTHOR = "Author", _("Author")
    EDITOR = "Editor", _("Editor")
    ADMINISTRATOR = "Administrator", _("Administrator")


class UserQuerySet(models.QuerySet):
    def by_login(self, login: str) -> "UserQuerySet":
        """People whom `login` names: an e-mail address when it has an @, else a username."""
        if "@" in login:
            return self.filter(email_key=email_key(login))
        return self.filter(username__iexact=login)


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):
    """Django's manager, which makes users with hashed passwords, plus our queries."""


class User(AbstractUser):
    """Anyone with an account, and anyone named as an author."""

    first_name = None
    last_name = None
    username = models.CharField(
        _("username"),
        max_length=50,
        validators=[
            MinLengthValidator(3),
            RegexValidator(r"^[A-Za-z0-9_]+\Z", _("Use letters, digits and _ only.")),
        ],
        help_text=_("3 to 50 letters, digits or _. It is part of the author page's address."),
    )
    # Null for people who are only named as authors, by an import say: they cannot sign in.
    email = models.EmailField(_("e-mail"), null=True, blank=True)
    email_key = models.CharField(max_length=320, null=True, editable=False, unique=True)
    display_name = models.CharField(_("display name"), max_length=100, blank=True)
    bio = models.TextField(_("bio"), max_length=2_000, blank=True)
    website = models.URLField(_("website"), blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    must_change_password = models.BooleanField(
        _("must change the password"),
        default=False,
        help_text=_("Asked for a new password at the next visit to the admin."),
    )

    objects = UserManager()

    class Meta:
        ordering = ["username"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_without_case",
                violation_error_message=_("This username is taken."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How readers see this person."""
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.username

    def get_absolute_url(self) -> str:
        return reverse("blog:author_detail", args=[self.username])

    def clean(self) -> None:
        # Not AbstractUser.clean(), which turns a missing address into an empty string, and two
        # empty strings are not unique.
        self.username = self.normalize_username(self.username)
        self.email = self.email or None

    def save(self, *args, **kwargs) -> None:
        self.email = self.email or None
        self.email_key = email_key(self.email) if self.email else None
        fields = kwargs.get("update_fields")
        if fields is not None and "email" in fields:
            kwargs["update_fields"] = {*fields, "email_key"}
        super().save(*args, **kwargs)

    @cached_property
    def role(self) -> Role | None:
        """The highest role; a superuser counts as an administrator, a reader has None."""
        if self.is_superuser:
            return Role.ADMINISTRATOR
        names = set(self.groups.values_list("name", flat=True))
        return next((role for role in reversed(Role) if role.value in names), None)
