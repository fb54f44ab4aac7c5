"""What a password may be, besides what Django's own validators say."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

PASSWORD_MAX_LENGTH = 1_024  # characters; hashing more would only be work for us


class MaximumLengthValidator:
    """Refuses what no form would let anybody type again."""

    def validate(self, password: str, user=None) -> None:
        if len(password) > PASSWORD_MAX_LENGTH:
            raise ValidationError(
                ngettext(
                    "This password is too long: it may have %(limit)d character.",
                    "This password is too long: it may have %(limit)d characters.",
                    PASSWORD_MAX_LENGTH,
                )
                % {"limit": PASSWORD_MAX_LENGTH},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _("Your password may have up to %(limit)d characters.") % {
            "limit": PASSWORD_MAX_LENGTH
        }
