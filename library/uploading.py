"""Many pictures at once in the admin: each file is kept or refused by itself."""

from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from lib import images
from library import policy
from library.models import MEDIA_TYPES, Image
from library.services import REFUSALS, address_hash, store_image

STORED, KNOWN, REFUSED = "stored", "known", "refused"


class Outcome(NamedTuple):
    """What became of one file: `reason` when it was refused, else its image."""

    name: str
    state: str
    reason: str = ""
    image: Image | None = None


def keep_file(file: UploadedFile, *, by: User) -> Outcome:
    """Store one uploaded file, unless it is there or cannot be used."""
    if file.size > images.MAX_BYTES:  # before it is read into memory
        return Outcome(file.name, REFUSED, str(REFUSALS[images.TooBig]))
    data = file.read()
    is_known = Image.objects.filter(digest=address_hash(data)).exists()
    try:
        image = store_image(data, file.name, by=by)
    except ValidationError as error:
        return Outcome(file.name, REFUSED, " ".join(error.messages))
    return Outcome(file.name, KNOWN if is_known else STORED, "", image)


@require_http_methods(["GET", "HEAD", "POST"])
def upload_view(request: HttpRequest) -> HttpResponse:
    """The page on which many files are uploaded. Answers JSON to the script that sends them one
    by one, to show how far each is."""
    if not policy.may_upload(request.user):
        raise Http404
    outcomes, error = [], ""
    if request.method == "POST":
        outcomes = [keep_file(file, by=request.user) for file in request.FILES.getlist("files")]
        error = "" if outcomes else _("Choose at least one file.")
    if request.headers.get("Accept") == "application/json":
        body = {"outcomes": [_as_json(outcome) for outcome in outcomes], "error": error}
        return JsonResponse(body, status=400 if error else 200)
    context = admin.site.each_context(request) | {
        "title": _("Upload images"),
        "opts": Image._meta,
        "outcomes": outcomes,
        "error": error,
        "accept": ",".join(MEDIA_TYPES.values()),
    }
    return TemplateResponse(request, "admin/library/image/upload.html", context)


def _as_json(outcome: Outcome) -> dict[str, str]:
    address = (
        reverse("admin:library_image_change", args=[outcome.image.pk]) if outcome.image else ""
    )
    return {
        "name": outcome.name,
        "state": outcome.state,
        "reason": outcome.reason,
        "url": address,
    }
