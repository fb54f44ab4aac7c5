"""Mail to those whom a step concerns, and never to who took it.

A handler looks at what is so when it runs: who has lost the role or the post by then hears
nothing.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from accounts.models import Role, User
from blog import policy
from blog.models import Content, Post, Remark, ReviewComment, Task, WorkingRevision
from events.handlers import handles
from events.mail import queue_mail
from events.models import Event


@handles("post.submitted", name="mail_of_submission")
def tell_editors(event: Event) -> None:
    """Those who have a task about it; when nobody has, all editors."""
    post = _post_of(event)
    if post is None or post.status != Content.Status.IN_REVIEW:
        return
    asked = User.objects.filter(tasks__post=post, tasks__completed=False).distinct()
    editors = [user for user in asked if policy.may_review(user, post)]
    if not editors:
        # Administrators can do it as well, but it is not what they are there for.
        editors = list(User.objects.filter(groups__name=Role.EDITOR))
        editors = editors or list(User.objects.administrators())
    _send("submitted", event, post, editors)


@handles("post.changes_requested", name="mail_of_changes")
def tell_writers_of_changes(event: Event) -> None:
    post = _post_of(event)
    remark = Remark.objects.filter(pk=event.payload.get("remark")).first()
    if post is not None and remark is not None:
        _send("changes", event, post, post.byline, text=remark.text)


@handles("post.published", name="mail_of_publication")
def tell_writers_of_publication(event: Event) -> None:
    """Writers whose post somebody else has published."""
    post = _post_of(event)
    writers = post.byline if post else []
    # Who publishes an own post, and an import, has nothing to tell the others.
    if post is not None and event.actor is not None and event.actor not in writers:
        _send("published", event, post, writers, at=post.published_at)


@handles("post.remarked", name="mail_of_remark")
def tell_thread(event: Event) -> None:
    """The writers, and everybody who said something before."""
    post = _post_of(event)
    remark = Remark.objects.filter(pk=event.payload.get("remark")).first()
    if post is None or remark is None:
        return
    before = User.objects.filter(remarks__post=post, remarks__pk__lt=remark.pk).distinct()
    people = [user for user in before if policy.may_discuss(user, post)]
    _send("remarked", event, post, [*post.byline, *people], text=remark.text)


@handles("post.review_comment", name="mail_of_review_comment")
def tell_of_review(event: Event) -> None:
    """The writers, and who made the link that the reviewer followed."""
    post = _post_of(event)
    comments = ReviewComment.objects.select_related("link__made_by")
    comment = comments.filter(pk=event.payload.get("comment")).first()
    if post is None or comment is None:
        return
    maker = comment.link.made_by
    asked = [maker] if maker is not None and policy.may_discuss(maker, post) else []
    said = {"who": comment.name, "text": comment.text}
    _send("reviewed", event, post, [*post.byline, *asked], **said)


@handles("task.assigned", name="mail_of_task")
def tell_assignee(event: Event) -> None:
    task = Task.objects.filter(pk=event.subject_id).select_related("assignee").first()
    if task is None or task.completed or task.assignee_id != event.payload.get("assignee"):
        return
    address = reverse("admin:blog_task_change", args=[task.pk])
    said = {"title": task.title, "text": task.description, "due": task.due}
    _mail("assigned", event, [task.assignee], address=address, **said)


@handles("changes.refused", name="mail_of_refused_changes")
def tell_of_refused_changes(event: Event) -> None:
    """Who scheduled the changes and who saved them last; without either, whoever else writes it."""
    rows = WorkingRevision.objects.select_related("post", "page", "scheduled_by", "last__editor")
    row = rows.filter(pk=event.subject_id).first()
    # Somebody may have mended, scheduled, published or discarded them meanwhile.
    if row is None or not row.refusal or row.subject.trashed_at:
        return
    content = row.subject
    others = content.byline if isinstance(content, Post) else []
    people = _who_may_edit(content, [row.scheduled_by, row.last.editor])
    _mail(
        "refused",
        event,
        people or _who_may_edit(content, others),
        address=reverse(f"admin:blog_{content._meta.model_name}_working", args=[content.pk]),
        title=content.title,
        text=row.refusal,
        at=parse_datetime(event.payload["at"]),
    )


def _who_may_edit(content: Content, people: Iterable[User | None]) -> list[User]:
    known = [user for user in people if user is not None and user.may_sign_in]
    return [user for user in dict.fromkeys(known) if policy.may_edit(user, content)]


def _post_of(event: Event) -> Post | None:
    return Post.objects.filter(pk=event.subject_id, trashed_at__isnull=True).first()


def _send(step: str, event: Event, post: Post, people: Iterable[User], **said: Any) -> None:
    address = reverse("admin:blog_post_workflow", args=[post.pk])
    _mail(step, event, people, address=address, title=post.title, **said)


def _mail(step: str, event: Event, people: Iterable[User], *, address: str, **said: Any) -> None:
    who = event.actor.name if event.actor else ""
    for user in dict.fromkeys(people):
        if user.pk == event.actor_id or not user.email or not user.may_sign_in:
            continue
        queue_mail(
            "workflow",
            to=user.email,
            language=user.language,
            context={
                "step": step,
                "name": user.name,
                "who": who,
                "text": "",
                **said,
                "url": settings.SITE_URL + address,
            },
            kind="workflow",
            dedupe_key=f"workflow:{event.pk}:{user.pk}",
            recipient=user,
        )
