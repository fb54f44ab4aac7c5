"""Keeping a short secret in the database so that the database alone does not tell it."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

CONTEXT = b"inkstone second factor"


def seal(text: str) -> str:
    """`text`, readable only with the secret key of the site."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises ValueError when another secret key sealed it."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise ValueError("This was sealed with another SECRET_KEY.") from error


def _keys() -> MultiFernet:
    return MultiFernet(
        [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str) -> Fernet:
    # SECRET_KEY is long and random (a check asks for it), so one hash is derivation enough.
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(CONTEXT + secret.encode()).digest()))
