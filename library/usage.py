"""Where images are used: a row for each thing that shows or links one, kept as it is saved.

A higher app calls `keep` in the transaction that saves something, and registers once, when it is
there, how its things are called and who may open them.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from django.db.models import Q

from accounts.models import User
from library.models import FOLDER, Image, ImageUse

DIGEST = re.compile(rf"/{FOLDER}/([0-9a-f]{{64}})/")
MAX_SHOWN = 50  # of one image


class Use(NamedTuple):
    """One thing that uses an image, as its editors know it."""

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


def keep(kind: str, key: int, place: str, *, text: str = "", image_ids: Iterable[int] = ()) -> None:
    """From now on the thing `key` uses in `place` the images whose addresses `text` holds and
    those with `image_ids`, and no others. To be called in the transaction that saves it.

    Costs one query while nothing changes.
    """
    rows = ImageUse.objects.filter(kind=kind, object_id=key, place=place)
    before = dict(rows.values_list("image_id", "image__digest"))
    digests, ids = set(DIGEST.findall(text)), set(image_ids)
    gone = [pk for pk, digest in before.items() if digest not in digests and pk not in ids]
    if gone:
        rows.filter(image_id__in=gone).delete()
    new = Q(digest__in=digests - set(before.values())) | Q(pk__in=ids - set(before))
    if digests <= set(before.values()) and ids <= set(before):
        return
    # Locked, in order: who deletes one of them at this moment waits, and then sees the use.
    found = Image.objects.filter(new).order_by("pk").select_for_update(of=("self",))
    ImageUse.objects.bulk_create(
        (
            ImageUse(image_id=pk, kind=kind, object_id=key, place=place)
            for pk in found.values_list("pk", flat=True)
        ),
        ignore_conflicts=True,
    )


def forget(kind: str, key: int) -> None:
    """The thing is deleted, or uses nothing any more."""
    ImageUse.objects.filter(kind=kind, object_id=key).delete()


def of(image: Image, user: User | None = None) -> Uses:
    """Where `image` is used, as far as `user` may know; everything when None.

    One query, and one for each kind of thing.
    """
    rows = list(image.uses.order_by("kind", "object_id", "place")[: MAX_SHOWN + 1])
    more = image.uses.count() - len(rows) if len(rows) > MAX_SHOWN else 0
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
