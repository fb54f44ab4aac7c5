"""The month calendar of posts, and giving one another time without a script."""

import re
from datetime import date

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from blog import planning, policy
from blog.models import Page, Post
from lib.admin import KEY, add_refusal

MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_PAGE_SIZE = 100
UNPLANNED_SHOWN = 12


class MoveForm(forms.Form):
    """When a post is to be published, in the time of the site."""

    at = forms.DateTimeField(
        label=_("Publication time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CalendarPage:
    """Adds `calendar/` to the admin of posts."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(self.calendar_view)
        ours = path("calendar/", self.admin_site.admin_view(view), name="blog_post_calendar")
        return [ours, *super().get_urls()]

    def calendar_view(self, request: HttpRequest) -> HttpResponseBase:
        """One month, `?day=` with the whole list of one day; `?move=<id>` asks for another time of
        that post, a POST gives it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        chosen = _chosen_day(request.GET.get("day", ""))
        day = chosen or _first_of(request.GET.get("month", ""))
        post = form = None
        if key := request.GET.get("move", ""):
            movable = planning.movable_by(request.user)
            post = get_object_or_404(movable, pk=key) if KEY.fullmatch(key) else None
            if post is None:
                raise Http404
            form = _form_for(request, post)
        if request.method == "POST":
            if form is None:
                raise Http404
            if form.is_valid() and self._moved(request, post, form):
                month = f"{planning.local_time(post.published_at):%Y-%m}"
                return redirect(f"{reverse('admin:blog_post_calendar')}?month={month}")
        context = {**self._month(request, day, chosen), "post": post, "form": form}
        return TemplateResponse(request, "admin/blog/calendar.html", context)

    def _moved(self, request: HttpRequest, post: Post, form: MoveForm) -> bool:
        given = form.cleaned_data
        try:
            moved = planning.move(
                post, by=request.user, at=given["at"], expected_version=given["version"]
            )
        except ValidationError as error:
            add_refusal(form, error)
            return False
        post.published_at = moved.published_at
        when = date_format(planning.local_time(moved.published_at), "DATETIME_FORMAT")
        told = _("“%(title)s” is planned for %(when)s.")
        self.message_user(request, told % {"title": moved.title, "when": when})
        return True

    def _month(self, request: HttpRequest, day: date, chosen: date | None) -> dict:
        month = planning.month_of(day, request.user)
        found = planning.day_of(chosen, request.user) if chosen else []
        page = Paginator(found, DAY_PAGE_SIZE).get_page(request.GET.get("p"))
        # Django counts from Sunday, Python from Monday.
        first_weekday = (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7
        order = [(first_weekday + number) % 7 for number in range(7)]
        entries = [*page, *(entry for each in month.days for entry in each.shown)]
        keys = [entry.thing.pk for entry in entries if entry.kind == "post"]
        editable = Post.objects.editable_by(request.user).filter(pk__in=keys)
        movable = planning.movable_by(request.user).filter(pk__in=keys)
        return {
            **self.admin_site.each_context(request),
            "title": _("Calendar"),
            "opts": self.opts,
            "month": month,
            "chosen": chosen,
            "entries": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "may_edit_pages": policy.may_create(request.user, Page),
            "weeks": month.weeks(first_weekday),
            "weekdays": [(WEEKDAYS[number], WEEKDAYS_ABBR[number]) for number in order],
            "today": timezone.localdate(),
            "editable": set(editable.values_list("pk", flat=True)) if keys else set(),
            "movable": set(movable.values_list("pk", flat=True)) if keys else set(),
            "unplanned": planning.without_day(request.user)[:UNPLANNED_SHOWN],
        }


def _form_for(request: HttpRequest, post: Post) -> MoveForm:
    at = planning.local_time(post.published_at) if post.published_at else None
    initial = {"at": at, "version": post.version}
    return MoveForm(request.POST if request.method == "POST" else None, initial=initial)


def _chosen_day(text: str) -> date | None:
    """The day that is asked for; None when none is. Raises Http404."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not planning.FIRST_YEAR <= day.year <= planning.LAST_YEAR:
        raise Http404
    return day


def _first_of(text: str) -> date:
    """The first of the month that is asked for; this one when none is. Raises Http404."""
    if not text:
        return timezone.localdate().replace(day=1)
    match = MONTH.fullmatch(text)
    year, month = (int(number) for number in match.groups()) if match else (0, 0)
    if not (planning.FIRST_YEAR <= year <= planning.LAST_YEAR and 1 <= month <= 12):
        raise Http404
    return date(year, month, 1)
