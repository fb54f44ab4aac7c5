"""The way of a post from its writer to its readers: submitted, sent back, talked about.

Submitting and publishing are in `blog.services`; here is what editors and writers say to each
other on the way. Who is mailed of it is in `blog.workflow_mail`.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from blog import policy, todo
from blog.models import Content, Post, Remark, Task
from blog.services import unpublish_content
from events.services import record
from lib.cleaning import clean_texts


def thread_of(post: Post) -> QuerySet[Remark]:
    """What was said about `post`, the oldest first."""
    return post.remarks.select_related("author", "resolved_by").order_by("pk")


@transaction.atomic
def add_remark(post: Post, *, by: User, text: str) -> Remark:
    """Say something in the thread of `post`.

    Raises ValidationError for an empty or too long text, PermissionDenied when `by` may not.
    """
    policy.require(policy.may_discuss(by, post))
    remark = _store(Remark(post=post, author=by, text=text))
    record("post.remarked", post, actor=by, payload={"remark": remark.pk})
    return remark


@transaction.atomic
def resolve_remark(remark: Remark, *, by: User, resolved: bool = True) -> Remark:
    """Say that `remark` asks nothing any more, or (`resolved=False`) that it does again.

    Who writes the post may, and who reviews it. Nothing happens when it is so already. Raises
    PermissionDenied.
    """
    policy.require(policy.may_discuss(by, remark.post))
    remark = Remark.objects.select_for_update(of=("self",)).select_related("post").get(pk=remark.pk)
    if (remark.resolved_at is not None) != resolved:
        remark.resolved_at = timezone.now() if resolved else None
        remark.resolved_by = by if resolved else None
        remark.save(update_fields=["resolved_at", "resolved_by"])
        kind = "post.remark_resolved" if resolved else "post.remark_reopened"
        record(kind, remark.post, actor=by, payload={"remark": remark.pk})
    return remark


@transaction.atomic
def request_changes(post: Post, *, by: User, text: str) -> Remark:
    """Send what waits for review back to its writers, and say what to change.

    Raises ValidationError when it does not wait for review or nothing is said, PermissionDenied
    when `by` is no editor.
    """
    policy.require(policy.may_review(by, post))
    locked = Post.objects.select_for_update().get(pk=post.pk)
    if locked.status != Content.Status.IN_REVIEW:
        raise ValidationError(_("It does not wait for review."))
    remark = _store(Remark(post=locked, author=by, text=text, kind=Remark.Kind.CHANGES))
    unpublish_content(locked, by=by)
    record("post.changes_requested", locked, actor=by, payload={"remark": remark.pk})
    post.refresh_from_db()
    return remark


@transaction.atomic
def assign_post(post: Post, *, by: User, to: User, due: date | None, title: str = "") -> Task:
    """Give somebody a task about `post`: to review it, unless `title` says something else."""
    policy.require(policy.may_discuss(by, post))
    title = title.strip() or _("Review “%(title)s”") % {"title": post.title[:180]}
    return todo.save_task(Task(title=title, post=post, assignee=to, due=due), by=by)


def _store(remark: Remark) -> Remark:
    clean_texts(remark)
    remark.text = remark.text.strip()
    remark.full_clean(validate_unique=False)
    remark.save()
    return remark
