"""Where images and videos are used: a row for each thing that shows or links one.

A higher app calls `keep` in the transaction that saves something, and registers once, when it is
there, how its things are called and who may open them.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from django.db.models import Q

from accounts.models import User
from library.models import (
    FOLDER,
    FormerFile,
    FormerVideo,
    Image,
    ImageUse,
    Place,
    Video,
    VideoUse,
)
from library.models.videos import FOLDER as VIDEO_FOLDER

ADDRESS = re.compile(rf"/({FOLDER}|{VIDEO_FOLDER})/([0-9a-f]{{64}})/")
MAX_SHOWN = 50  # of one image or video


class Use(NamedTuple):
    """One thing that uses an image or a video, as its editors know it."""

    title: str
    place: str  # as people say it
    url: str  # where to change it


class Uses(NamedTuple):
    """The uses that a person may know of, and how many others there are."""

    shown: list[Use]
    hidden: int


# Of the things with these keys, those that a user may open: key to title and address.
Describe = Callable[[Collection[int], User | None], Mapping[int, tuple[str, str]]]
_describe: dict[str, Describe] = {}


def register(kind: str, describe: Describe) -> None:
    """Tell what things of `kind` are called. Registering a kind again replaces it."""
    _describe[kind] = describe


def is_mentioned(text: str) -> bool:
    """Whether `text` may name something of the library: without it, nothing is to be kept."""
    return any(f"/{folder}/" in text for folder in (FOLDER, VIDEO_FOLDER))


def keep(kind: str, key: int, place: str, *, text: str = "", image_ids: Iterable[int] = ()) -> None:
    """From now on the thing `key` uses in `place` the images and videos whose addresses `text`
    holds and the images with `image_ids`, and no others. To be called in the transaction that
    saves it.

    Costs one query for images and one for videos while nothing changes.
    """
    named: dict[str, set[str]] = {FOLDER: set(), VIDEO_FOLDER: set()}
    for folder, digest in ADDRESS.findall(text):
        named[folder].add(digest)
    _keep(ImageUse, "image", (kind, key, place), named[FOLDER], set(image_ids))
    if place != Place.COVER:  # never a video
        _keep(VideoUse, "video", (kind, key, place), named[VIDEO_FOLDER], set())


def _keep(
    model: type[ImageUse | VideoUse],
    field: str,
    where: tuple[str, int, str],
    digests: set[str],
    ids: set[int],
) -> None:
    kind, key, place = where
    rows = model.objects.filter(kind=kind, object_id=key, place=place)
    before = dict(rows.values_list(f"{field}_id", f"{field}__digest"))
    if others := digests - set(before.values()):
        # A former address is a use of what stands there now.
        former = (FormerFile if model is ImageUse else FormerVideo).objects
        former = former.filter(digest__in=others)
        digests = digests | set(former.values_list(f"{field}__digest", flat=True))
        digests -= set(former.values_list("digest", flat=True))
    gone = [pk for pk, digest in before.items() if digest not in digests and pk not in ids]
    if gone:
        rows.filter(**{f"{field}_id__in": gone}).delete()
    if digests <= set(before.values()) and ids <= set(before):
        return
    new = Q(digest__in=digests - set(before.values())) | Q(pk__in=ids - set(before))
    things = model._meta.get_field(field).related_model.objects
    # Locked, in order: who deletes one of them at this moment waits, and then sees the use.
    found = things.filter(new).order_by("pk").select_for_update(of=("self",))
    model.objects.bulk_create(
        (
            model(**{f"{field}_id": pk}, kind=kind, object_id=key, place=place)
            for pk in found.values_list("pk", flat=True)
        ),
        ignore_conflicts=True,
    )


def forget(kind: str, key: int) -> None:
    """The thing is deleted, or uses nothing any more."""
    for model in (ImageUse, VideoUse):
        model.objects.filter(kind=kind, object_id=key).delete()


def of(thing: Image | Video, user: User | None = None) -> Uses:
    """Where `thing` is used, as far as `user` may know; everything when None.

    One query, and one for each kind of thing.
    """
    rows = list(thing.uses.order_by("kind", "object_id", "place")[: MAX_SHOWN + 1])
    more = thing.uses.count() - len(rows) if len(rows) > MAX_SHOWN else 0
    shown = []
    for kind, group in groupby(rows, key=lambda row: row.kind):
        uses = list(group)
        describe = _describe.get(kind)
        known = describe({use.object_id for use in uses}, user) if describe else {}
        for use in uses:
            if use.object_id in known:
                title, url = known[use.object_id]
                shown.append(Use(title, use.get_place_display(), url))
    return Uses(shown, len(rows) - len(shown) + more)
