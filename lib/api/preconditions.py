"""If-Match: a change is made only to the version that the client started from (RFC 9110, 13.1.1).

The ETag of a thing that has versions begins with its version, `"v17.5f2c…"` (see
`lib.api.conditional`): what follows tells representations of one version apart (other fields,
another name of its category), which a reader's cache must not mix up and a writer need not know.
"""

import re

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.request import Request

from lib.api.problems import PreconditionRequired, Problem

# A proxy that compresses makes tags weak; the version in them is as good as before.
_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*(?:,|\Z)')
_VERSION = re.compile(r'v([0-9]{1,18})[."]')


def versions_named(request: Request) -> set[int] | None:
    """The versions of which If-Match names one; None when any will do.

    Raises PreconditionRequired when the header is missing though the site wants it. A tag that is
    not ours names no version, so it never matches.
    """
    if settings.API_REQUIRE_IF_MATCH and not request.headers.get("If-Match"):
        raise PreconditionRequired()
    tags = tags_named(request)
    if tags is None:
        return None
    return {int(found[1]) for tag in tags if (found := _VERSION.match(tag[1:]))}


def tags_named(request: Request) -> set[str] | None:
    """The entity tags of If-Match, strong and in quotes; None when any will do.

    Raises Problem when the header is no list of tags.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    tags, position = set(), 0
    while position < len(header):
        tag = _TAG.match(header, position)
        if tag is None:
            raise Problem(_("If-Match must be * or ETags in double quotes."), slug="bad-header")
        tags.add(f'"{tag[1]}"')
        position = tag.end()
    return tags


def prefers(request: Request, token: str) -> bool:
    """Whether the client asked for `token` in Prefer (RFC 7240)."""
    wishes = request.headers.get("Prefer", "").lower().split(",")
    return token in {wish.partition(";")[0].strip() for wish in wishes}
