"""The lines of the report about apps below this one. Those above and beside register their own."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog.models import Post
from events import schedule
from events.models import Mail, Receipt
from events.reporting import MAX_DETAILS, Detail, Line, register
from library.models import MAX_TRIES, Image


def register_lines() -> None:
    register(Line("posts_published", _("Posts published"), count_posts, list_posts))
    register(Line("posts_in_review", _("Posts waiting for review"), count_reviews, list_reviews))
    register(Line("people_joined", _("New accounts"), count_people))
    register(Line("mails_given_up", _("Mails given up"), parked(Mail), is_failure=True))
    register(Line("work_given_up", _("Work given up"), parked(Receipt), is_failure=True))
    register(
        Line("images_given_up", _("Pictures without renditions"), count_images, is_failure=True)
    )
    register(Line("jobs_failed", _("Jobs overdue"), count_jobs, list_jobs, is_failure=True))


def _went_live(since: datetime, until: datetime):
    """Posts that readers have now and did not have before."""
    return Post.objects.published().filter(published_at__gte=since, published_at__lt=until)


def count_posts(since: datetime, until: datetime) -> int:
    return _went_live(since, until).count()


def list_posts(since: datetime, until: datetime) -> list[Detail]:
    posts = _went_live(since, until).order_by("published_at", "pk").only("title", "slug")
    return [(post.title, post.get_absolute_url()) for post in posts[:MAX_DETAILS]]


def count_reviews(since: datetime, until: datetime) -> int:
    """As of now: what waits does not care since when."""
    return Post.objects.in_state(Post.State.IN_REVIEW).count()


def list_reviews(since: datetime, until: datetime) -> list[Detail]:
    posts = Post.objects.in_state(Post.State.IN_REVIEW).order_by("updated_at", "pk")
    posts = posts.only("title", "slug")[:MAX_DETAILS]
    return [(post.title, post.get_absolute_url()) for post in posts]


def count_people(since: datetime, until: datetime) -> int:
    """Accounts one can sign in to; not people who are only named as authors."""
    joined = Q(date_joined__gte=since, date_joined__lt=until)
    return User.objects.filter(joined, email__isnull=False).count()


def parked(model):
    """A function that counts the work of `model` that was given up."""

    def count(since: datetime, until: datetime) -> int:
        return model.objects.parked().filter(done_at__gte=since, done_at__lt=until).count()

    return count


def count_images(since: datetime, until: datetime) -> int:
    return Image.objects.filter(renditions_at=None, renditions_tries__gte=MAX_TRIES).count()


def count_jobs(since: datetime, until: datetime) -> int:
    return len(schedule.overdue())


def list_jobs(since: datetime, until: datetime) -> list[Detail]:
    return [(f"{late.job.title}: {late.reason}", "") for late in schedule.overdue()]
