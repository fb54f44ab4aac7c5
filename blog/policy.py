"""May this person do this? One answer for pages, admin and API.

What a person may see or change is a queryset (`visible_to`, `editable_by`); here is what they
may do with it.
"""

from accounts.models import User
from accounts.policy import require as require
from blog.models import Content, Page, Post, Task


def may_create(user: User, model: type[Content]) -> bool:
    """Contributors and above write posts; pages are made by editors."""
    if issubclass(model, Page):
        return user.has_perm("blog.edit_any_content")
    return user.has_perm("blog.add_post")


def may_edit(user: User, content: Content) -> bool:
    return type(content).objects.editable_by(user).filter(pk=content.pk).exists()


def may_publish(user: User, content: Content) -> bool:
    """Authors publish and take down their own, editors everything."""
    if user.has_perm("blog.edit_any_content"):
        return True
    return user.has_perm("blog.publish_content") and may_edit(user, content)


def may_unpublish(user: User, content: Content) -> bool:
    """Who may edit it withdraws it from review; what is public takes one who may publish."""
    if content.status == Content.Status.IN_REVIEW:
        return may_edit(user, content)
    return may_publish(user, content)


def may_delete(user: User, content: Content) -> bool:
    """For ever, that is; the bin is for whoever may edit."""
    return user.has_perm(f"blog.delete_{content._meta.model_name}") and may_edit(user, content)


def may_name_authors(user: User) -> bool:
    """Put other names than one's own in a byline."""
    return user.has_perm("blog.edit_any_content")


def may_make_tasks(user: User) -> bool:
    """Whoever writes keeps a list of what is to be done."""
    return user.has_perm("blog.add_post")


def may_edit_task(user: User, task: Task) -> bool:
    return Task.objects.editable_by(user).filter(pk=task.pk).exists()


def may_delete_task(user: User, task: Task) -> bool:
    """Who made it, and editors; whose task it is completes it."""
    return user.has_perm("blog.edit_any_content") or (
        may_make_tasks(user) and task.created_by_id == user.pk
    )


def may_assign(user: User, assignee: User | None) -> bool:
    """Editors give tasks to anyone, others take them for themselves or leave them open."""
    return assignee in (None, user) or user.has_perm("blog.edit_any_content")


def may_discuss(user: User, post: Post) -> bool:
    """Editors, and whoever writes it, also while they may not change it; nothing in the bin."""
    if post.trashed_at or not user.has_perm("blog.add_post"):
        return False
    if user.has_perm("blog.edit_any_content"):
        return True
    return Post.objects.written_by(user).filter(pk=post.pk).exists()


def may_review(user: User, post: Post) -> bool:
    """Send it back to its writers, or publish it for them."""
    return user.has_perm("blog.edit_any_content") and not post.trashed_at
