"""What the pages of an account ask about the site and its visitor."""

import ipaddress
from urllib.parse import urlsplit

from django import template
from django.conf import settings

from accounts.doors import second_factor

register = template.Library()


@register.simple_tag
def passkeys_work() -> bool:
    """Whether browsers make passkeys for this site: they want a name and a safe connection."""
    site = urlsplit(settings.SITE_URL)
    try:
        ipaddress.ip_address(site.hostname or "")
    except ValueError:
        return site.scheme == "https" or site.hostname == "localhost"
    return False


@register.simple_tag
def sign_up_is_open() -> bool:
    return settings.SIGN_UP_OPEN


@register.simple_tag(takes_context=True)
def second_factor_is_due(context) -> bool:
    return second_factor.is_due(context["request"].user)
