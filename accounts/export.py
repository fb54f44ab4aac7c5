"""A person's own data as one ZIP archive, made by a worker, theirs alone, for seven days.

    export.register("posts", write_posts)

Each app that keeps something of a person registers a function in `AppConfig.ready()`. It gets the
person and an `Archive` to write into. Parts are written in the order of registration.
"""

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, policy
from accounts.models import AuditEntry, User
from accounts.models.export import KEPT_FOR, DataExport
from accounts.models.profile import AVATAR_FOLDER
from events.mail import queue_mail
from lib import storage

PAUSE = timedelta(hours=24)  # between two exports of one person
MAX_ERROR = 300  # characters
STAMP = (1980, 1, 1, 0, 0, 0)  # the same data give the same bytes


class Archive:
    """What the parts of an export write into. Nothing is kept in memory but one row or file."""

    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive

    def add_json(self, name: str, rows: Iterable[dict[str, Any]] | dict[str, Any]) -> None:
        """A file `name`.json: one object, or a list of them, one on each line."""
        with self._open(f"{name}.json") as file:
            if isinstance(rows, dict):
                file.write(_json(rows, indent=2) + "\n")
                return
            file.write("[")
            for number, row in enumerate(rows):
                file.write(f"{',' if number else ''}\n{_json(row)}")
            file.write("\n]\n")

    def add_file(self, path: str, data: bytes) -> None:
        """A file at `path`, below a folder that the part names itself."""
        info = zipfile.ZipInfo(path, STAMP)
        self._archive.writestr(info, data, zipfile.ZIP_STORED)

    def _open(self, path: str) -> io.TextIOWrapper:
        info = zipfile.ZipInfo(path, STAMP)
        info.compress_type = zipfile.ZIP_DEFLATED
        return io.TextIOWrapper(self._archive.open(info, "w", force_zip64=True), encoding="utf-8")


Part = Callable[[User, Archive], None]
_parts: dict[str, Part] = {}


def register(name: str, part: Part) -> None:
    """Have `part` write into each export from now on. The same name again replaces it."""
    _parts[name] = part


@transaction.atomic
def ask(user: User, *, by: User) -> DataExport:
    """Have a worker make a copy of all that the site keeps of `user`.

    Raises ValidationError when one is in the making or was made in the last 24 hours,
    PermissionDenied when `by` is somebody else.
    """
    policy.require(policy.may_export(by, user))
    User.objects.select_for_update().get(pk=user.pk)  # two clicks take turns
    now = timezone.now()
    recent = user.data_exports.filter(asked_at__gt=now - PAUSE)
    if any(not export.is_given_up for export in recent):
        raise ValidationError(
            _("You asked for your data in the last 24 hours already."), code="too_soon"
        )
    export = DataExport.objects.create(user=user, asked_at=now, expires_at=now + KEPT_FOR)
    audit.note("user.export_asked", actor=by, subject=user)
    return export


def make(export_id: int) -> None:
    """Write the archive of one export, if nobody else does. Safe to run twice.

    What goes wrong is kept on the row, and raised; the sweep tries again, three times in all.
    """
    if not DataExport.objects.claim(export_id):
        return
    export = DataExport.objects.select_related("user").get(pk=export_id)
    DataExport.objects.filter(pk=export_id).update(parts_done=0, parts_total=len(_parts))
    try:
        size = _write(export)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:MAX_ERROR]
        DataExport.objects.filter(pk=export_id).update(error=reason)
        raise
    _finish(export, size)


@transaction.atomic
def _finish(export: DataExport, size: int) -> None:
    """The row, and the mail that tells of it, at once."""
    now = timezone.now()
    waiting = DataExport.objects.filter(pk=export.pk, finished_at=None)
    if not waiting.update(finished_at=now, size=size, error="", expires_at=now + KEPT_FOR):
        return
    if export.user.email:
        queue_mail(
            "data_export",
            to=export.user.email,
            language=export.user.language,
            context={"name": export.user.name, "url": settings.SITE_URL + reverse("own:data")},
            kind="data_export",
            dedupe_key=f"data_export:{export.pk}",
            recipient=export.user,
        )


def _write(export: DataExport) -> int:
    """Write the archive beside its place and move it there; its size in bytes."""
    target = path_of(export)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w+b") as file, zipfile.ZipFile(file, "w") as archive:
            for number, part in enumerate(_parts.values(), 1):
                part(export.user, Archive(archive))
                DataExport.objects.filter(pk=export.pk).update(parts_done=number)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target.stat().st_size


def path_of(export: DataExport) -> Path:
    """Where the archive is: outside of what the web server hands out."""
    return Path(settings.PRIVATE_ROOT) / "exports" / f"{export.key}.zip"


def delete_expired() -> int:
    """Delete exports past their time, files first; how many those were. Safe to run twice."""
    expired = list(DataExport.objects.filter(expires_at__lte=timezone.now())[:1_000])
    for export in expired:
        delete(export)
    return len(expired)


def delete(export: DataExport) -> None:
    path_of(export).unlink(missing_ok=True)
    export.delete()


def waiting_keys() -> list[int]:
    """Exports that a worker may make now."""
    return list(DataExport.objects.waiting().order_by("pk").values_list("pk", flat=True)[:100])


def rows_of(queryset: models.QuerySet, *names: str) -> Iterable[dict[str, Any]]:
    """The columns `names` of a queryset as JSON objects, a few hundred rows at a time."""
    return queryset.order_by("pk").values(*names).iterator(chunk_size=500)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent)


# --- What accounts itself keeps -----------------------------------------------------------


def _account(user: User, archive: Archive) -> None:
    archive.add_json(
        "account",
        {
            **{
                name: getattr(user, name)
                for name in (
                    *("id", "username", "email", "display_name", "bio", "website", "links"),
                    *("language", "time_zone", "date_joined", "last_login"),
                )
            },
            "role": user.role.value if user.role else None,
        },
    )
    for side, address in user.avatar_urls.items():
        name = f"{AVATAR_FOLDER}/{user.avatar}/{side}.webp"
        archive.add_file(f"avatar/{address.rpartition('/')[2]}", storage.read(name))


def _activity(user: User, archive: Archive) -> None:
    own = AuditEntry.objects.filter(actor=user)
    names = ["at", "action", "subject_type", "subject_id", "subject_label"]
    archive.add_json("activity", rows_of(own, *names, "address", "device"))
    # Where others were when they did something to the account is theirs.
    done_to = AuditEntry.objects.filter(
        subject_type=User._meta.label_lower, subject_id=str(user.pk)
    ).exclude(actor=user)
    archive.add_json("done_to_account", rows_of(done_to, *names))


register("account", _account)
register("activity", _activity)
