"""What a request says of where it comes from."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # bits: what one household or one server is given


def client_address(request: HttpRequest) -> str:
    """The address of the client, "" when the server was not told (a Unix socket).

    Each proxy appends to X-Forwarded-For the address that it saw. The last
    TRUSTED_PROXY_COUNT entries are therefore from proxies of ours, and the client is the first of
    them; whatever stands before it was sent by the client and says nothing. With a count of 0,
    or fewer entries than proxies, the header is not looked at.
    """
    hops = settings.TRUSTED_PROXY_COUNT
    if hops > 0:
        entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = _clean(entries[-hops]) if len(entries) >= hops else ""
        if address:
            return address
    return _clean(request.META.get("REMOTE_ADDR", ""))


def address_block(address: str) -> str:
    """What limits count together: an IPv4 address, the /64 network of an IPv6 address."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network(f"{address}/{IPV6_PREFIX}", strict=False).network_address)


@lru_cache(maxsize=1_024)  # the clients of the last moments
def _clean(text: str) -> str:
    """The address in `text` in its usual form, without a port; "" when it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
