"""What is done with videos. Other apps, the admin and the API call these."""

import hashlib
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policy import require
from events.queueing import queue_on_commit
from events.services import record
from lib import video
from lib.cleaning import clean_texts
from lib.text import clean_text
from lib.video_errors import TooManyBytes
from library import policy, settling, storage, usage
from library.models import CaptionTrack, FormerVideo, Video
from library.models.former import FOLDER as FORMER
from library.models.videos import FOLDER, ORIGINALS
from library.names import safe_stem, shown_name
from library.video_swap import delete_files
from library.video_tasks import convert_video

WORDS = ("alt", "caption", "credit")  # what people say of it; all else is the file's
MAX_CAPTION_BYTES = 500_000
# What a browser offers when it asks for a file; what it is, its content says.
ACCEPTED = ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska", ".mkv", ".mov")
_CUE = re.compile(r"^\S*\d+:\d\d\.\d{3}[ \t]+-->[ \t]+\S*\d+:\d\d\.\d{3}", re.MULTILINE)
REFUSALS = {
    video.NoEncoder: _(
        "Videos cannot be taken: this server has no ffmpeg to convert them. Who runs it can "
        "install that."
    ),
    video.NotAVideo: _("This is not a video we can use. Upload MP4, MOV, WebM or MKV."),
    video.TooLarge: _("This video has too many pixels: 4096 by 2304 are the limit."),
    video.TooLong: _("This video is too long."),
    video.Broken: _("This video is damaged or incomplete. Save it again and upload that."),
    video.Interrupted: _("This video takes more memory than it may. Save it smaller."),
    TooManyBytes: _("This file is too big."),
}


def store_video(file: File, name: str, *, by: User | None = None, alt: str = "") -> Video:
    """Keep an uploaded video; the same bytes again give the video that is there.

    `name` is the file's name as uploaded, part of the address. It is probed at once and converted
    by a worker. Raises ValidationError with the reason when it is none we can use.
    """
    _refuse_at_sight(file)
    digest = address_hash(file)
    if known := Video.objects.filter(digest=digest).first():
        return known
    original = f"{ORIGINALS}/{digest}"
    with _as_path(file) as path:
        facts = _probed(path)
        # Before the row: whoever sees the row finds the file.
        settling.note(Video, digest, original)
        storage.write_file(original, path)
    values = {
        "stem": safe_stem(name, "video"),
        "original": original,
        "name": shown_name(name, "video"),
        "container": facts.container,
        "seconds": facts.duration,
        "has_sound": facts.has_sound,
        "size": file.size,
        "alt": clean_text(alt)[:500],
        "uploaded_by": by,
    }
    values["width"], values["height"] = video.kept_size(facts.width, facts.height)
    with transaction.atomic():
        stored, is_new = Video.objects.get_or_create(digest=digest, defaults=values)
        if is_new:
            settling.kept(original, lambda: _write_again(original, file))
            record("video.created", stored, actor=by)
            # Robust: a broker that is down is logged, and the sweep finds the row.
            queue_on_commit(convert_video, stored.pk)
    return stored


def _write_again(original: str, file: File) -> None:
    with _as_path(file) as path:
        storage.write_file(original, path)


def examine_video(file: File) -> video.Facts:
    """What an upload is; nothing is kept. Raises ValidationError as `store_video`."""
    _refuse_at_sight(file)
    with _as_path(file) as path:
        return _probed(path)


