"""May this person do this with an image? One answer for admin and API."""

from accounts.models import User
from library.models import Image


def may_see(user: User) -> bool:
    """Look through the library; a single file is public by its unguessable address."""
    return user.has_perm("library.view_image")


def may_upload(user: User) -> bool:
    return user.has_perm("library.add_image")


def may_describe(user: User, image: Image) -> bool:
    """Change its words: editors all, others what they uploaded."""
    if user.has_perm("library.change_image"):
        return True
    return image.uploaded_by_id == user.pk and may_upload(user)


def may_collect(user: User) -> bool:
    """Make collections, rename them, sort what is there into them."""
    return may_upload(user)


def may_delete(user: User) -> bool:
    return user.has_perm("library.delete_image")
