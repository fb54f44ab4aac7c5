"""What becomes of posts when one of their authors leaves, and what of them an export holds."""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from accounts import erasure, export
from accounts.models import User
from blog.models import Autosave, OldAddress, Post, Remark, Revision, Task, WorkingSave
from blog.services import save_content
from events.handlers import handles
from events.models import Event
from events.services import record

POST_COLUMNS = (
    *("id", "title", "slug", "subtitle", "body", "excerpt", "language", "visibility", "status"),
    *("seo_title", "seo_description", "canonical_url", "featured", "series_part"),
    "corrections",
    *("published_at", "unpublish_at", "trashed_at", "created_at", "updated_at", "version"),
    *("category__name", "series__name"),
)
REVISION_COLUMNS = ("id", "post_id", "page_id", "number", "reason", "created_at", "snapshot")
TASK_COLUMNS = (
    *("id", "title", "description", "completed", "due", "post_id"),
    *("created_at", "updated_at", "version"),
)
WORKING_COLUMNS = (*REVISION_COLUMNS, "started_from")
AUTOSAVE_COLUMNS = ("id", "kind", "post_id", "page_id", "saved_at", "fields")
REMARK_COLUMNS = ("id", "post_id", "kind", "text", "created_at")


def register() -> None:
    """Called when the app is there."""
    erasure.register("posts", count=count_posts, settle=settle_posts)
    export.register("posts", write_posts)
    export.register("tasks", write_tasks)


def count_posts(user: User) -> int:
    return Post.objects.written_by(user).count()


def settle_posts(user: User, heir: User | None) -> None:
    """Put the heir into each byline, as a revision of each post; forget the old author pages.

    One transaction for each post: an author of thousands must not hold everybody else up.
    """
    keys = Post.objects.written_by(user).order_by("pk").values_list("pk", flat=True)
    for key in list(keys) if heir else []:
        with transaction.atomic():
            post = Post.objects.select_for_update().get(pk=key)
            byline = [heir if author == user else author for author in post.byline]
            save_content(post, by=None, authors=byline, reason="handed over")
    Autosave.objects.filter(user=user).delete()
    OldAddress.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=user.pk
    ).delete()


@handles("user.erased", name="tell_of_new_bylines", atomic=False)
def tell_of_new_bylines(event: Event) -> None:
    """Who keeps a copy of the posts must hear that a name is gone from them."""
    author = User.objects.filter(pk=event.subject_id).first()
    if author is None:
        return
    for post in Post.objects.written_by(author).order_by("pk").only("pk").iterator(500):
        with transaction.atomic():
            record("post.updated", post, payload={"changed": ["authors"]})


def write_posts(user: User, archive: export.Archive) -> None:
    """The person's posts as they are stored, and each save that was theirs."""
    own = Post.objects.written_by(user)
    archive.add_json("posts", export.rows_of(own, *POST_COLUMNS))
    tagged = own.filter(tags__isnull=False)
    archive.add_json("post_tags", export.rows_of(tagged, "id", "tags__name"))
    saved = Revision.objects.filter(editor=user)
    archive.add_json("revisions", export.rows_of(saved, *REVISION_COLUMNS))
    beside = WorkingSave.objects.filter(editor=user)
    archive.add_json("unpublished_changes", export.rows_of(beside, *WORKING_COLUMNS))
    typed = Autosave.objects.unsaved().filter(user=user)
    archive.add_json("unsaved_texts", export.rows_of(typed, *AUTOSAVE_COLUMNS))


def write_tasks(user: User, archive: export.Archive) -> None:
    """What the person noted down to be done, was given to do, and said about posts."""
    own = Task.objects.filter(Q(created_by=user) | Q(assignee=user))
    archive.add_json("tasks", export.rows_of(own, *TASK_COLUMNS))
    said = Remark.objects.filter(author=user)
    archive.add_json("remarks", export.rows_of(said, *REMARK_COLUMNS))
