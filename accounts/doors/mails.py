"""The mails about an account: a code, a link, or word that something was changed.

They are queued as rows like every mail. Whoever asks for one gets the same answer after the same
work, whether or not there is an account.
"""

from allauth.core import context as allauth_context
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from accounts.doors.devices import device_name
from accounts.models import User, email_key
from events.mail import queue_mail
from events.models import Mail

# What happened to an account: subject, and one sentence. Each has the same frame.
NOTICES = {
    "password_changed": (
        gettext_lazy("Your password was changed"),
        gettext_lazy("The password of your account was changed."),
    ),
    "password_set": (
        gettext_lazy("Your password was set"),
        gettext_lazy("Your account has a password now."),
    ),
    "password_reset": (
        gettext_lazy("Your password was reset"),
        gettext_lazy("The password of your account was reset with a mailed link."),
    ),
    "email_changed": (
        gettext_lazy("Your e-mail address was changed"),
        gettext_lazy("Your account was moved from %(from_email)s to %(to_email)s."),
    ),
    "totp_activated": (
        gettext_lazy("An authenticator app was added"),
        gettext_lazy("Signing in to your account now asks for a code from an authenticator app."),
    ),
    "totp_deactivated": (
        gettext_lazy("The authenticator app was removed"),
        gettext_lazy("Signing in to your account no longer asks for an authenticator app."),
    ),
    "second_factors_removed": (
        gettext_lazy("Your second factors were removed"),
        gettext_lazy("An administrator removed every second factor of your account."),
    ),
    "webauthn_added": (
        gettext_lazy("A passkey was added"),
        gettext_lazy("A passkey or security key was added to your account."),
    ),
    "webauthn_removed": (
        gettext_lazy("A passkey was removed"),
        gettext_lazy("A passkey or security key was removed from your account."),
    ),
    "recovery_codes_generated": (
        gettext_lazy("New recovery codes were made"),
        gettext_lazy("New recovery codes were made for your account. The old ones are void."),
    ),
}


def send(template_prefix: str, email: str, context: dict) -> Mail:
    """Queue the mail that allauth calls `template_prefix`, such as "account/email/login_code".

    What is typed only finds the account: mail goes to the address that is stored.
    """
    name = template_prefix.rpartition("/")[2]
    owner = User.objects.filter(email_key=email_key(email)).first()
    person = owner or _signed_in() or context.get("user")
    language = (person.language if person else "") or get_language() or settings.LANGUAGE_CODE
    if name in NOTICES:
        name, context = "notice", {**context, **_notice(name, language, context)}
    return queue_mail(
        f"account/{name}",
        to=owner.email if owner else email,
        language=language,
        context={**_plain(context), **_links()},
        kind=template_prefix.rpartition("/")[2],
        recipient=person,
    )


def send_confirm_by_signing_in(user: User, key: str) -> Mail:
    """Tell somebody who signed up through the API how to confirm the address."""
    context = {"user": user, "key": key}
    return send("account/email/confirm_by_signing_in", user.email, context)


def send_confirm_move(user: User, email: str, key: str) -> Mail:
    """Mail to `email` what shows that `user` reads it there."""
    return send("account/email/confirm_move", email, {"user": user, "key": key})


def _signed_in() -> User | None:
    """Who asks, when that is known: the owner of an account that moves to a new address."""
    user = getattr(allauth_context.request, "user", None)
    return user if isinstance(user, User) else None


def _notice(name: str, language: str, context: dict) -> dict[str, object]:
    headline, sentence = NOTICES[name]
    with override(language):
        return {
            "headline": str(headline),
            "sentence": str(sentence) % context if "%(" in str(sentence) else str(sentence),
            "at": context.get("timestamp") or timezone.now(),
            "device": device_name(context.get("user_agent", "")) or _("unknown"),
        }


def _plain(context: dict) -> dict[str, object]:
    """Without the request: a mail says nothing that a visitor's headers could choose."""
    return {key: value for key, value in context.items() if key not in ("request", "current_site")}


def _links() -> dict[str, str]:
    names = {
        "sign_in_url": "account_login",
        "signup_url": "account_signup",
        "reset_url": "account_reset_password",
    }
    return {key: settings.SITE_URL + reverse(name) for key, name in names.items()}
