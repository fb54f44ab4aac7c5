"""How often one may guess, sign up and have mail sent: the numbers, and whom they count.

At most GUESSES_IN_ALL wrong guesses are looked at per account in GUESS_WINDOW, from however many
addresses and through whichever doors. They are kept in pools, so that strangers who use up theirs
do not lock the owner out:

- strangers who give the username, and those who give the e-mail address. Two pools, counted by
  what was typed: were they one, a refusal would tell which address belongs to which username;
- browsers that signed in to this account before, known by a signed cookie;
- addresses from which it was signed in to lately, which serves programs;
- codes of a second factor, for which password or mail were right already.

A guess is counted before it is looked at, and given back when it was right: parallel guesses do
not slip through. Signing in by a mailed code counts in none of the pools of passwords.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled

from accounts.models import User, email_key
from lib.http import address_block, client_address
from lib.limits import Hit, hit, release, take

GUESS_WINDOW = 900  # seconds
GUESSES_BY_NAME = 5
GUESSES_BY_E_MAIL = 5
GUESSES_BY_BROWSER = 3
GUESSES_BY_ADDRESS = 3
GUESSES_OF_CODE = 4
GUESSES_IN_ALL = (
    GUESSES_BY_NAME + GUESSES_BY_E_MAIL + GUESSES_BY_BROWSER + GUESSES_BY_ADDRESS + GUESSES_OF_CODE
)  # 20: docs of the project promise it
# One address that tries many accounts. An office behind one address shares it.
STRANGER_GUESSES = 100
PASSKEYS = 60  # per address
SIGN_UPS = 20  # per address and hour
MAILS_TO_ONE = 10  # per mailbox and hour, asked for by strangers
MAILS_TO_ONE_BY_BROWSER = 5  # the same, asked for by a browser its owner signed in with
MAILS_BY_ADDRESS = 30  # per client address and hour
HOUR = 3_600  # seconds
# A code of an authenticator app is good for its own 30 seconds and, for clocks that go wrong, for
# the step before and after (MFA_TOTP_TOLERANCE).
CODE_LIFETIME = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)  # seconds

MAX_LOGIN = 400  # characters; nobody's login is longer
KNOWN_COOKIE = "known_browser"
KNOWN_COOKIE_PATH = "/account/"  # Where passwords are typed: no page for readers gets it.
KNOWN_COOKIE_AGE = 180 * 86_400  # seconds
KNOWN_ADDRESS_AGE = 30 * 86_400  # seconds
MAX_KNOWN = 10  # people who share one browser


class TooManyAttempts(Throttled):
    """Refused without a look at what was given; `wait` seconds until the next try.

    DRF answers it with 429 and Retry-After; SignInLimitMiddleware does for pages.
    """

    default_detail = _("Too many attempts. Wait a while, or sign in with a mailed code.")
    extra_detail_singular = extra_detail_plural = ""


@dataclass(frozen=True)
class Guess:
    """A guess that was let through."""

    hits: tuple[Hit, ...]


def check_sign_in(request: HttpRequest | None, login: str, user: User | None) -> Guess:
    """Count a guess at the password of `login`, which names `user` (None: nobody).

    Raises TooManyAttempts. Hand the result to `sign_in_succeeded` when the guess was right.
    """
    login = login[:MAX_LOGIN]
    stranger = (
        (f"mail:{email_key(login)}", GUESSES_BY_E_MAIL)
        if "@" in login
        else (f"name:{login.lower()}", GUESSES_BY_NAME)
    )
    return _guess(request, user, stranger)


def check_code(request: HttpRequest | None, user: User) -> Guess:
    """Count a guess at a second factor's code of `user`, as `check_sign_in` does."""
    return _guess(request, user, (f"code:{user.pk}", GUESSES_OF_CODE))


def sign_in_succeeded(guess: Guess) -> None:
    """The guess was right: it counts in no pool."""
    for one in guess.hits:
        release(one)


def check_sign_up(request: HttpRequest) -> None:
    """Count a registration, whatever comes of it. Raises TooManyAttempts."""
    _require(hit(f"sign-up:{_block(request)}", SIGN_UPS, HOUR))


