"""Signing in by e-mail or username."""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend


class EmailOrUsernameBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        """The active user whom `username` (or e-mail) and `password` name, else None."""
        if not username or password is None:
            return None
        users = get_user_model()
        user = users.objects.by_login(username).first()
        if user is None:
            # The same work as for a wrong password, so the time does not tell who has an account.
            users().set_password(password)
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None
