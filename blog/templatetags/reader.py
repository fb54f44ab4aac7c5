"""Small things that the reader's templates need."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from blog import languages

register = template.Library()

# As Django's json_script: nothing in a string may close the script element or open a comment.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def as_json(value: Any) -> SafeString:
    """`value` as JSON that may stand inside a script element (a data block, never executed)."""
    return mark_safe(json.dumps(value, ensure_ascii=False, default=str).translate(_ESCAPES))


@register.filter
def direction(tag: str) -> str:
    """ "rtl" or "ltr" for a language."""
    return languages.direction(tag or "")


@register.filter
def bcp47(tag: str) -> str:
    """A language tag in its recommended spelling, for lang=""."""
    return languages.bcp47(tag or "")


@register.filter
def own_name(tag: str) -> str:
    """What a language is called by those who speak it."""
    return languages.own_name(tag or "")


@register.filter
def absolute(path: str) -> str:
    """The address of `path` on this site; one that has a host stays."""
    return settings.SITE_URL + path if path.startswith("/") else path


@register.simple_tag(takes_context=True)
def page_address(context: dict, number: int) -> str:
    """The address of page `number` of the list on this page; a search keeps what was chosen."""
    asked = {"q": context["query"]} if context.get("query") else {}
    asked |= context.get("choices") or {}
    if number > 1:
        asked["page"] = number
    path = quote(context["request"].path, safe="/~:@!$&'()*+,;=")
    return f"{path}?{urlencode(asked)}" if asked else path


@register.simple_tag(takes_context=True)
def spoken(context: dict) -> SafeString:
    """lang="" for our own words inside a text of another language; nothing where it is the same."""
    ours, content = get_language() or "", context.get("content")
    if content is None or content.language == ours:
        return SafeString()
    return format_html(' lang="{}"', languages.bcp47(ours))
