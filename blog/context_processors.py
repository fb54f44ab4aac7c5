from functools import partial

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from blog.fragments import during_state
from blog.models import Page, Site


def site(request: HttpRequest) -> dict:
    """What base.html reads; each asks the database only when it is read, and in a kept part not
    even then."""
    menu = SimpleLazyObject(partial(during_state, request, "menu", _menu))
    return {
        "site": getattr(request, "site", None) or SimpleLazyObject(Site.current),
        "menu": menu,
        # The address of the page itself where the menu has it.
        "menu_path": SimpleLazyObject(lambda: _path_in(menu, request)),
        "site_url": settings.SITE_URL,
    }


def _menu() -> list[Page]:
    """The pages of the menu that everyone may read; the same menu for everyone."""
    pages = Page.objects.listed_for(AnonymousUser()).in_menu()
    return list(pages.only("title", "slug", "language"))


def _path_in(menu: list[Page], request: HttpRequest) -> str:
    return next((request.path for page in menu if page.get_absolute_url() == request.path), "")
