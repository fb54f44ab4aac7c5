"""What is done with images. Other apps and the admin call these."""

import hashlib
import re
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policy import require
from events.queueing import queue_on_commit
from events.services import record
from lib import images, images_apart
from lib.cleaning import clean_texts
from lib.markdown import Film, Picture
from lib.text import clean_text
from library import policy, settling, storage, usage
from library.models import FOLDER, MIN_BYTES_FOR_RENDITIONS, FormerFile, Image
from library.models.former import FOLDER as FORMER
from library.names import safe_stem, shown_name
from library.tasks import make_renditions
from library.videos import videos_at

# What people say of an image; all else is the file's.
WORDS = ("alt", "decorative", "caption", "credit", "focal_x", "focal_y")
REFUSALS = {
    images.NotAnImage: _(
        "This is not a picture we can use. Upload JPEG, PNG, GIF, WebP, AVIF or SVG."
    ),
    images.TooBig: _("This file is too big. A picture may have 20 MB, an SVG drawing 2 MB."),
    images.TooManyPixels: _(
        "This picture has too many pixels. 50 megapixels are the limit, 32 for a progressive "
        "JPEG, less for animations."
    ),
    images.Damaged: _("This picture is damaged or incomplete. Save it again and upload that."),
    images.Polyglot: _("This file is a picture and something else at once, which is not accepted."),
}


def content_hash(data: bytes) -> str:
    """Of the bytes as they were uploaded."""
    return hashlib.sha256(data).hexdigest()


def address_hash(data: bytes) -> str:
    """By which the library knows a picture: of its content.

    Where that is the former address of an image, which leads to what replaced it, the hash of
    the hash.
    """
    digest = content_hash(data)
    while FormerFile.objects.filter(digest=digest).exists():
        digest = content_hash(digest.encode())
    return digest


def cleaned_or_refused(data: bytes, name: str) -> images.Cleaned:
    """The picture made safe to serve. Raises ValidationError with the reason."""
    try:
        return images_apart.clean(data, name)
    except images.ImageError as error:
        raise ValidationError(REFUSALS[type(error)], code=type(error).__name__) from error


def file_of(digest: str, stem: str, cleaned: images.Cleaned) -> str:
    """Where the storage keeps a picture."""
    return f"{FOLDER}/{digest}/{stem}.{cleaned.extension}"


def columns_of(cleaned: images.Cleaned) -> dict[str, Any]:
    """What the row of an image says of its file."""
    fallback = _fallback(cleaned)
    return {
        "media_type": cleaned.media_type,
        "width": cleaned.width,
        "height": cleaned.height,
        "size": len(cleaned.data),
        "tint": cleaned.tint,
        "fallback": fallback,
        "renditions_at": None if fallback else timezone.now(),
    }


def store_image(
    data: bytes,
    name: str,
    *,
    by: User | None = None,
    alt: str = "",
    cleaned: images.Cleaned | None = None,
) -> Image:
    """Keep an uploaded picture, cleaned; the same bytes again give the image that is there.

    `name` is the file's name as uploaded, part of the address. `cleaned` is what
    `lib.images.clean(data, name)` gave, where the caller has it already: an import cleans many
    pictures at a time. Renditions are queued on commit.
    Raises ValidationError with the reason when it is no picture we can use.
    """
    digest = address_hash(data)
    if known := Image.objects.filter(digest=digest).first():
        return known
    cleaned = cleaned or cleaned_or_refused(data, name)
    file = file_of(digest, safe_stem(name), cleaned)
    # Before the row: whoever sees the row finds the file.
    settling.note(Image, digest, file)
    storage.write(file, cleaned.data)
    values = {
        **columns_of(cleaned),
        "file": file,
        "name": shown_name(name),
        "alt": clean_text(alt)[:500],
        "uploaded_by": by,
    }
    with transaction.atomic():
        image, is_new = Image.objects.get_or_create(digest=digest, defaults=values)
        if is_new:
            settling.kept(file, lambda: storage.write(file, cleaned.data))
            record("image.created", image, actor=by)
    if is_new and image.fallback:
        # Robust: a broker that is down is logged, and the sweep finds the row.
        queue_on_commit(make_renditions, image.pk)
    elif not is_new and image.file.name != file:
        default_storage.delete(file)  # Another was quicker, with another name.
    return image


