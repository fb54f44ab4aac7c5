"""What the running site sends to browsers."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from urllib.parse import urlsplit

from django.conf import settings

from config.doctor.examinations import LOOPBACK
from config.doctor.findings import Finding, Level

TIMEOUT = 5  # seconds
PART = "headers"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def of_headers(address: str = "") -> Iterator[Finding]:
    """Ask the site at `address` (by default at SITE_URL, when that is this machine)."""
    site = urlsplit(settings.SITE_URL)
    if not address and site.hostname not in LOOPBACK:
        yield Finding(
            PART,
            Level.SKIPPED,
            f"{settings.SITE_URL} is not an address of this machine: no request was sent.",
            "manage.py doctor --address http://127.0.0.1:8000 asks the web server behind it.",
        )
        return
    address = (address or settings.SITE_URL).rstrip("/")
    request = urllib.request.Request(  # noqa: S310  An address that the operator gave.
        f"{address}/", headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
    )
    # No proxy of this machine in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            status, headers = answer.status, answer.headers
    except urllib.error.HTTPError as error:
        status, headers = error.code, error.headers
    except OSError as error:
        yield Finding(
            PART, Level.SKIPPED, f"{address} does not answer: {error}.", "Start the site first."
        )
        return
    if status != 200:
        yield Finding(
            PART, Level.FAILED, f"The first page answers {status}.", "Look at the log of the web."
        )
        return
    wrong = list(_wrong(headers, is_https=site.scheme == "https"))
    for text in wrong:
        yield Finding(PART, Level.FAILED, text, "A proxy in between must leave the headers alone.")
    if not wrong:
        yield Finding(PART, Level.OK, f"{address} sends what protects readers.")


def _wrong(headers: Message, *, is_https: bool) -> Iterator[str]:
    policy = headers.get("Content-Security-Policy", "")
    if not policy:
        yield "There is no Content-Security-Policy."
    elif "unsafe-" in policy or "default-src 'none'" not in policy:
        yield "The Content-Security-Policy lets in what it should not."
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }
    for name, value in expected.items():
        if headers.get(name, "").lower() != value.lower():
            yield f"{name} is {headers.get(name) or 'missing'}, not {value}."
    if is_https and settings.SECURE_HSTS_SECONDS and not headers.get("Strict-Transport-Security"):
        yield "Strict-Transport-Security is missing."
    if headers.get("Set-Cookie"):
        yield "A reader who did nothing gets a cookie."
