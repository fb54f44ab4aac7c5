"""The files of the library, as readers get them."""

import re
from datetime import datetime

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from lib.ranges import part_of
from library.models import FOLDER, MEDIA_TYPES, FormerFile, Image
from library.models.videos import FOLDER as VIDEO_FOLDER
from library.models.videos import MEDIA_TYPES as VIDEO_MEDIA_TYPES
from library.video_swap import address_instead

RENDITION = re.compile(r"([1-9][0-9]{0,5})\.(avif|webp|jpg|png)")


@require_safe
def image_file(request: HttpRequest, digest: str, filename: str) -> HttpResponse:
    """One stored file, for a year; a rendition that is not made yet leads to the image itself."""
    name = f"{FOLDER}/{digest}/{filename}"
    extension = filename.rpartition(".")[2]
    try:
        return _file(request, name, MEDIA_TYPES[extension])
    except FileNotFoundError:
        return _image_instead(digest, filename)


@require_safe
def video_file(request: HttpRequest, digest: str, filename: str) -> HttpResponse:
    """A file that was made of a video, for a year; players ask for parts of it."""
    extension = filename.rpartition(".")[2]
    try:
        name = f"{VIDEO_FOLDER}/{digest}/{filename}"
        return _file(request, name, VIDEO_MEDIA_TYPES[extension], in_parts=True)
    except FileNotFoundError:
        return _lead_to(address_instead(digest, filename))


def _file(
    request: HttpRequest, name: str, media_type: str, *, in_parts: bool = False
) -> HttpResponse:
    """The file `name` of the storage, as everybody may have it. Raises FileNotFoundError."""
    file = default_storage.open(name)
    modified = default_storage.get_modified_time(name)
    is_drawing = media_type == MEDIA_TYPES["svg"]
    whole = FileResponse(
        file,
        content_type=media_type,
        # Opened by itself it is offered to keep; an <img> shows it all the same.
        as_attachment=is_drawing,
        filename=name.rpartition("/")[2],
    )
    etag = _etag(modified, file.size)
    whole["ETag"], whole["Last-Modified"] = etag, http_date(modified.timestamp())
    response = get_conditional_response(request, etag, int(modified.timestamp()), whole)
    if response is whole and in_parts:
        response = part_of(request, whole, file, etag)
    if response is not whole and not response.streaming:
        file.close()  # Not the response: Django takes that for the end of the request.
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    policy = "sandbox; default-src 'none'"
    response["Content-Security-Policy"] = policy + (
        "; style-src 'unsafe-inline'" if is_drawing else ""
    )
    return response


def _etag(modified: datetime, size: int) -> str:
    return f'"{int(modified.timestamp() * 1e6):x}-{size:x}"'


def _image_instead(digest: str, filename: str) -> HttpResponse:
    """The way to the image whose rendition `filename` will be, or to what replaced it.

    Raises Http404.
    """
    match = RENDITION.fullmatch(filename)
    image = Image.objects.filter(digest=digest).first() if match else None
    address = image.url if image and _has_rendition(image, match) else ""
    if not image and (former := FormerFile.objects.filter(digest=digest).first()):
        address = former.image.url
        if match and _has_rendition(former.image, match):
            address = settings.MEDIA_URL + former.image.rendition_name(int(match[1]), match[2])
    return _lead_to(address)


def _lead_to(address: str) -> HttpResponse:
    """Raises Http404 where there is none."""
    if not address:
        raise Http404
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "no-store"
    return response


def _has_rendition(image: Image, match: re.Match) -> bool:
    return int(match[1]) in image.renditions.get(match[2], ())
