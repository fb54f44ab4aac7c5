"""Where somebody is signed in: one row per browser session, with device and last use."""

import time
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from lib.http import client_address

SEEN = "seen_at"  # in the session: when its row was last written
SEEN_EVERY = 300  # seconds; a row for each request would be a write for each read


def connect() -> None:
    """Listen to Django's own signal, which every way to sign in sends."""
    user_logged_in.connect(_signed_in, dispatch_uid="sessions")


def alive(user: User) -> list[UserSession]:
    """The sessions in which `user` is signed in now, latest use first. Two queries."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user_id=user.pk)}
    stored = Session.objects.filter(session_key__in=rows, expire_date__gt=timezone.now())
    found = [rows[session.session_key] for session in stored if _is_of(session, user)]
    return sorted(found, key=lambda row: row.last_seen_at, reverse=True)


def end(user: User, pk: int) -> bool:
    """End one session of `user`. False when there is none of that number."""
    row = UserSession.objects.filter(user_id=user.pk, pk=pk).first()
    if row is None:
        return False
    _store()(row.session_key).delete()
    row.delete()
    return True


def forget_others(user: User, session_key: str | None) -> None:
    """Drop all rows but that of `session_key`: the sessions behind them are void already."""
    UserSession.objects.filter(user_id=user.pk).exclude(session_key=session_key).delete()


def keep_this_one(request: HttpRequest) -> None:
    """After `sign_out_everywhere`: go on in this browser, and in no other."""
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)
    forget_others(request.user, request.session.session_key)


def touch(request: HttpRequest) -> None:
    """Keep when and from where the session of `request` was last used, every few minutes."""
    if time.time() - request.session.get(SEEN, 0) < SEEN_EVERY:
        return
    request.session[SEEN] = time.time()
    fields = {"last_seen_at": timezone.now()}
    if address := client_address(request):
        fields["ip"] = address
    UserSession.objects.filter(session_key=request.session.session_key).update(**fields)


def _signed_in(sender, request: HttpRequest | None, **kwargs) -> None:
    if request is not None:
        request.session[SEEN] = time.time()


def _is_of(session: Session, user: User) -> bool:
    """Whether the session is still bound to the password and the token version of `user`."""
    stamp = session.get_decoded().get(HASH_SESSION_KEY, "")
    return constant_time_compare(stamp, user.get_session_auth_hash())


def _store():
    return import_module(settings.SESSION_ENGINE).SessionStore
