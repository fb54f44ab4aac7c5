"""The API of accounts: people, signing in, sessions and personal tokens."""

from accounts.api.people import UserViewSet
from accounts.api.personal_tokens import PersonalTokenViewSet

__all__ = ["PersonalTokenViewSet", "UserViewSet"]
