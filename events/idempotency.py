"""Requests that may come twice and must count once (draft-ietf-httpapi-idempotency-key-header-07).

A client that got no answer sends its request again with the same `Idempotency-Key` and gets the
answer of the first. The answer is a row of the transaction that made the change, so a crash
leaves either both or neither. Refusals are not kept: whoever mends the cause may try again.
"""

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from events.models import KeptAnswer
from lib.api.problems import KeyInFlight, KeyReused, Problem

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Last-Modified", "Location")
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')


def key_of(request: Request) -> str:
    """The key of a request, "" when it has none. Raises Problem for one that cannot be kept."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if not given:
        return ""
    found = _KEY.fullmatch(given)
    if found is None:
        text = _("Idempotency-Key must be 1 to 255 printable characters without spaces.")
        raise Problem(text, slug="bad-header")
    return found[1]


def fingerprint(request: Request) -> str:
    """The same for the same request, however its JSON is spaced and its upload is cut up."""
    parts = [request.method, request.get_full_path(), _canonical(request.data)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def kept_answer(caller: str, key: str, print_: str) -> Response | None:
    """The answer that `caller` got for `key` before, None when this is the first time.

    Call it in the transaction of the change. Raises KeyInFlight while the first one is at work
    and KeyReused when that was another request. On SQLite, whose writers take turns, the second
    waits for the first and gets its answer.
    """
    if connection.vendor == "postgresql" and not _take_lock(caller, key):
        raise KeyInFlight(headers={"Retry-After": "1"})
    kept = KeptAnswer.objects.filter(caller=caller, key=key).first()
    if kept is not None and kept.created_at <= timezone.now() - KEPT_FOR:
        kept.delete()
        kept = None
    if kept is None:
        return None
    if kept.fingerprint != print_:
        raise KeyReused()
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    return Response(kept.data, status=kept.status, headers=headers)


def keep_answer(caller: str, key: str, print_: str, response: Response) -> None:
    """Keep what `caller` is answered, together with the change."""
    KeptAnswer.objects.create(
        caller=caller,
        key=key,
        fingerprint=print_,
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        packed=KeptAnswer.pack(JSONRenderer().render(response.data) or b"null"),
    )


def forget_old_answers() -> int:
    """Delete what is older than a day; how many those were."""
    return KeptAnswer.objects.filter(created_at__lte=timezone.now() - KEPT_FOR).delete()[0]


def _take_lock(caller: str, key: str) -> bool:
    """Hold `key` until the transaction ends, however it ends; False when another holds it."""
    digest = hashlib.sha256(f"{caller} {key}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]


def _canonical(data: Any) -> Any:
    if isinstance(data, QueryDict):
        return [[name, [_canonical(value) for value in data.getlist(name)]] for name in data]
    if isinstance(data, UploadedFile):
        digest = hashlib.sha256()
        for chunk in data.chunks():
            digest.update(chunk)
        data.seek(0)
        return [data.name, digest.hexdigest()]
    return data
