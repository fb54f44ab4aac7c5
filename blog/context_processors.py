from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from blog.fragments import during_state
from blog.languages import interface_language
from blog.models import Page, Site


def site(request: HttpRequest) -> dict:
    """What base.html reads; each asks the database only when it is read, and in a kept part not
    even then."""
    return {
        "site": getattr(request, "site", None) or SimpleLazyObject(Site.current),
        # The language is known when it is read: that of a text is set late.
        "menu": SimpleLazyObject(partial(menu, request)),
        # The address of the page itself where the menu has it.
        "menu_path": SimpleLazyObject(partial(menu_path, request)),
        "site_url": settings.SITE_URL,
    }


def menu(request: HttpRequest) -> list[Page]:
    """The pages of the menu in the language that is spoken."""
    return during_state(request, "menu", _menu)


def menu_path(request: HttpRequest) -> str:
    """The path of `request` where the menu has it, else ""."""

    def paths() -> frozenset[str]:
        return frozenset(page.get_absolute_url() for page in menu(request))

    return request.path if request.path in during_state(request, "menu paths", paths) else ""


def _menu() -> list[Page]:
    """The pages of the menu that everyone may read; the same menu for everyone. Of translations
    the one in the language that is spoken, else the first."""
    pages = Page.objects.listed_for(AnonymousUser()).in_menu()
    chosen: dict[UUID | int, Page] = {}
    for page in pages.only("title", "slug", "language", "translation_group"):
        key = page.translation_group or page.pk
        if key not in chosen or interface_language(page.language, "") == get_language():
            chosen[key] = page
    return list(chosen.values())
