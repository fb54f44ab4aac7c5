"""What programs sign in with. Nothing here is a secret: a copy of these tables lets nobody in."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a token may do, at most what its owner may."""

    READ = "read", _("Read")
    WRITE = "write", _("Write")
    MEDIA = "media", _("Upload media")
    ADMIN = "admin", _("Administer")


class TokenFamilyQuerySet(models.QuerySet):
    def in_use(self) -> "TokenFamilyQuerySet":
        """Those whose refresh token can still be redeemed."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now())


class TokenFamily(models.Model):
    """One sign-in of an app, and all refresh tokens that have followed from it.

    Only the newest one, number `generation`, can be redeemed. When an older one comes, somebody
    holds a copy of it: the family ends.
    """

    class End(models.TextChoices):
        REVOKED = "revoked", _("signed out")
        REPLAYED = "replayed", _("an old token was used again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="token_families",
    )
    generation = models.PositiveIntegerField(default=1)
    # Digest of what sessions are bound to as well: the password and the token version.
    stamp = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=10, choices=End.choices, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=200, blank=True)

    objects = TokenFamilyQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at"]
        verbose_name = _("sign-in of an app")
        verbose_name_plural = _("sign-ins of apps")

    def __str__(self) -> str:
        return self.device or str(self.pk)

    def end(self, reason: End) -> None:
        """Void every token of the family, access tokens included, from now on."""
        if self.ended_at is None:
            self.ended_at, self.ended_by = timezone.now(), reason
            self.save(update_fields=["ended_at", "ended_by"])


class PersonalTokenQuerySet(models.QuerySet):
    def in_use(self) -> "PersonalTokenQuerySet":
        """Those that still let in, as far as the token itself says."""
        return self.filter(
            revoked_at=None,
            expires_at__gt=timezone.now(),
            version=models.F("user__token_version"),
        )


class PersonalToken(models.Model):
    """A password for one program, made by its owner, with scopes and an end.

    The token itself is shown once and never stored: it is 160 random bits, so a plain SHA-256
    of it cannot be searched.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="personal_tokens",
    )
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("ends in"), max_length=8, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    # The owner's when it was made: signing out everywhere voids it.
    version = models.PositiveIntegerField(editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_address = models.GenericIPAddressField(_("last used from"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("personal token")
        verbose_name_plural = _("personal tokens")

    def __str__(self) -> str:
        return self.name

    def revoke(self) -> None:
        """Let it be of no use from now on."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
