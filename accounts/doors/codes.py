"""Mailed codes, as a session keeps them: what stands there types nobody in.

allauth puts what its adapter generates into the session, hands it to the mail, and gives it to the
form that compares. So a digest is generated, which knows its code until it is stored.
"""

from allauth.core.internal.cryptokit import normalize_user_code
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "accounts.doors.codes"


class StoredCode(str):
    """The keyed digest of a code. `code` is the code itself, only where it was just made."""

    code: str

    @classmethod
    def of(cls, code: str) -> "StoredCode":
        stored = cls(_digest(code))
        stored.code = code
        return stored

    def __reduce__(self) -> tuple:
        # What pickles a session, as a cache does, gets the digest alone; so does JSON.
        return str, (str(self),)


def is_right(typed: str, stored: str | None) -> bool:
    """Whether `typed` is the code that `stored` was made of, whatever its case and dashes."""
    return bool(stored) and constant_time_compare(_digest(typed), stored)


def _digest(code: str) -> str:
    plain = normalize_user_code(code)
    return salted_hmac(SALT, plain, algorithm="sha256").hexdigest()
