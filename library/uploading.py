"""Many pictures and videos at once in the admin: each file is kept or refused by itself."""

from typing import NamedTuple

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from lib import images, video
from library import policy
from library.models import MEDIA_TYPES, Image, Video
from library.services import REFUSALS, address_hash, store_image
from library.settling import settled
from library.videos import ACCEPTED as ACCEPTED_VIDEOS
from library.videos import address_hash as video_hash
from library.videos import store_video

STORED, KNOWN, REFUSED = "stored", "known", "refused"
HEAD_BYTES = 16  # which tell a video


class Outcome(NamedTuple):
    """What became of one file: `reason` when it was refused, else its page in the admin."""

    name: str
    state: str
    reason: str = ""
    url: str = ""


def keep_file(file: UploadedFile, *, by: User) -> Outcome:
    """Store one upload, unless it is there or cannot be used. Its content says what it is."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return (_keep_video if video.looks_like_video(head) else _keep_image)(file, by=by)


def _keep_image(file: UploadedFile, *, by: User) -> Outcome:
    if file.size > images.MAX_BYTES:  # before it is read into memory
        return Outcome(file.name, REFUSED, str(REFUSALS[images.TooBig]))
    data = file.read()
    is_known = Image.objects.filter(digest=address_hash(data)).exists()
    try:
        image = store_image(data, file.name, by=by)
    except ValidationError as error:
        return Outcome(file.name, REFUSED, " ".join(error.messages))
    return _kept(file, image, is_known=is_known)


def _keep_video(file: UploadedFile, *, by: User) -> Outcome:
    try:
        # Refused at sight before it is read as a whole.
        is_known = file.size <= settings.VIDEO_MAX_MB * 1_000_000 and (
            Video.objects.filter(digest=video_hash(file)).exists()
        )
        stored = store_video(file, file.name, by=by)
    except ValidationError as error:
        return Outcome(file.name, REFUSED, " ".join(error.messages))
    return _kept(file, stored, is_known=is_known)


def _kept(file: UploadedFile, thing: Image | Video, *, is_known: bool) -> Outcome:
    address = reverse(f"admin:library_{thing._meta.model_name}_change", args=[thing.pk])
    return Outcome(file.name, KNOWN if is_known else STORED, url=address)


@require_http_methods(["GET", "HEAD", "POST"])
def upload_view(request: HttpRequest) -> HttpResponse:
    """The page on which many files are uploaded. Answers JSON to the script that sends them one
    by one, to show how far each is."""
    if not policy.may_upload(request.user):
        raise Http404
    outcomes, error = [], ""
    if request.method == "POST":
        with settled():
            outcomes = [keep_file(file, by=request.user) for file in request.FILES.getlist("files")]
        error = "" if outcomes else _("Choose at least one file.")
    if request.headers.get("Accept") == "application/json":
        body = {"outcomes": [outcome._asdict() for outcome in outcomes], "error": error}
        return JsonResponse(body, status=400 if error else 200)
    context = admin.site.each_context(request) | {
        "title": _("Upload images and videos"),
        "opts": Image._meta,
        "outcomes": outcomes,
        "error": error,
        "accept": ",".join([*MEDIA_TYPES.values(), *ACCEPTED_VIDEOS]),
        "video_megabytes": settings.VIDEO_MAX_MB,
    }
    return TemplateResponse(request, "admin/library/image/upload.html", context)
