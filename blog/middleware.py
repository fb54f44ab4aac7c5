"""The language a site speaks, and the addresses it had before."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation

from blog.models import OldAddress, Site


class SiteLanguageMiddleware:
    """Every page speaks the site's language: no header or cookie changes a cacheable body."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/static/", "/media/", "/healthz")):
            return self.get_response(request)
        request.site = Site.current()
        with translation.override(request.site.language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response


class OldAddressMiddleware:
    """Turns a 404 at a former address into one 301 to where the thing lives now.

    Only when the visitor may see it: a redirect must not tell that a draft exists.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        address = OldAddress.objects.at(request.path_info).select_related("content_type").first()
        if address is None or not _open_to(request, address.target):
            return response
        target = address.target.get_absolute_url()
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{target}?{query}" if query else target)


def _open_to(request: HttpRequest, target) -> bool:
    if target is None:
        return False
    objects = type(target)._default_manager
    if not hasattr(objects, "visible_to"):
        return True
    return objects.visible_to(request.user).filter(pk=target.pk).exists()