def check_passkey(request: HttpRequest) -> None:
    """Count a sign-in by passkey alone. There is nothing to guess; checking one is work for us.

    Not by account: whom it claims to be for is the visitor's word. Raises TooManyAttempts.
    """
    _require(hit(f"passkey-from:{_block(request)}", PASSKEYS, GUESS_WINDOW))


def check_mail(request: HttpRequest, email: str, user: User | None = None) -> None:
    """Count a mail (a code, a link) that somebody asks to be sent to `email`.

    `user` is the account it belongs to, if any. Raises TooManyAttempts.
    """
    if user is not None and user.pk in known_people(request):
        _require(hit(f"mail-known:{user.pk}", MAILS_TO_ONE_BY_BROWSER, HOUR))
        return
    _require(hit(f"mail-from:{_block(request)}", MAILS_BY_ADDRESS, HOUR))
    _require(hit(f"mail-to:{email_key(email[:MAX_LOGIN])}", MAILS_TO_ONE, HOUR))


def is_first_use(user_id: int, code: str) -> bool:
    """Whether this code of an authenticator app comes for the first time while it is good."""
    return hit(f"totp:{user_id}:{code}", 1, CODE_LIFETIME) is None


# --- whom we know -----------------------------------------------------------------------


def known_people(request: HttpRequest | None) -> list[int]:
    """The keys of the people who signed in with this browser before."""
    cookie = request.COOKIES.get(KNOWN_COOKIE, "") if request is not None else ""
    try:
        people = signing.loads(cookie, salt=KNOWN_COOKIE, max_age=KNOWN_COOKIE_AGE)
    except signing.BadSignature:
        return []
    return people if isinstance(people, list) else []


def remember_browser(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Let the browser that gets `response` be known as one of this person's."""
    people = [user_id, *(key for key in known_people(request) if key != user_id)][:MAX_KNOWN]
    response.set_cookie(
        KNOWN_COOKIE,
        signing.dumps(people, salt=KNOWN_COOKIE),
        max_age=KNOWN_COOKIE_AGE,
        path=KNOWN_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remember_address(request: HttpRequest, user: User) -> None:
    """Let the address of `request` be known as one from which this person signs in."""
    if block := _block(request):
        _cached(cache.set, _address_key(user.pk, block), True, KNOWN_ADDRESS_AGE)


def _knows_address(user_id: int, block: str) -> bool:
    return bool(block and _cached(cache.get, _address_key(user_id, block)))


def _address_key(user_id: int, block: str) -> str:
    return f"known-address:{user_id}:{block.replace(':', '-')}"


def _cached(call, *args):
    """What the cache says, None when it is gone: then nobody's address is known."""
    try:
        return call(*args)
    # Whatever the cache's library raises. It is logged where the limits themselves are counted.
    except Exception:
        return None


# --- counting ---------------------------------------------------------------------------


def _guess(request: HttpRequest | None, user: User | None, stranger: tuple[str, int]) -> Guess:
    """Take a place in the first pool that has one and that this request may use."""
    pools, taken = [stranger], []
    block = _block(request)
    # Asked for nobody (0) as well: the time must not tell who has an account.
    key = user.pk if user is not None else 0
    if _knows_address(key, block):
        pools.insert(0, (f"address:{key}", GUESSES_BY_ADDRESS))
    if key in known_people(request):
        pools.insert(0, (f"browser:{key}", GUESSES_BY_BROWSER))
    elif block:
        # Not for browsers we know: a neighbour behind the same address could lock them out.
        taken.append(take(f"guesses-from:{block}", STRANGER_GUESSES, GUESS_WINDOW))
        _require(taken[0].retry_after)
    waits = []
    for name, limit in pools:
        place = take(f"guess:{name}", limit, GUESS_WINDOW)
        if place.retry_after is None:
            return Guess((*taken, place))
        waits.append(place.retry_after)
    raise TooManyAttempts(wait=min(waits))


def _require(retry_after: int | None) -> None:
    if retry_after is not None:
        raise TooManyAttempts(wait=retry_after)


def _block(request: HttpRequest | None) -> str:
    return address_block(client_address(request)) if request is not None else ""
