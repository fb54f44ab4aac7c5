"""Signing in and out, for the audit trail: whichever door it came through."""

from allauth.account.signals import email_changed, email_confirmed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth import signals
from django.http import HttpRequest

from accounts.audit import note
from accounts.models import User

# What forms, the API and libraries call the field of a login.
LOGIN_FIELDS = ("username", "email", "login")


def connect() -> None:
    """Listen to Django's own signals, which every way to sign in sends."""
    signals.user_logged_in.connect(_signed_in, dispatch_uid="audit")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="audit")
    signals.user_login_failed.connect(_failed, dispatch_uid="audit")
    email_confirmed.connect(_confirmed, dispatch_uid="audit")
    email_changed.connect(_moved, dispatch_uid="audit")
    authenticator_added.connect(_factor_added, dispatch_uid="audit")
    authenticator_removed.connect(_factor_removed, dispatch_uid="audit")
    authenticator_reset.connect(_factor_renewed, dispatch_uid="audit")


def _signed_in(sender, request: HttpRequest | None, user: User, **kwargs) -> None:
    note("user.signed_in", request=request, actor=user, subject=user)


def _signed_out(sender, request: HttpRequest | None, user: User | None, **kwargs) -> None:
    if user is not None:
        note("user.signed_out", request=request, actor=user, subject=user)


def _confirmed(sender, request: HttpRequest, email_address, **kwargs) -> None:
    user = email_address.user
    note("user.email_confirmed", request=request, actor=user, subject=user)


def _moved(sender, request: HttpRequest, user: User, **kwargs) -> None:
    note("user.email_changed", request=request, actor=user, subject=user)


def _factor_added(sender, request: HttpRequest, user: User, authenticator, **kwargs) -> None:
    _factor("added", request, user, authenticator)


def _factor_removed(sender, request: HttpRequest, user: User, authenticator, **kwargs) -> None:
    _factor("removed", request, user, authenticator)


def _factor_renewed(sender, request: HttpRequest, user: User, authenticator, **kwargs) -> None:
    _factor("renewed", request, user, authenticator)


def _factor(what: str, request: HttpRequest, user: User, authenticator) -> None:
    detail = {"type": authenticator.type}
    note(f"user.second_factor_{what}", request=request, subject=user, detail=detail)


def _failed(sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
    """A login that names nobody is not kept: people type passwords into the wrong field."""
    login = next((str(credentials[name]) for name in LOGIN_FIELDS if credentials.get(name)), "")
    user = User.objects.by_login(login[:400]).first() if "\x00" not in login else None
    note("user.sign_in_failed", request=request, subject=user, detail={"known": user is not None})
