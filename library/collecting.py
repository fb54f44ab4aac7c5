"""Sorting the library into collections."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.policy import require
from lib.cleaning import clean_texts
from library import policy
from library.models import Collection, Image, Video


@transaction.atomic
def save_collection(collection: Collection, *, by: User | None) -> Collection:
    """Make or rename one. Raises ValidationError when the name is taken."""
    if by is not None:
        require(policy.may_collect(by))
    clean_texts(collection)
    collection.full_clean(exclude=["images", "videos"])
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError as error:
        # Somebody took the name between our look and our write.
        raise ValidationError({"name": _("Another collection has this name.")}) from error
    return collection


@transaction.atomic
def put_into(collection: Collection, things: Iterable[Image | Video], *, by: User | None) -> int:
    """Put images and videos into one, as well as where they are. Answers how many."""
    if by is not None:
        require(policy.may_collect(by))
    found = list(things)
    collection.images.add(*(thing for thing in found if isinstance(thing, Image)))
    collection.videos.add(*(thing for thing in found if isinstance(thing, Video)))
    return len(found)


@transaction.atomic
def take_out(collection: Collection, things: Iterable[Image | Video], *, by: User | None) -> int:
    """Take images and videos out of one; the library keeps them. Answers how many."""
    if by is not None:
        require(policy.may_collect(by))
    found = list(things)
    collection.images.remove(*(thing for thing in found if isinstance(thing, Image)))
    collection.videos.remove(*(thing for thing in found if isinstance(thing, Video)))
    return len(found)


@transaction.atomic
def sort_into(thing: Image | Video, collections: Iterable[Collection], *, by: User | None) -> None:
    """Have an image or a video be in these collections and in no others.

    Raises ValidationError when one of them was deleted meanwhile.
    """
    if by is not None:
        require(policy.may_collect(by))
    wanted = {collection.pk for collection in collections}
    # Locked, so that none goes before this is stored; in one order, so that two wait in turn.
    found = Collection.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    if missing := sorted(wanted - {collection.pk for collection in found}):
        text = _("There is nothing with these keys: %(keys)s.")
        keys = ", ".join(str(key) for key in missing)
        raise ValidationError({"collections": text % {"keys": keys}})
    thing.collections.set(found)


@transaction.atomic
def delete_collection(collection: Collection, *, by: User | None) -> None:
    """Delete one; what is in it stays in the library."""
    if by is not None:
        require(policy.may_delete(by))
    collection.delete()
