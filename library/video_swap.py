"""A video shows other files than before: its address changes, and the former one leads there."""

from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from events.services import record
from lib.storage import copy
from library import storage
from library.models import FormerVideo, Video, VideoReplacement, VideoUse
from library.models.videos import FOLDER

# The columns that are the file's; all others are what people say of the video.
FACTS = (
    *("stem", "name", "container", "width", "height", "seconds", "has_sound", "size", "files"),
)


def facts_of(stored: Video) -> dict[str, Any]:
    """What `show` needs to know of the files a video has now."""
    return {name: getattr(stored, name) for name in FACTS}


def take_place(upload: Video) -> bool:
    """Have the converted `upload` take the place it was made for; False when it was for none.

    To be called in the transaction that notes that it is converted.
    """
    replacement = (
        VideoReplacement.objects.select_related("by")
        .select_for_update(of=("self",))
        .filter(upload=upload)
        .first()
    )
    if replacement is None:
        return False
    stored = Video.objects.select_for_update().get(pk=replacement.video_id)
    # Texts that name the upload's own address show the video from now on.
    for use in upload.uses.all():
        where = {"kind": use.kind, "object_id": use.object_id, "place": use.place}
        VideoUse.objects.get_or_create(video=stored, **where)
    facts, digest = facts_of(upload), upload.digest
    record("video.deleted", upload, actor=replacement.by, payload={"name": upload.name})
    upload.delete()
    show(stored, digest, facts, by=replacement.by)
    return True


def show(stored: Video, digest: str, facts: dict[str, Any], *, by: User | None) -> None:
    """Have `stored`, which is locked, show the files under `digest`; the present ones are kept."""
    former = FormerVideo(video=stored, digest=stored.digest, facts=facts_of(stored))
    former.replaced_by = by
    # Before the rows: whoever sees them finds the files. They are deleted when all is committed.
    for extension in stored.files:
        copy(stored.file_name(extension), former.file_name(extension))
    captions = [(track, storage.read(track.file_name)) for track in stored.tracks.all()]
    former.save()
    changed = facts | {"digest": digest, "made_at": timezone.now()}
    for column, value in changed.items():
        setattr(stored, column, value)
    stored.save(update_fields=changed)
    for track, text in captions:
        track.video = stored
        storage.write(track.file_name, text)
    record("video.replaced", stored, actor=by, payload={"former": former.digest})
    transaction.on_commit(lambda: storage.delete_folder(former.digest, FOLDER), robust=True)


def address_instead(digest: str, filename: str) -> str:
    """Where a file of a video that was replaced is found now; "" for what never was."""
    former = FormerVideo.objects.filter(digest=digest).select_related("video").first()
    if former is None:
        return ""
    stem, _dot, extension = filename.rpartition(".")
    if extension == "vtt":
        language = stem.rpartition("-")[0]
        track = former.video.tracks.filter(language=language).first()
        return track.url if track else ""
    known = extension in former.video.files
    return settings.MEDIA_URL + former.video.file_name(extension) if known else former.video.url


def delete_files(digest: str, original: str = "") -> None:
    """Delete what was uploaded and made, unless a video with this content hash is there again."""
    if Video.objects.filter(digest=digest).exists():
        return
    storage.delete_folder(digest, FOLDER)
    if original:
        default_storage.delete(original)
