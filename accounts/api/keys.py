"""The public keys with which others check the tokens of this site."""

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts import jwt

MAX_AGE = 3_600  # seconds; a new key is listed longer than that before it signs


@require_safe
@cache_control(public=True, max_age=MAX_AGE)
def public_keys(request: HttpRequest) -> JsonResponse:
    """A JWK Set (RFC 7517). 404 while tokens are signed with a secret, which nobody is told."""
    keys = jwt.public_keys()
    if not keys:
        raise Http404
    return JsonResponse({"keys": keys}, content_type="application/jwk-set+json")
