"""Another picture at the address of one that is there.

Files are for ever under the hash of their content, which caches keep for a year. So the new
picture gets an address of its own, texts that name the former one are derived anew with it, and
whoever asks for the former one is sent to it.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.policy import require
from events.queueing import queue_on_commit
from events.services import record
from lib import images
from library import policy, settling, storage
from library.models import FormerFile, Image
from library.models.former import FOLDER as FORMER
from library.names import shown_name
from library.services import address_hash, cleaned_or_refused, columns_of, file_of
from library.tasks import make_renditions

KEPT = timedelta(days=30)  # for which a former file can be put back


def replace_image(
    image: Image,
    data: bytes,
    name: str,
    *,
    by: User | None,
    cleaned: images.Cleaned | None = None,
) -> Image:
    """Have `image` show the picture `data`; its words and its former address stay.

    The former file can be put back for KEPT. Raises ValidationError when it is no picture we can
    use or another image of the library, PermissionDenied when `by` may not.
    """
    if by is not None:
        require(policy.may_describe(by, image))
    digest = address_hash(data)
    if digest == image.digest:
        return image
    if other := Image.objects.filter(digest=digest).first():
        text = _("This picture is in the library already: %(name)s.")
        raise ValidationError(text % {"name": other.name}, code="known")
    cleaned = cleaned or cleaned_or_refused(data, name)
    with transaction.atomic():
        image = Image.objects.select_for_update().get(pk=image.pk)
        former = FormerFile(
            image=image,
            digest=image.digest,
            file=f"{FORMER}/{image.digest}/{image.file.name.rpartition('/')[2]}",
            name=image.name,
            width=image.width,
            height=image.height,
            replaced_by=by,
        )
        # Before the rows: whoever sees them finds the files.
        storage.write(former.file, storage.read(image.file.name))
        stem = image.file.name.rpartition("/")[2].rpartition(".")[0]
        file = file_of(digest, stem, cleaned)
        settling.note(Image, digest, file)
        storage.write(file, cleaned.data)
        former.save()
        changed = columns_of(cleaned) | {
            "digest": digest,
            "file": file,
            "name": shown_name(name),
            "renditions_claimed_at": None,
            "renditions_tries": 0,
            "renditions_error": "",
        }
        for column, value in changed.items():
            setattr(image, column, value)
        image.save(update_fields=changed)
        settling.kept(file, lambda: storage.write(file, cleaned.data))
        record("image.replaced", image, actor=by, payload={"former": former.digest})
        # Should this be cut short, the folder is one that belongs to no image: library.orphans.
        transaction.on_commit(lambda: storage.delete_folder(former.digest), robust=True)
        if image.fallback:
            queue_on_commit(make_renditions, image.pk)
    return image


def put_back(former: FormerFile, *, by: User | None) -> Image:
    """Have the image show again what it did. Raises ValidationError when that file is gone."""
    try:
        data = storage.read(former.file) if former.file else b""
    except FileNotFoundError:
        data = b""
    if not data:
        raise ValidationError(_("This file is not kept any more."), code="gone")
    return replace_image(former.image, data, former.name, by=by)


def forget_former_files() -> int:
    """Delete the former files that nobody put back for KEPT; their addresses go on. How many."""
    expired = FormerFile.objects.filter(replaced_at__lt=timezone.now() - KEPT).exclude(file="")
    forgotten = 0
    for former in expired[:1_000]:
        default_storage.delete(former.file)
        forgotten += FormerFile.objects.filter(pk=former.pk).update(file="")
    return forgotten