def content_hash(file: File) -> str:
    """By which the library knows a video: of the bytes as they were uploaded."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def address_hash(file: File) -> str:
    """By which a video is stored: of its content, or, where that is the former address of one
    whose file was replaced, the hash of the hash."""
    digest = content_hash(file)
    while FormerVideo.objects.filter(digest=digest).exists():
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return digest


@transaction.atomic
def describe_video(stored: Video, *, by: User | None) -> Video:
    """Save the words of a video: what it shows, caption, credit.

    Raises ValidationError for what cannot be stored, PermissionDenied when `by` may not.
    """
    if by is not None:
        require(policy.may_describe(by, stored))
    clean_texts(stored)
    stored.clean_fields(exclude=[f.name for f in stored._meta.fields if f.name not in WORDS])
    stored.save(update_fields=WORDS)
    record("video.updated", stored, actor=by)
    return stored


@transaction.atomic
def try_again(stored: Video, *, by: User | None) -> None:
    """Have a video that was given up converted once more."""
    if by is not None:
        require(policy.may_describe(by, stored))
    Video.objects.filter(pk=stored.pk, made_at=None).exclude(original="").update(
        tries=0, claimed_at=None, error="", progress=0
    )
    queue_on_commit(convert_video, stored.pk)


def delete_video(stored: Video, *, by: User | None = None) -> None:
    """Delete a video, and its files once that is committed.

    Raises django.db.models.ProtectedError while something shows it (`library.usage.of` tells
    what), PermissionDenied when `by` may not.
    """
    if by is not None:
        require(policy.may_delete(by))
    with transaction.atomic():
        # Who saves a text with it at this moment waits, or is waited for.
        list(Video.objects.select_for_update().filter(pk=stored.pk))
        if uses := set(stored.uses.all()[: usage.MAX_SHOWN]):
            raise ProtectedError("This video is in use.", uses)
        record("video.deleted", stored, actor=by, payload={"name": stored.name})
        former = list(stored.former.values_list("digest", flat=True))
        gone = [(stored.digest, stored.original)]
        # What was to take its place goes with it.
        for upload in Video.objects.filter(replaces__video=stored):
            gone.append((upload.digest, upload.original))
            upload.delete()
        stored.delete()

        def delete_all() -> None:
            for digest, original in gone:
                delete_files(digest, original)
            for digest in former:
                storage.delete_folder(digest, FORMER)

        transaction.on_commit(delete_all, robust=True)


@transaction.atomic
def set_captions(
    stored: Video, language: str, data: bytes, *, by: User | None, label: str = ""
) -> CaptionTrack:
    """Give `stored` captions in `language` (a tag such as "en"), instead of those it has in it.

    Raises ValidationError when `data` is no WebVTT, PermissionDenied when `by` may not.
    """
    if by is not None:
        require(policy.may_describe(by, stored))
    text = _checked_captions(data)
    Video.objects.select_for_update().get(pk=stored.pk)
    track = CaptionTrack.objects.filter(video=stored, language=language).first()
    former = track.file_name if track else ""
    track = track or CaptionTrack(video=stored, language=language)
    track.label = clean_text(label)[:60]
    track.digest = hashlib.sha256(text).hexdigest()[:16]
    track.clean_fields(exclude=["video"])
    storage.write(track.file_name, text)
    track.save()
    record("video.updated", stored, actor=by)
    if former and former != track.file_name:
        transaction.on_commit(lambda: default_storage.delete(former), robust=True)
    return track


@transaction.atomic
def remove_captions(track: CaptionTrack, *, by: User | None) -> None:
    """Take captions away. Raises PermissionDenied when `by` may not."""
    if by is not None:
        require(policy.may_describe(by, track.video))
    name, stored = track.file_name, track.video
    track.delete()
    record("video.updated", stored, actor=by)
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def videos_at(srcs: Collection[str]) -> dict[str, Video]:
    """The videos that those `srcs` which are addresses of the library show.

    At most two queries, and two more for addresses of what was replaced.
    """
    address = re.compile(
        f"(?:{re.escape(settings.SITE_URL)})?"
        f"{re.escape(settings.MEDIA_URL + FOLDER)}/([0-9a-f]{{64}})/[^/?#]+"
    )
    digests = {src: match[1] for src in srcs if (match := address.fullmatch(src))}
    if not digests:
        return {}
    found = Video.objects.filter(digest__in=set(digests.values())).prefetch_related("tracks")
    by_digest = {stored.digest: stored for stored in found}
    if replaced := set(digests.values()) - set(by_digest):
        former = FormerVideo.objects.filter(digest__in=replaced).select_related("video")
        former = former.prefetch_related("video__tracks")
        by_digest |= {one.digest: one.video for one in former}
    return {src: by_digest[digest] for src, digest in digests.items() if digest in by_digest}


def _refuse_at_sight(file: File) -> None:
    if file.size > settings.VIDEO_MAX_MB * 1_000_000:
        raise _refusal(TooManyBytes())
    if not video.looks_like_video(_head(file)):
        raise _refusal(video.NotAVideo())


def _probed(path: Path) -> video.Facts:
    try:
        return video.probe(path, max_seconds=settings.VIDEO_MAX_MINUTES * 60)
    except video.VideoError as error:
        raise _refusal(error) from error


def _refusal(error: video.VideoError) -> ValidationError:
    text = str(REFUSALS[type(error)])
    if isinstance(error, video.TooLong):
        limit = _("%(minutes)d minutes are the limit.") % {"minutes": settings.VIDEO_MAX_MINUTES}
        text = f"{text} {limit}"
    elif isinstance(error, TooManyBytes):
        text = f"{text} " + _("A video may have %(size)d MB.") % {"size": settings.VIDEO_MAX_MB}
    return ValidationError(text, code=type(error).__name__)


def _head(file: File) -> bytes:
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    return head


@contextmanager
def _as_path(file: File) -> Iterator[Path]:
    """The upload as a file on the disk, which the big ones are already."""
    temporary_path = getattr(file, "temporary_file_path", None)
    if temporary_path is not None:
        yield Path(temporary_path())
        return
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _checked_captions(data: bytes) -> bytes:
    """WebVTT as it is stored. Raises ValidationError."""
    if len(data) > MAX_CAPTION_BYTES:
        raise ValidationError(_("Captions may have 500 KB."))
    try:
        text = clean_text(data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError as error:
        raise ValidationError(_("Captions must be text in UTF-8.")) from error
    first = text.partition("\n")[0]
    if first.split()[:1] != ["WEBVTT"] or not _CUE.search(text):
        raise ValidationError(_("These are no captions: upload a WebVTT file (.vtt)."))
    return text.encode()
