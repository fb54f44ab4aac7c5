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
    # The language is known when it is read: that of a text is set late.
    menu = SimpleLazyObject(lambda: during_state(request, ("menu", get_language()), _menu))
    return {
        "site": getattr(request, "site", None) or SimpleLazyObject(Site.current),
        "menu": menu,
        # The address of the page itself where the menu has it.
        "menu_path": SimpleLazyObject(lambda: _path_in(menu, request)),
        "site_url": settings.SITE_URL,
    }


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


def _path_in(menu: list[Page], request: HttpRequest) -> str:
    return next((request.path for page in menu if page.get_absolute_url() == request.path), "")
