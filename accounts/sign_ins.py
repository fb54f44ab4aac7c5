"""Signing in and out, for the audit trail: whichever door it came through."""

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


def _signed_in(sender, request: HttpRequest | None, user: User, **kwargs) -> None:
    note("user.signed_in", request=request, actor=user, subject=user)


def _signed_out(sender, request: HttpRequest | None, user: User | None, **kwargs) -> None:
    if user is not None:
        note("user.signed_out", request=request, actor=user, subject=user)


def _failed(sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
    """A login that names nobody is not kept: people type passwords into the wrong field."""
    login = next((str(credentials[name]) for name in LOGIN_FIELDS if credentials.get(name)), "")
    user = User.objects.by_login(login[:400]).first() if "\x00" not in login else None
    note("user.sign_in_failed", request=request, subject=user, detail={"known": user is not None})
