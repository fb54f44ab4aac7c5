"""Another film at the address of one that is there.

As with images (`library.replacing`) the new files get an address of their own, to which the former
one leads, and texts follow. A film takes minutes to convert: till then readers see the former.
"""

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.policy import require
from events.services import record
from lib.storage import copy
from library import policy, storage
from library.models import FormerVideo, Video, VideoReplacement
from library.models.former import FOLDER as FORMER
from library.replacing import KEPT
from library.video_swap import delete_files, show
from library.videos import address_hash, store_video


def replace_video(stored: Video, file: File, name: str, *, by: User | None) -> Video:
    """Have `stored` show the film in `file` once a worker has converted it. Answers the upload.

    A file that was to take its place before, and is not converted yet, is given up. Raises
    ValidationError for what is no video we can use or another one of the library, PermissionDenied
    when `by` may not.
    """
    if by is not None:
        require(policy.may_describe(by, stored))
    digest = address_hash(file)
    if digest == stored.digest:
        raise ValidationError(_("This is the file that it shows."), code="same")
    other = Video.objects.filter(digest=digest).first()
    waiting = VideoReplacement.objects.filter(video=stored).select_related("upload").first()
    if other and waiting and waiting.upload == other:
        return other
    if other:
        text = _("This video is in the library already: %(name)s.")
        raise ValidationError(text % {"name": other.name}, code="known")
    with transaction.atomic():
        stored = Video.objects.select_for_update().get(pk=stored.pk)
        if stored.made_at is None:
            raise ValidationError(_("It is not converted yet."), code="not_made")
        for former in VideoReplacement.objects.filter(video=stored).select_related("upload"):
            _forget_upload(former, by=by)
        upload = store_video(file, name, by=by)
        VideoReplacement.objects.create(video=stored, upload=upload, by=by)
    return upload


@transaction.atomic
def give_up(replacement: VideoReplacement, *, by: User | None) -> None:
    """Let the video stay as it is. Raises PermissionDenied when `by` may not."""
    if by is not None:
        require(policy.may_describe(by, replacement.video))
    _forget_upload(replacement, by=by)


def _forget_upload(replacement: VideoReplacement, *, by: User | None) -> None:
    upload = replacement.upload
    digest, original = upload.digest, upload.original
    record("video.deleted", upload, actor=by, payload={"name": upload.name})
    upload.delete()  # A worker that is at it notices, and clears up behind itself.
    transaction.on_commit(lambda: delete_files(digest, original), robust=True)


@transaction.atomic
def put_back(former: FormerVideo, *, by: User | None) -> Video:
    """Have the video show again what it did. Raises ValidationError when those files are gone."""
    if by is not None:
        require(policy.may_describe(by, former.video))
    stored = Video.objects.select_for_update().get(pk=former.video_id)
    former = FormerVideo.objects.filter(pk=former.pk, is_kept=True).first()
    if former is None or not _is_whole(former):
        raise ValidationError(_("This file is not kept any more."), code="gone")
    again = Video(digest=former.digest, **former.facts)
    for extension in again.files:
        copy(former.file_name(extension), again.file_name(extension))
    former.delete()
    show(stored, again.digest, former.facts, by=by)
    digest = former.digest
    transaction.on_commit(lambda: storage.delete_folder(digest, FORMER), robust=True)
    return stored


def _is_whole(former: FormerVideo) -> bool:
    return all(default_storage.exists(former.file_name(one)) for one in former.facts["files"])


def forget_former_videos() -> int:
    """Delete the former files that nobody put back for KEPT; their addresses go on. How many."""
    expired = FormerVideo.objects.filter(replaced_at__lt=timezone.now() - KEPT, is_kept=True)
    forgotten = 0
    for former in expired[:1_000]:
        storage.delete_folder(former.digest, FORMER)
        forgotten += FormerVideo.objects.filter(pk=former.pk).update(is_kept=False)
    return forgotten
