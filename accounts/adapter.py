"""What allauth asks of the site: how people are found, stored, written to and let in."""

import logging
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.doors import mails, second_factor
from accounts.doors.codes import StoredCode
from accounts.doors.devices import device_name
from accounts.doors.sealing import seal, unseal
from accounts.models import EMAIL_KEY_MAX_LENGTH, User, email_key
from accounts.services import change_password
from accounts.sign_up import sign_up
from events.services import record
from lib.http import client_address

logger = logging.getLogger(__name__)
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  What the column of a session's address holds for none.
# The page that follows shows these by itself.
UNSAID = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "mfa/messages/recovery_codes_generated.txt",
}
# These too, unless another code was asked for.
SAID_AGAIN = {
    "account/messages/email_confirmation_sent.txt",
    "account/messages/login_code_sent.txt",
}
STAGES = {
    "allauth.account.stages.EmailVerificationStage": "accounts.doors.stages.AddressStage",
}


def site_host() -> str:
    """The name of the host that readers type; passkeys are bound to it."""
    return urlsplit(settings.SITE_URL).hostname or ""


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_taken": _("This username is taken."),
        # One text for both: the form says nothing of what it was given.
        "email_password_mismatch": _("The login or the password is not right."),
        "username_password_mismatch": _("The login or the password is not right."),
    }

    # --- who may -----------------------------------------------------------------------

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP_OPEN

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        """Guesses are counted by our authentication backend, for every door."""

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        # An address is replaced, never taken away: without one nothing can be reset.
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse | None:
        if not user.may_sign_in:
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def get_login_stages(self) -> list[str]:
        return [STAGES.get(stage, stage) for stage in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or UNKNOWN_ADDRESS

    def is_safe_url(self, url: str | None) -> bool:
        # Not the hosts that ALLOWED_HOSTS names besides: `next` stays on the site.
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    # --- what is stored ----------------------------------------------------------------

    def clean_username(self, username: str, shallow: bool = False) -> str:
        for validator in User._meta.get_field("username").validators:
            validator(username)
        if not shallow and User.objects.named(username).exists():
            raise self.validation_error("username_taken")
        return username

    def clean_email(self, email: str) -> str:
        if len(email_key(email)) > EMAIL_KEY_MAX_LENGTH:
            raise ValidationError(_("This address is too long."))
        return email

    def save_user(self, request: HttpRequest, user: User, form, commit: bool = True) -> User:
        fields = form.cleaned_data
        return sign_up(fields["username"], fields["email"], fields["password1"])

    def set_password(self, user: User, password: str) -> None:
        change_password(user, password, by=user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm the first address of an account, or move the account to another one."""
        user = email_address.user
        before = user.email
        try:
            with transaction.atomic():
                if not super().confirm_email(request, email_address):
                    return False
                changed = email_key(before or "") != email_key(email_address.email)
                record("user.email_confirmed", user, actor=user, payload={"changed": changed})
        except IntegrityError:
            # Another account confirmed this address between our look and our write.
            logger.info("An address was taken while it was being confirmed.")
            return False
        if before and changed:
            # The old one is told by allauth.
            addresses = {"from_email": before, "to_email": email_address.email}
            self.send_notification_mail(
                "account/email/email_changed", user, addresses, email=email_address.email
            )
        return True

    def generate_login_code(self) -> str:
        return StoredCode.of(super().generate_login_code())

    def generate_email_verification_code(self) -> str:
        return StoredCode.of(super().generate_email_verification_code())

    # --- what is said ------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        if isinstance(code := context.get("code"), StoredCode):
            context = {**context, "code": code.code}
        mails.send(template_prefix, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        # Not from the request: a Host header must not steer where the link leads.
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def add_message(self, request, level, message_template=None, *args, **kwargs) -> None:
        if getattr(request, "speaks_to_program", False):
            return
        again = request.POST.get("action") == "resend"
        if message_template in UNSAID or (message_template in SAID_AGAIN and not again):
            return
        super().add_message(request, level, message_template, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "This site asks you for a second factor. Add another one before you remove this."
        ),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except ValueError:
            # No code matches a secret that nobody knows: told as a wrong code, not as an error.
            logger.error("A second factor was sealed with another SECRET_KEY and opens nothing.")
            return generate_totp_secret()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type not in second_factor.FACTORS:
            return True
        user = authenticator.user
        others = Authenticator.objects.filter(user_id=user.pk, type__in=second_factor.FACTORS)
        return others.count() > 1 or not second_factor.is_required_of(user)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a passkey is called when its owner does not name it: after the device."""
        device = device_name(context.request.META.get("HTTP_USER_AGENT", ""))
        return device or str(_("Passkey"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": site_host(), "name": self._get_site_name()}

    def _get_site_name(self) -> str:
        site = getattr(context.request, "site", None)
        return site.name if site is not None else site_host()