@transaction.atomic
def describe_image(image: Image, *, by: User | None) -> Image:
    """Save the words of an image: alternative text, caption, credit, what must stay in view.

    Raises ValidationError for what cannot be stored, PermissionDenied when `by` may not.
    """
    if by is not None:
        require(policy.may_describe(by, image))
    clean_texts(image)
    image.clean_fields(exclude=[f.name for f in image._meta.fields if f.name not in WORDS])
    image.save(update_fields=WORDS)
    record("image.updated", image, actor=by)
    return image


def delete_image(image: Image, *, by: User | None = None) -> None:
    """Delete an image, and its files once that is committed.

    Raises django.db.models.ProtectedError while something uses it (`library.usage.of` tells what),
    PermissionDenied when `by` may not.
    """
    if by is not None:
        require(policy.may_delete(by))
    with transaction.atomic():
        # Who saves a text with it at this moment waits, or is waited for.
        list(Image.objects.select_for_update().filter(pk=image.pk))
        if uses := set(image.uses.all()[: usage.MAX_SHOWN]):
            raise ProtectedError("This image is in use.", uses)
        record("image.deleted", image, actor=by, payload={"name": image.name})
        former = list(image.former.values_list("digest", flat=True))
        image.delete()
        transaction.on_commit(lambda: _delete_files(image.digest, former), robust=True)


def pictures(srcs: Collection[str]) -> dict[str, Picture | Film]:
    """What the library knows of those `srcs` that are addresses of its images and videos.

    At most two queries for images and two for videos.
    """
    found: dict[str, Picture | Film] = {
        src: image.picture for src, image in images_at(srcs).items()
    }
    return found | {src: stored.film for src, stored in videos_at(srcs).items()}


def is_stored(src: str) -> bool:
    """Whether `src` is the address of an image or a video of the library."""
    return bool(images_at([src]) or videos_at([src]))


def images_at(srcs: Collection[str]) -> dict[str, Image]:
    """The images that those `srcs` which are addresses of the library show. One query, and one
    more for addresses of what was replaced."""
    address = re.compile(
        f"(?:{re.escape(settings.SITE_URL)})?"
        f"({re.escape(settings.MEDIA_URL + FOLDER)}/([0-9a-f]{{64}})/[^/?#]+)"
    )
    matches = {src: match for src in srcs if (match := address.fullmatch(src))}
    if not matches:
        return {}
    digests = {match[2] for match in matches.values()}
    by_digest = {image.digest: image for image in Image.objects.filter(digest__in=digests)}
    by_url = {image.url: image for image in by_digest.values()}
    found = {src: by_url[match[1]] for src, match in matches.items() if match[1] in by_url}
    if replaced := digests - set(by_digest):
        former = FormerFile.objects.filter(digest__in=replaced).select_related("image")
        now = {one.digest: one.image for one in former}
        found |= {src: now[match[2]] for src, match in matches.items() if match[2] in now}
    return found


def _fallback(cleaned: images.Cleaned) -> str:
    still = not cleaned.animated and cleaned.extension not in {"gif", "svg"}
    if not still or len(cleaned.data) < MIN_BYTES_FOR_RENDITIONS:
        return Image.Fallback.NONE
    return Image.Fallback.PNG if cleaned.transparent else Image.Fallback.JPEG


def _delete_files(digest: str, former: list[str]) -> None:
    if not Image.objects.filter(digest=digest).exists():
        storage.delete_folder(digest)
    for one in former:
        storage.delete_folder(one, FORMER)
