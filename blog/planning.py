"""The month as editors plan it: what is published, scheduled and thought of for which day.

Days are those of the site's time zone, from one midnight to the next, however long that is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import policy
from blog.models import Content, Page, Post, WorkingRevision
from blog.services import StaleVersion, publish_content, save_content
from events.models import Event, Receipt

FIRST_YEAR, LAST_YEAR = 1900, 2199
SHOWN_PER_DAY = 6  # in the month; the day has a list of its own
MAX_POSTS = 1_000  # of one day, and as many pages and changes
PUBLICATIONS_SHOWN = 3  # of one post


class Entry(NamedTuple):
    """What happens at a moment: a post or a page is published, or changes beside one are."""

    at: datetime
    kind: str  # "post", "page" or "changes"
    thing: Post | Page | WorkingRevision


@dataclass
class Day:
    """One day and what is published on it, the earliest first; of each kind SHOWN_PER_DAY."""

    date: date
    posts: list[Post] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    # What is to be published beside posts and pages that are live already.
    changes: list[WorkingRevision] = field(default_factory=list)
    total: int = 0

    @property
    def shown(self) -> list[Entry]:
        """The first of all kinds together."""
        return _in_order(self.posts, self.pages, self.changes)[:SHOWN_PER_DAY]

    @property
    def more(self) -> int:
        """How many others there are."""
        return self.total - len(self.shown)


@dataclass(frozen=True)
class Month:
    """All days of one month."""

    days: list[Day]

    @property
    def first(self) -> date:
        return self.days[0].date

    @property
    def before(self) -> date | None:
        """The first day of the month before; None at the end of all calendars."""
        first = (self.first - timedelta(days=1)).replace(day=1)
        return first if first.year >= FIRST_YEAR else None

    @property
    def after(self) -> date | None:
        first = self.days[-1].date + timedelta(days=1)
        return first if first.year <= LAST_YEAR else None

    def weeks(self, first_weekday: int = 0) -> list[list[Day | None]]:
        """By weeks that begin on `first_weekday` (0 is Monday); None is a day of another month."""
        lead = (self.first.weekday() - first_weekday) % 7
        cells: list[Day | None] = [None] * lead + self.days
        cells += [None] * (-len(cells) % 7)
        return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def month_of(day: date, user: User) -> Month:
    """The month in which `day` is, with what `user` may open.

    A draft stands at the time it is meant for, where it has one.
    """
    first = day.replace(day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)
    length = (next_first - first).days
    days = [Day(first + timedelta(days=number)) for number in range(length)]
    for kind, moment, rows in _planned(user):
        rows = rows.filter(**{f"{moment}__gte": _begin(first), f"{moment}__lt": _begin(next_first)})
        for row in _first_of_days(rows, moment):
            its_day = days[local_time(getattr(row, moment)).day - 1]
            found = getattr(its_day, kind)
            its_day.total += 0 if found else row.of_day
            found.append(row)
    return Month(days)


def day_of(day: date, user: User) -> list[Entry]:
    """Everything on one day that `user` may open, the earliest first."""
    found = []
    for _kind, moment, rows in _planned(user):
        next_day = _begin(day + timedelta(days=1))
        rows = rows.filter(**{f"{moment}__gte": _begin(day), f"{moment}__lt": next_day})
        found.append(rows.order_by(moment, "pk")[:MAX_POSTS])
    return _in_order(*found)


def changes_of(user: User) -> QuerySet[WorkingRevision]:
    """What waits beside the posts and pages that `user` may edit."""
    posts = Post.objects.editable_by(user).filter(trashed_at=None)
    pages = Page.objects.editable_by(user).filter(trashed_at=None)
    # Asked of each of the few that wait: SQLite would list all posts for `in`.
    return WorkingRevision.objects.filter(
        Exists(posts.filter(pk=OuterRef("post_id"))) | Exists(pages.filter(pk=OuterRef("page_id")))
    )


def scheduled_changes(user: User) -> QuerySet[WorkingRevision]:
    """Changes of live posts and pages that `user` may edit, with a time of their own."""
    return changes_of(user).filter(publish_at__isnull=False)


def without_day(user: User) -> QuerySet[Post]:
    """What `user` writes and nobody has planned yet, the last changed first."""
    posts = Post.objects.editable_by(user).exclude(status=Content.Status.PUBLISHED)
    return _brief(posts.filter(published_at=None, trashed_at=None)).order_by("-updated_at", "-pk")


def movable_by(user: User) -> QuerySet[Post]:
    """What `user` may give another time: whatever is not public yet, or was and will be again."""
    posts = Post.objects.editable_by(user).filter(trashed_at=None)
    return posts.exclude(status=Content.Status.PUBLISHED, published_at__lte=timezone.now())


@transaction.atomic
def move(post: Post, *, by: User, at: datetime, expected_version: int | None = None) -> Post:
    """Have `post` published at `at`: what is scheduled then, a draft if nothing comes between.

    Raises ValidationError for what is public already and for a time that has passed, StaleVersion
    when somebody has saved it since `expected_version`, PermissionDenied when `by` may not.
    """
    locked = Post.objects.select_for_update().get(pk=post.pk)
    policy.require(policy.may_edit(by, locked))
    if expected_version is not None and locked.version != expected_version:
        raise StaleVersion(_("Somebody else has saved this since you opened it."))
    if locked.trashed_at:
        raise ValidationError(_("Take it out of the bin first."))
    if at <= timezone.now():
        raise ValidationError({"at": _("Choose a time to come.")})
    if locked.is_scheduled:
        return publish_content(locked, by=by, at=at)
    if locked.status == Content.Status.PUBLISHED:
        raise ValidationError(_("It is published already."))
    locked.published_at = at
    return save_content(locked, by=by, reason="planned")


def publications_of(post: Post) -> list[Event]:
    """The last times it was published or scheduled, each with what followed from it."""
    events = Event.objects.filter(
        subject_type=post._meta.label_lower, subject_id=str(post.pk), kind="post.published"
    )
    found = list(events.select_related("actor").order_by("-id")[:PUBLICATIONS_SHOWN])
    receipts = Receipt.objects.filter(event__in=found).order_by("pk")
    for event in found:
        event.effects = [receipt for receipt in receipts if receipt.event_id == event.pk]
    return found


def local_time(moment: datetime) -> datetime:
    """`moment` in the zone of the site."""
    return moment.astimezone(ZoneInfo(settings.SITE_TIME_ZONE))


def _begin(day: date) -> datetime:
    # Where a change of the clock leaves midnight out, this is the moment of the change; where it
    # comes twice, the first one.
    return datetime.combine(day, time(), ZoneInfo(settings.SITE_TIME_ZONE))


def _planned(user: User) -> list[tuple[str, str, QuerySet]]:
    """Each kind of what stands in the calendar, the column of its time, and the rows."""
    rows = scheduled_changes(user).select_related("post", "page")
    found = [
        ("posts", "published_at", _brief(Post.objects.visible_to(user))),
        ("changes", "publish_at", rows.only("publish_at", "post__title", "page__title")),
    ]
    # Pages are made by editors only: to others the calendar is that of posts.
    if policy.may_create(user, Page):
        found.append(("pages", "published_at", _brief(Page.objects.visible_to(user))))
    return found


def _first_of_days(rows: QuerySet, moment: str) -> QuerySet:
    """The first SHOWN_PER_DAY of each day, each with `of_day`: how many the day has."""
    day = TruncDate(moment, tzinfo=ZoneInfo(settings.SITE_TIME_ZONE))
    return (
        rows.annotate(
            place=Window(RowNumber(), partition_by=[day], order_by=[moment, "pk"]),
            of_day=Window(Count("pk"), partition_by=[day]),
        )
        .filter(place__lte=SHOWN_PER_DAY)
        .order_by(moment, "pk")
    )


def _in_order(*kinds: Iterable[Post | Page | WorkingRevision]) -> list[Entry]:
    entries = [
        Entry(thing.publish_at, "changes", thing)
        if isinstance(thing, WorkingRevision)
        else Entry(thing.published_at, thing._meta.model_name, thing)
        for things in kinds
        for thing in things
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.thing.pk))


def _brief(contents: QuerySet) -> QuerySet:
    return contents.only(
        *("title", "slug", "status", "published_at", "unpublish_at", "trashed_at", "updated_at"),
        "version",
    )
