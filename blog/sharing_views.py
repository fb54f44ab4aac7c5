"""The addresses that other sites and programs ask when somebody shares a post."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from blog import sharing
from blog.caching import reader_page
from blog.cards import MEDIA_TYPE, card_of
from blog.models import Post
from lib.api.pagination import whole_number

# A post that is taken down takes its picture along within a day.
CARD_MAX_AGE = 86_400  # seconds
NO_LIMIT = 10**9  # pixels
PLAIN = "text/plain; charset=utf-8"


@reader_page
@require_safe
def post_card(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """The picture of a post; from an address with former words the way to the present one."""
    posts = Post.objects.listed_for(AnonymousUser()).for_listing()
    card = card_of(get_object_or_404(posts, slug=slug), request.site)
    if card is None:
        raise Http404
    if card.digest != digest:
        return HttpResponseRedirect(card.path, headers={"Cache-Control": "no-store"})
    return HttpResponse(
        card.image(),
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": f"public, max-age={CARD_MAX_AGE}"},
    )


@reader_page
@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """oEmbed (https://oembed.com) for the address of a post or page that anyone may read."""
    url, file_format = request.GET.get("url", ""), request.GET.get("format", "json")
    sizes = [_size(request, name) for name in ("maxwidth", "maxheight")]
    if not url or None in sizes:
        return HttpResponse("Give `url`, and sizes in pixels.\n", status=400, content_type=PLAIN)
    if file_format not in sharing.FORMATS:
        return HttpResponse("There is json and xml.\n", status=501, content_type=PLAIN)
    content = sharing.content_at(url)
    if content is None:
        raise Http404
    max_width, max_height = sizes
    facts = sharing.oembed(content, request.site, max_width=max_width, max_height=max_height)
    if file_format == "xml":
        return HttpResponse(sharing.oembed_xml(facts), content_type="text/xml; charset=utf-8")
    return JsonResponse(facts, json_dumps_params={"ensure_ascii": False})


def _size(request: HttpRequest, name: str) -> int | None:
    """A limit in pixels; None when what was sent is none."""
    return whole_number(request.GET[name]) if name in request.GET else NO_LIMIT


@reader_page
@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """What the site is and where its texts are, for programs that read."""
    return HttpResponse(sharing.llms_text(request.site), content_type=PLAIN)
