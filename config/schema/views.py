"""Hands out the document of the API, and the two pages that show it."""

import hashlib
import json
from functools import cache

import yaml
from csp.constants import NONCE
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from config.errors import api_problem
from lib.api.conditional import etag_of, tag_held

MEDIA_TYPES = {"json": "application/vnd.oai.openapi+json", "yaml": "application/yaml"}


@cache
def document() -> dict:
    """The document: made once in a process, for nothing in it depends on the request."""
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))  # lazy texts, tuples and enums become plain


@cache
def _written(format_name: str) -> tuple[bytes, str]:
    """The document in one format, and its entity tag."""
    if format_name == "json":
        text = json.dumps(document(), ensure_ascii=False)
    else:
        text = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)
    body = text.encode()
    return body, etag_of(hashlib.sha256(body).hexdigest())


@csrf_exempt  # It changes nothing: whoever posts is told so.
def schema(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI document; `?format=yaml` for people who read such."""
    if request.method not in ("GET", "HEAD"):
        refused = api_problem(request, 405, _("This is only read."))
        refused["Allow"] = "GET, HEAD"
        return refused
    unknown = [name for name in request.GET if name != "format"]
    name = request.GET.get("format", "json")
    if unknown or name not in MEDIA_TYPES:
        return api_problem(
            request, 400, _("There is only format=json and format=yaml."), slug="bad-parameter"
        )
    body, etag = _written(name)
    if held := tag_held(request, etag):
        response: HttpResponseBase = HttpResponseNotModified()
        response["ETag"] = held
    else:
        response = HttpResponse(body, content_type=MEDIA_TYPES[name])
        response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    return response


def _page(request: HttpRequest, template: str) -> HttpResponseBase:
    if not settings.API_DOCS:
        raise Http404
    return render(request, template)


@require_safe
def swagger(request: HttpRequest) -> HttpResponseBase:
    """The document to try out."""
    return _page(request, "api/swagger.html")


# ReDoc writes styles while it runs: static/js/api-redoc-before.js gives them the nonce.
@require_safe
@csp_update({"style-src": [NONCE]})
def redoc(request: HttpRequest) -> HttpResponseBase:
    """The document to read."""
    return _page(request, "api/redoc.html")
