"""Review links: made, revoked, followed, commented on.

The token is 256 random bits. It is shown once, to who made it, and stored as a digest.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import policy
from blog.models import Post, ReviewComment, ReviewLink
from events.services import record
from lib.cleaning import clean_texts
from lib.limits import hit

TOKEN_BYTES = 32
DEFAULT_DAYS, MAX_DAYS = 14, 90
MAX_OPEN_LINKS = 50  # of one post
# Of one link, and of one address at all links.
COMMENTS_PER_HOUR = 20
SECONDS_IN_AN_HOUR = 3_600


class TooManyComments(ValidationError):
    """More than a reviewer says; `retry_after` seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("That is much at once. Please wait a while."))
        self.retry_after = retry_after


@transaction.atomic
def make_link(
    post: Post, *, by: User, days: int = DEFAULT_DAYS, label: str = ""
) -> tuple[ReviewLink, str]:
    """A new link to the text of `post` for `days`, and its address, told only here.

    Raises ValidationError, and PermissionDenied when `by` may not.
    """
    policy.require(policy.may_discuss(by, post))
    if not 1 <= days <= MAX_DAYS:
        text = _("Choose from 1 to %(days)d days.")
        raise ValidationError({"days": text % {"days": MAX_DAYS}})
    # The lock lets two requests at once not make one link too many.
    locked = Post.objects.select_for_update().get(pk=post.pk)
    if locked.review_links.open().count() >= MAX_OPEN_LINKS:
        raise ValidationError(_("There are many links to it already: revoke some."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = timezone.now() + timedelta(days=days)
    link = ReviewLink(
        post=locked, digest=_digest(token), label=label, made_by=by, expires_at=expires_at
    )
    clean_texts(link)
    link.full_clean(validate_unique=False)
    link.save()
    record("post.review_link_made", locked, actor=by, payload={"link": link.pk})
    return link, settings.SITE_URL + reverse("blog:review", args=[token])


@transaction.atomic
def revoke_link(link: ReviewLink, *, by: User) -> ReviewLink:
    """From now on it leads nowhere; what was said by it stays."""
    policy.require(policy.may_discuss(by, link.post))
    link = ReviewLink.objects.select_for_update().select_related("post").get(pk=link.pk)
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        record("post.review_link_revoked", link.post, actor=by, payload={"link": link.pk})
    return link


def find_link(token: str) -> ReviewLink | None:
    """The link with this token, open or not; None for one that never was."""
    found = ReviewLink.objects.filter(digest=_digest(token), post__trashed_at=None)
    return found.select_related("post__category", "post__series", "post__cover").first()


@transaction.atomic
def add_comment(link: ReviewLink, *, name: str, text: str, address: str) -> ReviewComment:
    """What somebody at `address` who followed `link` says.

    Raises TooManyComments, and ValidationError for what cannot be stored.
    """
    comment = ReviewComment(link=link, name=name, text=text, version=link.post.version)
    clean_texts(comment)
    comment.text = comment.text.strip()
    comment.full_clean(validate_unique=False)
    for key in (f"review-link:{link.pk}", f"review-address:{address}"):
        wait = hit(key, COMMENTS_PER_HOUR, SECONDS_IN_AN_HOUR)
        if wait is not None:
            raise TooManyComments(wait)
    comment.save()
    record("post.review_comment", link.post, payload={"comment": comment.pk})
    return comment


def comments_on(post: Post) -> QuerySet[ReviewComment]:
    """What reviewers said of `post`, the oldest first."""
    found = ReviewComment.objects.filter(link__post=post)
    return found.select_related("link").order_by("pk")


def comments_for(user: User) -> QuerySet[ReviewComment]:
    """What reviewers said of all posts that `user` may discuss; the rule of `may_discuss`."""
    posts = Post.objects.filter(trashed_at__isnull=True)
    if not user.has_perm("blog.add_post"):
        posts = posts.none()
    elif not user.has_perm("blog.edit_any_content"):
        posts = posts.written_by(user)
    found = ReviewComment.objects.filter(Exists(posts.filter(pk=OuterRef("link__post_id"))))
    # Not the texts of the posts, which may be a megabyte each.
    return found.select_related("link__post").only(
        *("name", "text", "created_at", "link__label", "link__post__title")
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
