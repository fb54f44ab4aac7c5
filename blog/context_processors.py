from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from blog.models import Page, Site


def site(request: HttpRequest) -> dict:
    """What base.html reads: `site`, `menu` and `site_url`. Each queries only when it is read."""
    return {
        "site": getattr(request, "site", None) or SimpleLazyObject(Site.current),
        "menu": SimpleLazyObject(_menu),
        "site_url": settings.SITE_URL,
    }


def _menu() -> list[Page]:
    """The pages of the menu that everyone may read; the same menu for everyone."""
    pages = Page.objects.listed_for(AnonymousUser()).in_menu()
    return list(pages.only("title", "slug", "language"))
