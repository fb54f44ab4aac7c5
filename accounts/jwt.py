"""Signed tokens (RFC 7519): the keys, and what is written into a token and read from it.

HS256 with a key derived from SECRET_KEY, unless JWT_ALGORITHM is RS256: then with the private
key of JWT_PRIVATE_KEY, so that others can check a token without being able to make one. The
algorithm comes from the settings, never from the token.
"""

import hashlib
import time
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac
from jwt.algorithms import RSAAlgorithm

ACCESS, REFRESH = "access", "refresh"
REQUIRED = ["iss", "aud", "sub", "iat", "exp", "use", "sid"]
AUDIENCE = "api"
LEEWAY = 5  # seconds by which the clocks of two hosts may differ
MIN_RSA_BITS = 2_048
MAX_LENGTH = 4_096  # characters; ours have some 500


class TokenError(Exception):
    """A token that is not one of ours, or no more."""


class TokenExpired(TokenError):
    """A token of ours whose time is over."""


def encode(use: str, *, subject: str, family: str, seconds: int, **claims: Any) -> str:
    """A signed token for `use` (ACCESS or REFRESH) that lives for `seconds`."""
    now = int(time.time())
    payload = {
        "iss": settings.SITE_URL,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now,
        "exp": now + seconds,
        "use": use,
        "sid": family,
        **claims,
    }
    key, key_id = _signing_key()
    return jwt.encode(payload, key, settings.JWT_ALGORITHM, headers={"kid": key_id})


def public_keys() -> list[dict[str, str]]:
    """The keys that check our tokens, as JSON Web Keys (RFC 7517); none of them is a secret."""
    if settings.JWT_ALGORITHM != "RS256":
        return []
    found = []
    for key in _verifying_keys():
        numbers = RSAAlgorithm.to_jwk(key, as_dict=True)
        named = {"kid": _name_of(key), "use": "sig", "alg": "RS256"}
        found.append({"kty": "RSA", **named, "n": numbers["n"], "e": numbers["e"]})
    return found


def decode(text: str, use: str) -> dict[str, Any]:
    """What a token for `use` says. Raises TokenExpired, or TokenError for any other reason."""
    if len(text) > MAX_LENGTH:
        raise TokenError
    error: Exception | None = None
    for key in _verifying_keys():
        try:
            claims = jwt.decode(
                text,
                key,
                algorithms=[settings.JWT_ALGORITHM],
                audience=AUDIENCE,
                issuer=settings.SITE_URL,
                leeway=LEEWAY,
                options={"require": REQUIRED, "strict_aud": True},
            )
        except jwt.ExpiredSignatureError as expired:
            raise TokenExpired from expired
        except jwt.InvalidSignatureError as wrong_key:
            error = wrong_key
        # Whatever it cannot read: UnicodeEncodeError, RecursionError and the like among them.
        except (jwt.PyJWTError, ValueError, RecursionError, TypeError) as unreadable:
            raise TokenError from unreadable
        else:
            if claims["use"] != use:
                raise TokenError
            return claims
    raise TokenError from error


def _signing_key() -> tuple[Any, str]:
    """The key new tokens are signed with, and its name for the header."""
    if settings.JWT_ALGORITHM == "HS256":
        secret = _secret(settings.SECRET_KEY)
        return secret, _name(b"name" + secret)
    private = _private_key(settings.JWT_PRIVATE_KEY)
    return private, _name_of(private.public_key())


def _verifying_keys() -> list[Any]:
    """The keys that are believed: the present one, then former ones."""
    if settings.JWT_ALGORITHM == "HS256":
        return [_secret(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    present = _private_key(settings.JWT_PRIVATE_KEY).public_key()
    return [present, *(_public_key(text) for text in settings.JWT_FORMER_PUBLIC_KEYS)]


def check_keys() -> None:
    """Raise ImproperlyConfigured when tokens could not be signed or checked."""
    if settings.JWT_ALGORITHM not in ("HS256", "RS256"):
        raise ImproperlyConfigured("JWT_ALGORITHM must be HS256 or RS256.")
    _signing_key()
    _verifying_keys()


def _name_of(key: RSAPublicKey) -> str:
    return _name(repr(key.public_numbers()).encode())


def _name(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]


@lru_cache(maxsize=8)
def _secret(key: str) -> bytes:
    # Not the secret itself, which signs sessions and links too.
    return salted_hmac("accounts.jwt", "HS256", secret=key, algorithm="sha256").digest()


@lru_cache(maxsize=4)
def _private_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured("JWT_PRIVATE_KEY is not a private key in PEM.") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_RSA_BITS:
        raise ImproperlyConfigured(f"JWT_PRIVATE_KEY must be RSA of {MIN_RSA_BITS} bits or more.")
    return key


@lru_cache(maxsize=8)
def _public_key(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise ImproperlyConfigured("A key of JWT_FORMER_PUBLIC_KEYS is not in PEM.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        text = f"The keys of JWT_FORMER_PUBLIC_KEYS must be RSA of {MIN_RSA_BITS} bits or more."
        raise ImproperlyConfigured(text)
    return key
