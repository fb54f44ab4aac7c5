"""The language a site speaks, its time zone, and the addresses it had before."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from blog.fragments import during_state
from blog.languages import asked_for, bcp47, interface_language, named_by, speaking
from blog.listings import FEED_FILES, has_posts
from blog.models import Content, OldAddress, Post, Site
from blog.models.address import path_key
from blog.working import publish_due

# Answers of machines for machines: no words, no dates for people.
SPEECHLESS = ("/static/", "/media/", "/healthz", "/api/")


# Pages of one person, which no cache keeps.
PERSONAL = ("/account/", "/admin/")


class SiteLanguageMiddleware:
    """Every page speaks the site's language, or the one its address begins with, and shows the
    site's time.

    No header or cookie changes a cacheable body.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(SPEECHLESS):
            return self.get_response(request)
        site = request.site = during_state(request, "site", Site.with_languages)
        if site.changes_due_at is not None and site.changes_due_at <= timezone.now():
            publish_due()  # Then the views below see a site on which it has happened.
        request.list_language = named_by(request.path_info)
        language = request.list_language or site.language
        with speaking(language, site.language), timezone.override(settings.SITE_TIME_ZONE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", bcp47(language))
        return response


class PersonLanguageMiddleware:
    """The pages of an account and the admin speak the language that a person has chosen, else
    the one their browser asks for, else the site's. Who has no account chooses by a cookie."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PERSONAL):
            return self.get_response(request)
        chosen = request.user.language if request.user.is_authenticated else ""
        accepted = request.headers.get("Accept-Language", "")
        chosen = chosen or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = interface_language(chosen, "") or asked_for(accepted) or request.site.language
        with speaking(language, request.site.language):
            response = self.get_response(request)
        response["Content-Language"] = bcp47(language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


class OldAddressMiddleware:
    """Turns a 404 at a former address into one 301 to where the thing lives now.

    What lies below an address (its feeds, its Markdown) moves with it. Only when the visitor may
    see the thing: a redirect must not tell that a draft exists.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        target = _moved_to(request)
        if target is None:
            return response
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{target}?{query}" if query else target)


def _moved_to(request: HttpRequest) -> str | None:
    """Where the thing that lived at the request's path is found now. One query when it is new."""
    path = request.path_info
    below = next((end for end in (".md", *FEED_FILES) if path.endswith(end)), "")
    keys = {path_key(path), path_key(path.removesuffix(below))}
    # The longer one first: an imported site may itself have had a page called /about.md.
    for address in sorted(OldAddress.objects.filter(key__in=keys), key=lambda a: -len(a.key)):
        thing = address.target
        if thing is None or not _open_to(request, thing):
            continue
        if address.key == path_key(path):
            return thing.get_absolute_url()
        if below == ".md" and isinstance(thing, Post):
            return reverse("blog:post_markdown", args=[thing.slug])
        if below != ".md" and not isinstance(thing, Content):
            return thing.get_absolute_url() + below
    return None


def _open_to(request: HttpRequest, thing) -> bool:
    if isinstance(thing, Content):
        return type(thing).objects.visible_to(request.user).filter(pk=thing.pk).exists()
    return has_posts(thing, request.user)
