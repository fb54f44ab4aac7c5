"""People and the role each one has."""

import unicodedata
from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.profile import Profile

BIO_MAX_LENGTH = 2_000  # characters
EMAIL_KEY_MAX_LENGTH = 320  # characters


def email_key(email: str) -> str:
    """The form in which two e-mail addresses are compared (NFKC, casefolded)."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def _is_unicode(text: str) -> bool:
    """Whether `text` has no lone surrogates, which JSON can bring and no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Role(models.TextChoices):
    """The names of the groups a migration makes. A reader has none."""

    CONTRIBUTOR = "Contributor", _("Contributor")
    AUTHOR = "Author", _("Author")
    EDITOR = "Editor", _("Editor")
    ADMINISTRATOR = "Administrator", _("Administrator")


class UserQuerySet(models.QuerySet):
    def named(self, username: str) -> "UserQuerySet":
        """The person (none or one) with this username, in any case; served by the index."""
        return self.alias(username_key=Lower("username")).filter(username_key=username.lower())

    def by_login(self, login: str) -> "UserQuerySet":
        """People whom `login` names: an e-mail address when it has an @, else a username.

        Any text may be asked for; nobody has one that no database would take.
        """
        if len(login) > EMAIL_KEY_MAX_LENGTH or "\x00" in login or not _is_unicode(login):
            return self.none()
        if "@" in login:
            return self.filter(email_key=email_key(login))
        return self.named(login)

    def visible_to(self, user: "User") -> "UserQuerySet":
        """The accounts that `user` may look at: those in use, for who manages people all."""
        if user.has_perm("accounts.view_user"):
            return self.all()
        over = models.Q(delete_at__lte=timezone.now()) | models.Q(erased_at__isnull=False)
        return self.filter(is_active=True).exclude(over)

    def administrators(self) -> "UserQuerySet":
        """Those who can sign in and administer the site and its people, and mean to stay."""
        groups = Group.objects.filter(name=Role.ADMINISTRATOR)
        return self.filter(
            models.Q(is_superuser=True) | models.Q(groups__in=groups),
            is_active=True,
            delete_at__isnull=True,
        ).distinct()

    def due_for_erasure(self) -> "UserQuerySet":
        """Accounts that have come to their end and are not emptied yet."""
        return self.filter(delete_at__lte=timezone.now(), erased_at__isnull=True)


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):
    """Django's manager, which makes users with hashed passwords, plus our queries."""

    def get_by_natural_key(self, username: str) -> "User":
        return self.named(username).get()

    def create_superuser(self, username, email=None, password=None, **fields) -> "User":
        """As Django's, and in the group of administrators."""
        user = super().create_superuser(username, email, password, **fields)
        user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
        return user


class User(Profile, AbstractUser):
    """Anyone with an account, and anyone named as an author."""

    first_name = None
    last_name = None
    username = models.CharField(
        _("username"),
        max_length=50,
        unique=True,
        validators=[
            MinLengthValidator(3),
            RegexValidator(r"^[A-Za-z0-9_]+\Z", _("Use letters, digits and _ only.")),
        ],
        help_text=_("3 to 50 letters, digits or _. It is part of the author page's address."),
        error_messages={"unique": _("This username is taken.")},
    )
    # Null for people who are only named as authors, by an import say: they cannot sign in.
    email = models.EmailField(_("e-mail"), null=True, blank=True)
    email_key = models.CharField(
        max_length=EMAIL_KEY_MAX_LENGTH, null=True, editable=False, unique=True
    )
    display_name = models.CharField(_("display name"), max_length=100, blank=True)
    bio = models.TextField(
        _("bio"),
        max_length=BIO_MAX_LENGTH,
        blank=True,
        validators=[MaxLengthValidator(BIO_MAX_LENGTH)],
    )
    website = models.URLField(_("website"), blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    must_change_password = models.BooleanField(
        _("must change the password"),
        default=False,
        help_text=_("Asked for a new password at the next visit to the admin."),
    )
    # Counted up by "sign out everywhere": sessions and tokens of an older version are void.
    token_version = models.PositiveIntegerField(default=0, editable=False)

    # Set before the first save by those who sign themselves up: an address that nobody vouches
    # for counts once a mailed code has come back.
    must_confirm_email = False

    objects = UserManager()

    class Meta:
        ordering = ["username"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("choose_user", "Can choose people as authors")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_without_case",
                violation_error_message=_("This username is taken."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["delete_at"],
                name="user_leaving",
                condition=models.Q(delete_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How readers see this person."""
        return self.display_name or self.username

    @property
    def may_sign_in(self) -> bool:
        """Whether this account opens any door: active, and not past the end it was given."""
        return self.is_active and not self.is_gone

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
        if not self.email:
            return
        key = email_key(self.email)
        if len(key) > EMAIL_KEY_MAX_LENGTH:
            raise ValidationError({"email": _("This address is too long.")})
        if User.objects.filter(email_key=key).exclude(pk=self.pk).exists():
            raise ValidationError({"email": _("This e-mail address is taken.")})

    def save(self, *args, **kwargs) -> None:
        self.email = self.email or None
        self.email_key = email_key(self.email) if self.email else None
        fields = kwargs.get("update_fields")
        if fields is not None and "email" in fields:
            kwargs["update_fields"] = {*fields, "email_key"}
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """What a session and a token are bound to: the password and the token version."""
        return self._bound_to_version(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for stamp in super().get_session_auth_fallback_hash():
            yield self._bound_to_version(stamp)

    def _bound_to_version(self, stamp: str) -> str:
        # Version 0 keeps Django's own stamp, so that an upgrade signs nobody out.
        return f"{stamp}.{self.token_version}" if self.token_version else stamp

    @cached_property
    def role(self) -> Role | None:
        """The highest role; a superuser counts as an administrator, a reader has None."""
        if self.is_superuser:
            return Role.ADMINISTRATOR
        names = {group.name for group in self.groups.all()}
        return next((role for role in reversed(Role) if role.value in names), None)
