"""Signing in by e-mail or username: the one place where a password is compared."""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from accounts import limits

MAX_PASSWORD = 4_096  # characters; hashing more would only be work for us


class EmailOrUsernameBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, email=None, **kwargs):
        """The active user whom `username` (or e-mail) and `password` name, else None.

        Raises limits.TooManyAttempts: page, admin and API all guess through here.
        """
        login = username or email
        if not login or password is None:
            return None
        users = get_user_model()
        user = users.objects.by_login(login).first()
        guess = limits.check_sign_in(request, login, user)
        if user is None or len(password) > MAX_PASSWORD:
            # The same work as for a wrong password, so the time does not tell who has an account.
            users().set_password(password[:MAX_PASSWORD])
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            limits.sign_in_succeeded(guess)
            return user
        return None

    def user_can_authenticate(self, user) -> bool:
        """Asked at each sign-in, and for each session that goes on."""
        return user.may_sign_in
