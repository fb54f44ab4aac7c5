"""The tables of people and of what lets them in."""

from accounts.models.audit import AuditEntry
from accounts.models.export import DataExport
from accounts.models.people import (
    BIO_MAX_LENGTH,
    EMAIL_KEY_MAX_LENGTH,
    Role,
    User,
    UserManager,
    UserQuerySet,
    email_key,
)
from accounts.models.tokens import PersonalToken, Scope, TokenFamily

__all__ = [
    "BIO_MAX_LENGTH",
    "EMAIL_KEY_MAX_LENGTH",
    "AuditEntry",
    "DataExport",
    "PersonalToken",
    "Role",
    "Scope",
    "TokenFamily",
    "User",
    "UserManager",
    "UserQuerySet",
    "email_key",
]
