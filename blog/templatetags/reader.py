"""Small things that the reader's templates need."""

import json
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from blog import languages

register = template.Library()

PATH_SAFE = "/~:@!$&'()*+,;="
TERMS = ("category", "tag", "series", "author")
# The pages that are there in each language of the site.
LISTS = {
    *("blog:home", "blog:archive", "blog:search"),
    *(f"blog:{term}_{page}" for term in TERMS for page in ("detail", "list")),
}
PERIODS = {"blog:archive_year", "blog:archive_month"}

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


@register.filter
def list_path(path: str) -> str:
    """The path of a list (of a term, a person) in the language that is being spoken."""
    return languages.list_path(path)


@register.simple_tag
def list_url(name: str, *args: Any) -> str:
    """As `url`, for the lists of the language that is being spoken."""
    return languages.list_path(reverse(name, args=args))


class Choice(NamedTuple):
    """A language of the site, and where this page, or the way to it, is in that language."""

    tag: str
    path: str
    is_spoken: bool


@register.simple_tag(takes_context=True)
def language_choices(context: dict) -> list[Choice]:
    """The languages of the site, its own first; none when it has one.

    A list is there in each of them. From a text one gets to its translation, else to the front
    page, and so from whatever else is not a list.
    """
    site, request = context.get("site"), context.get("request")
    if not site or not site.other_languages:
        return []
    own = languages.interface_language(site.language, site.language)
    known = {
        languages.interface_language(one.language, ""): one.get_absolute_url()
        for one in reversed(context.get("translations") or [])
    }
    return [
        Choice(
            code,
            known.get(code) or languages.prefix_of(code, own) + _plain_list(request),
            code == languages.interface_language(get_language() or "", own),
        )
        for code in (own, *site.other_languages)
    ]


@register.simple_tag(takes_context=True)
def account_languages(context: dict) -> tuple[str, ...]:
    """What the pages of accounts can speak; nothing on other pages."""
    request = context.get("request")
    return languages.INTERFACE if request and request.path_info.startswith("/account/") else ()


def _plain_list(request: HttpRequest) -> str:
    """Where the list that is asked for is in the site's language; "/" for what is no list."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in PERIODS:
        return reverse("blog:archive")  # A month may have nothing in another language.
    if name not in LISTS:
        return "/"
    named = languages.named_by(request.path_info)
    path = request.path_info.removeprefix(f"/{named}" if named else "")
    query = request.GET.get("q", "") if name == "blog:search" else ""
    path = quote(path, safe=PATH_SAFE)
    return f"{path}?{urlencode({'q': query})}" if query else path


@register.simple_tag(takes_context=True)
def page_address(context: dict, number: int) -> str:
    """The address of page `number` of the list on this page; a search keeps what was chosen."""
    asked = {"q": context["query"]} if context.get("query") else {}
    asked |= context.get("choices") or {}
    if number > 1:
        asked["page"] = number
    path = quote(context["request"].path, safe=PATH_SAFE)
    return f"{path}?{urlencode(asked)}" if asked else path


@register.simple_tag(takes_context=True)
def spoken(context: dict, *, with_direction: bool = False) -> SafeString:
    """lang="" for our own words inside a text of another language; nothing where it is the same.

    A line that mixes them with names and numbers needs its direction too.
    """
    ours, content = get_language() or "", context.get("content")
    if content is None or content.language == ours:
        return SafeString()
    lang = format_html(' lang="{}"', languages.bcp47(ours))
    if not with_direction:
        return lang
    return format_html('{} dir="{}"', lang, languages.direction(ours))
