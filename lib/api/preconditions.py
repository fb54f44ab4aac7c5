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
_VERSION = re.compile(r"v([0-9]{1,18})(?:\.|\Z)")


def versions_named(request: Request) -> set[int] | None:
    """The versions of which If-Match names one; None when any will do.

    Raises PreconditionRequired when the header is missing though the site wants it, Problem when
    it is no list of tags. A tag that is not ours names no version, so it never matches.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        if settings.API_REQUIRE_IF_MATCH:
            raise PreconditionRequired()
        return None
    if header == "*":
        return None
    tags, position = [], 0
    while position < len(header):
        tag = _TAG.match(header, position)
        if tag is None:
            raise Problem(_("If-Match must be * or ETags in double quotes."), slug="bad-header")
        tags.append(tag[1])
        position = tag.end()
    return {int(found[1]) for tag in tags if (found := _VERSION.match(tag))}
