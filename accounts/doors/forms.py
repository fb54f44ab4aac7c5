"""allauth's forms with our rules: one way to compare addresses, capped input, calm fields."""

import base64
import json
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from cryptography.exceptions import InvalidSignature
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.doors import codes
from accounts.models import EMAIL_KEY_MAX_LENGTH, User, email_key
from accounts.passwords import PASSWORD_MAX_LENGTH
from accounts.sign_up import sign_up

CODE_MAX_LENGTH = 40  # characters
NAME_MAX_LENGTH = 100  # characters, of a passkey
CREDENTIAL_MAX_LENGTH = 20_000  # characters
# What reading a passkey's answer raises when it is not one.
MALFORMED = (
    AttributeError,
    InvalidSignature,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def account_of(email: str) -> User | None:
    """The account that can be written to at `email`, compared as everywhere; None for nobody."""
    user = User.objects.filter(email_key=email_key(email)).first()
    return user if user and user.may_sign_in else None


class Calm:
    """No placeholders (labels say it), and a cap on whatever is typed.

    A password is refused by its length before anything is hashed.
    """

    labels: dict[str, Any] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.labels:
                field.label = self.labels[name]
            if isinstance(field.widget, forms.PasswordInput):
                self._cap(field, PASSWORD_MAX_LENGTH)
            elif name == "code":
                field.widget.attrs["autocapitalize"] = "none"
                field.widget.attrs["spellcheck"] = "false"
                self._cap(field, CODE_MAX_LENGTH)

    @staticmethod
    def _cap(field: forms.CharField, length: int) -> None:
        field.max_length = length
        field.validators.append(MaxLengthValidator(length))


class SignInForm(Calm, account_forms.LoginForm):
    labels = {"login": _("E-mail or username"), "password": _("Password")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        login.widget.attrs["maxlength"] = EMAIL_KEY_MAX_LENGTH
        self._cap(login, EMAIL_KEY_MAX_LENGTH)
        # The link to "Forgot your password?" stands in the page.
        self.fields["password"].help_text = ""


class Undone(Exception):
    """Raised to have a transaction rolled back."""


class SignUpForm(Calm, account_forms.SignupForm):
    labels = {"email": _("E-mail"), "username": _("Username"), "password1": _("Password")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        username = User._meta.get_field("username")
        self.fields["username"].help_text = username.help_text
        self.fields["username"].widget.attrs["autocapitalize"] = "none"

    def clean_email(self) -> str:
        email = get_adapter().clean_email(self.cleaned_data["email"])
        # Whether or not it can be written to: a deactivated account holds its address.
        self.account_already_exists = User.objects.filter(email_key=email_key(email)).exists()
        return email

    def try_save(self, request: HttpRequest):
        if self.account_already_exists:
            self._make_and_undo()
        return super().try_save(request)

    def _make_and_undo(self) -> None:
        """The work that a new account costs, so that the time does not tell; nothing stays."""
        given = self.cleaned_data
        elsewhere = f"{secrets.token_hex(8)}@example.invalid"
        try:
            with transaction.atomic():
                sign_up(given["username"], elsewhere, given["password1"])
                raise Undone
        except Undone:
            pass

    def save(self, request: HttpRequest) -> User:
        # allauth would add a row for the address, which ours has already.
        return get_adapter().save_user(request, User(), self)


class ChangeAddressForm(Calm, account_forms.AddEmailForm):
    labels = {"email": _("New e-mail address")}

    def clean_email(self) -> str:
        email = get_adapter().clean_email(self.cleaned_data["email"])
        if self.user.email_key == email_key(email):
            raise get_adapter().validation_error("duplicate_email")
        # Whether somebody else has it is told only to who reads the code that is sent there.
        limits.check_mail(context.request, email, self.user)
        return email


class MailedCode(Calm):
    """Compares with the digest that the session has."""

    labels = {"code": _("Code")}

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if not codes.is_right(code, self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ConfirmAddressForm(MailedCode, account_forms.ConfirmEmailVerificationCodeForm):
    def clean_code(self) -> str:
        code = super().clean_code()
        others = User.objects.filter(email_key=email_key(self.email or ""))
        if self.user is None or others.exclude(pk=self.user.pk).exists():
            raise get_adapter().validation_error("email_taken")
        return code


class ConfirmCodeForm(MailedCode, account_forms.ConfirmLoginCodeForm):
    pass


class AskForCodeForm(Calm, account_forms.RequestLoginCodeForm):
    labels = {"email": _("E-mail")}

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        self._user = account_of(email)
        limits.check_mail(context.request, email, self._user)
        return email


class AskForResetForm(Calm, account_forms.ResetPasswordForm):
    labels = {"email": _("E-mail")}

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        user = account_of(email)
        self.users = [user] if user else []
        limits.check_mail(context.request, email, user)
        return email


class NewPasswordForm(Calm, account_forms.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}


class SetPasswordForm(Calm, account_forms.SetPasswordForm):
    labels = NewPasswordForm.labels


class ChangePasswordForm(Calm, account_forms.ChangePasswordForm):
    labels = {"oldpassword": _("Current password"), **NewPasswordForm.labels}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""

    def clean_oldpassword(self) -> str:
        # Through the one pipeline, which counts guesses: a session may be in strange hands.
        old = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, old):
            raise get_adapter().validation_error("enter_current_password")
        return old

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        new = cleaned.get("password1")
        if new and new == cleaned.get("oldpassword"):
            self.add_error("password1", _("Choose a password other than the old one."))
        return cleaned


class ReauthenticateForm(Calm, account_forms.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


# --- second factors ---------------------------------------------------------------------


class Counted:
    """Guesses at a code count like guesses at a password."""

    def clean_code(self) -> str:
        guess = limits.check_code(context.request, self.user)
        code = super().clean_code()
        limits.sign_in_succeeded(guess)
        return code


class CodeForm(Calm, Counted, mfa_forms.AuthenticateForm):
    labels = {"code": _("Code from your authenticator app, or a recovery code")}


class ReauthenticateByCodeForm(Calm, Counted, mfa_forms.ReauthenticateForm):
    labels = CodeForm.labels


class ActivateTOTPForm(Calm, totp_forms.ActivateTOTPForm):
    labels = {"code": _("Code that the app shows")}


class CredentialField(forms.JSONField):
    """What the browser's WebAuthn gave, as an object; anything else is refused."""

    default_error_messages = {"invalid": _("Your browser did not give a passkey.")}

    def bound_data(self, data, initial) -> None:
        """An answer is good once: it is not shown again, nor read to be shown."""

    def prepare_value(self, value) -> str:
        return ""

    def to_python(self, value) -> dict[str, Any] | None:
        if isinstance(value, str) and len(value) > CREDENTIAL_MAX_LENGTH:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            value = super().to_python(value)
        except RecursionError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if value is not None and not isinstance(value, dict):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return value


class Passkey(Calm):
    """A passkey's answer counts only when it was given to a page of this very site.

    The library would also take subdomains, which may be somebody else's.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)

    @contextmanager
    def _reading(self, credential: dict[str, Any]) -> Iterator[None]:
        """Refuse what was given on another site, and whatever the library stumbles over."""
        try:
            data = credential["response"]["clientDataJSON"]
            told = json.loads(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)))["origin"]
            if urlsplit(told)[:2] != urlsplit(settings.SITE_URL)[:2]:
                raise ValidationError(_("This passkey was not used on this site."))
            yield
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AddPasskeyForm(Passkey, webauthn_forms.AddWebAuthnForm):
    labels = {
        "name": _("A name for it, such as “My phone”"),
        "passwordless": _("Sign in with it alone, without a password"),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._cap(self.fields["name"], NAME_MAX_LENGTH)
        self.fields["passwordless"].help_text = _(
            "It then asks for your fingerprint, face or PIN each time."
        )

    def clean(self) -> dict[str, Any]:
        if "credential" not in self.cleaned_data:
            return self.cleaned_data
        with self._reading(self.cleaned_data["credential"]):
            return super().clean()


class GivenPasskey(Passkey):
    def clean_credential(self):
        with self._reading(self.cleaned_data["credential"]):
            return super().clean_credential()


class SignInByPasskeyForm(GivenPasskey, webauthn_forms.LoginWebAuthnForm):
    def clean_credential(self):
        limits.check_passkey(context.request)
        return super().clean_credential()


class SecondFactorPasskeyForm(GivenPasskey, webauthn_forms.AuthenticateWebAuthnForm):
    pass


class ReauthenticateByPasskeyForm(GivenPasskey, webauthn_forms.ReauthenticateWebAuthnForm):
    pass


class RenamePasskeyForm(Calm, webauthn_forms.EditWebAuthnForm):
    labels = {"name": _("Name")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._cap(self.fields["name"], NAME_MAX_LENGTH)
