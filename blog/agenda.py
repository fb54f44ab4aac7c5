"""What needs a person at the desk, and what happened there lately: the first page of the admin.

Every box asks the same querysets as the lists it leads to, so that nobody reads here what they
may not open there.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from blog import planning, policy, review_links
from blog.models import Content, Page, Post, Remark, Revision, Task

SHOWN = 6  # entries in each box
COMMENTS_SINCE = timedelta(days=14)
WEEKS = 26
REFUSAL_LENGTH = 120  # characters
NAME_LENGTH = 80  # characters of what a reviewer calls themself, in one line


@dataclass(frozen=True)
class Entry:
    """One line of a box."""

    text: str
    address: str
    aside: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Box:
    """A short list; `more` is the address of the whole one, `empty` what is said without any."""

    key: str
    title: str
    entries: list[Entry]
    empty: str
    more: str = ""


def boxes(user: User) -> list[Box]:
    """What waits for `user`, the most urgent first, and what was written lately."""
    found = [_reviews(user), _scheduled(user), _comments(user), _recent(user)]
    if policy.may_make_tasks(user):
        found[1:1] = [_returned(user), _tasks(user)]
    return found


def _reviews(user: User) -> Box:
    posts = _brief(Post.objects.editable_by(user).in_state(Content.State.IN_REVIEW))
    return Box(
        "reviews",
        _("Waiting for review"),
        [
            Entry(
                post.title,
                reverse("admin:blog_post_workflow", args=[post.pk]),
                _("since %s") % _moment(post.updated_at),
            )
            for post in posts.order_by("updated_at", "pk")[:SHOWN]
        ],
        _("Nothing waits for review."),
        _list_of("post", "?state=in_review"),
    )


def _returned(user: User) -> Box:
    """Own drafts for which changes were asked, and changes that could not be published in time."""
    asked = Remark.objects.filter(kind=Remark.Kind.CHANGES).values("post_id")
    posts = _brief(Post.objects.written_by(user).in_state(Content.State.DRAFT))
    refused = planning.changes_of(user).exclude(refusal="")
    return Box(
        "returned",
        _("Sent back"),
        [
            *(
                Entry(
                    row.subject.title,
                    _form_of(row.subject),
                    _("not published at its time: %s") % row.refusal[:REFUSAL_LENGTH],
                    is_late=True,
                )
                for row in _brief_changes(refused).order_by("-pk")[:SHOWN]
            ),
            *(
                Entry(
                    post.title,
                    reverse("admin:blog_post_workflow", args=[post.pk]),
                    _("changes asked for"),
                )
                for post in posts.filter(pk__in=asked).order_by("-updated_at", "-pk")[:SHOWN]
            ),
        ],
        _("Nothing was sent back."),
    )


def _tasks(user: User) -> Box:
    tasks = Task.objects.visible_to(user).filter(assignee=user).unfinished()
    return Box(
        "tasks",
        _("My tasks"),
        [
            Entry(
                task.title,
                reverse("admin:blog_task_change", args=[task.pk]),
                _("due %s") % date_format(task.due, "Y-m-d") if task.due else "",
                task.is_overdue,
            )
            for task in tasks.most_urgent_first()[:SHOWN]
        ],
        _("Nothing is to be done by you."),
        _list_of("task", "?whose=mine"),
    )


def _scheduled(user: User) -> Box:
    posts = _brief(Post.objects.editable_by(user).in_state(Content.State.SCHEDULED))
    changes = _brief_changes(planning.scheduled_changes(user))
    waiting = [(post.published_at, post, "") for post in posts.order_by("published_at")[:SHOWN]]
    waiting += [
        (row.publish_at, row.subject, _("changes"))
        for row in changes.order_by("publish_at")[:SHOWN]
    ]
    waiting.sort(key=lambda each: (each[0], each[1].pk))
    return Box(
        "scheduled",
        _("Published next"),
        [
            Entry(post.title, _form_of(post), " · ".join(filter(None, [_moment(at), what])))
            for at, post, what in waiting[:SHOWN]
        ],
        _("Nothing is scheduled."),
        reverse("admin:blog_post_calendar"),
    )


def _comments(user: User) -> Box:
    comments = review_links.comments_for(user).filter(
        created_at__gte=timezone.now() - COMMENTS_SINCE
    )
    return Box(
        "comments",
        _("What reviewers say"),
        [
            Entry(
                _("%(name)s about “%(title)s”")
                % {"name": comment.name[:NAME_LENGTH], "title": comment.link.post.title},
                reverse("admin:blog_post_workflow", args=[comment.link.post_id]),
                _moment(comment.created_at),
            )
            for comment in comments.order_by("-pk")[:SHOWN]
        ],
        _("No reviewer has said anything for two weeks."),
    )


def _recent(user: User) -> Box:
    """What was saved last, and by whom."""
    found: list[Content] = []
    # Pages are made by editors only: others need not ask for theirs.
    for model in (Post, Page) if user.has_perm("blog.edit_any_content") else (Post,):
        contents = _brief(model.objects.editable_by(user).filter(trashed_at__isnull=True))
        saves = Revision.objects.filter(**{model._meta.model_name: OuterRef("pk")})
        last = saves.order_by("-number").values("editor_id")[:1]
        contents = contents.annotate(editor_id=Subquery(last))
        found += contents.order_by("-updated_at", "-pk")[:SHOWN]
    found = sorted(found, key=lambda content: content.updated_at, reverse=True)[:SHOWN]
    editors = User.objects.in_bulk({content.editor_id for content in found} - {None})
    return Box(
        "recent",
        _("Edited lately"),
        [
            Entry(
                content.title,
                _form_of(content),
                " · ".join(
                    [
                        str(content.state_label),
                        _moment(content.updated_at),
                        *(
                            [editors[content.editor_id].name]
                            if content.editor_id in editors
                            else []
                        ),
                    ]
                ),
            )
            for content in found
        ],
        _("Nothing is written yet."),
        _list_of("post"),
    )


# --- how much was published ---------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """One bar: `height` of CHART_HEIGHT, `x` and `y` where it stands."""

    monday: date
    count: int
    x: int
    y: int
    height: int


BAR_STEP, BAR_WIDTH, CHART_HEIGHT = 12, 9, 60  # units of the drawing


@dataclass(frozen=True)
class Chart:
    """Posts published in each of the last weeks, as bars and as numbers."""

    weeks: list[Week]
    total: int
    bar_width: int = BAR_WIDTH
    height: int = CHART_HEIGHT

    @property
    def width(self) -> int:
        return len(self.weeks) * BAR_STEP

    @property
    def most(self) -> int:
        return max(week.count for week in self.weeks)


def published_per_week(now: datetime | None = None) -> Chart:
    """What readers have, by the week it appeared in; weeks begin on Monday where the site is."""
    zone = ZoneInfo(settings.SITE_TIME_ZONE)
    now = now or timezone.now()
    today = now.astimezone(zone).date()
    this_week = today - timedelta(days=today.weekday())
    mondays = [this_week - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    since = datetime.combine(mondays[0], time(), zone)
    rows = (
        Post.objects.published(now)
        .filter(published_at__gte=since)
        .order_by()
        .values(week=TruncWeek("published_at", tzinfo=zone))
        .annotate(posts=Count("pk"))
        .values_list("week", "posts")
    )
    counts = {week.date(): posts for week, posts in rows}
    most = max(counts.values(), default=0)
    weeks = []
    for place, monday in enumerate(mondays):
        count = counts.get(monday, 0)
        # Even an empty week leaves a mark, so that the eye counts weeks; one post beside five
        # hundred is more than that.
        height = max(round(CHART_HEIGHT * count / most), 3 if count else 1) if most else 1
        weeks.append(Week(monday, count, place * BAR_STEP, CHART_HEIGHT - height, height))
    return Chart(weeks, sum(counts.values()))


# --- steps --------------------------------------------------------------------------------


def _brief(contents):
    """Only what a line shows and the state is made of."""
    return contents.only(
        *("title", "status", "published_at", "unpublish_at", "trashed_at", "updated_at")
    )


def _brief_changes(changes):
    shown = ("publish_at", "refusal", "post__title", "page__title")
    return changes.select_related("post", "page").only(*shown)


def _form_of(content: Content) -> str:
    return reverse(f"admin:blog_{content._meta.model_name}_change", args=[content.pk])


def _list_of(name: str, query: str = "") -> str:
    return reverse(f"admin:blog_{name}_changelist") + query


def _moment(moment: datetime | None) -> str:
    """In the zone of the site, as the lists of the admin say it."""
    if moment is None:
        return "–"
    return date_format(moment.astimezone(ZoneInfo(settings.SITE_TIME_ZONE)), "Y-m-d H:i")
