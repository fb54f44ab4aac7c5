"""Narrowing lists over the API: allow-listed names, each with its own rule."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog.models import Content, ContentQuerySet, Post, PostAuthor, PostQuerySet
from lib.api.pagination import whole_number

MAX_NAMES = 20  # in one filter
MAX_NAME_LENGTH = 100  # characters
_TAGGED = Post.tags.through


class MomentField(forms.Field):
    """A moment as ISO 8601, with its offset; or a day, which begins in the site's time zone."""

    default_error_messages = {
        "invalid": _("Give a time such as 2026-05-01T12:00:00Z, or a day such as 2026-05-01.")
    }

    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        refusal = ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            # A plus sign in an address is read as a space.
            moment = parse_datetime(value.replace(" ", "+"))
            if moment is None and (day := parse_date(value)):
                moment = datetime.combine(day, time.min)
        except ValueError as error:
            raise refusal from error
        # Databases and zones calculate around it: leave them room at both ends of the calendar.
        if moment is None or not 1 < moment.year < 9999:
            raise refusal
        if moment.tzinfo is None:
            return moment.replace(tzinfo=ZoneInfo(settings.SITE_TIME_ZONE))
        if abs(moment.utcoffset()) >= timedelta(days=1):
            raise refusal
        return moment


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class NamesField(forms.CharField):
    """Names, separated by commas."""

    def to_python(self, value: str | None) -> list[str]:
        text = super().to_python(value)
        if "\x00" in text:  # The form's own check looks at texts, and this becomes a list.
            raise ValidationError(_("Null characters are not allowed."))
        names = list(dict.fromkeys(name for name in map(str.strip, text.split(",")) if name))
        if len(names) > MAX_NAMES:
            raise ValidationError(_("Give at most %d names.") % MAX_NAMES)
        if any(len(name) > MAX_NAME_LENGTH for name in names):
            raise ValidationError(_("A name has at most %d characters.") % MAX_NAME_LENGTH)
        return names


class NamesFilter(django_filters.Filter):
    field_class = NamesField


class TruthField(forms.ChoiceField):
    """`true` or `false`."""

    def __init__(self, **keywords) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], **keywords)


class TruthFilter(django_filters.Filter):
    """As DRF and JSON write it; anything else is refused and not taken for "both"."""

    field_class = TruthField

    def filter(self, queryset: ContentQuerySet, value: str) -> ContentQuerySet:
        return queryset.filter(**{self.field_name: value == "true"}) if value else queryset


def _since(column: str, what: str) -> MomentFilter:
    return MomentFilter(field_name=column, lookup_expr="gte", label=f"{what} then or later")


def _until(column: str, what: str) -> MomentFilter:
    return MomentFilter(field_name=column, lookup_expr="lt", label=f"{what} before then")


class ContentFilters(django_filters.FilterSet):
    """What posts and pages share. `after` includes its moment, `before` does not: windows that
    touch neither overlap nor leave a gap."""

    status = django_filters.ChoiceFilter(choices=Content.Status.choices, label="Stored status")
    state = django_filters.ChoiceFilter(
        choices=[choice for choice in Content.State.choices if choice[0] != Content.State.TRASHED],
        method="by_state",
        label="Status together with the clock",
    )
    language = django_filters.CharFilter(
        method="by_language", max_length=35, label="Language tag; `zh` finds zh-hans, too"
    )
    visibility = django_filters.ChoiceFilter(choices=Content.Visibility.choices)
    published_after = _since("published_at", "Published")
    published_before = _until("published_at", "Published")
    created_after = _since("created_at", "Created")
    created_before = _until("created_at", "Created")
    updated_after = _since("updated_at", "Saved")
    updated_before = _until("updated_at", "Saved")

    def by_state(self, queryset: ContentQuerySet, name: str, value: str) -> ContentQuerySet:
        return queryset.in_state(Content.State(value))

    def by_language(self, queryset: ContentQuerySet, name: str, value: str) -> ContentQuerySet:
        tag = value.lower().replace("_", "-")
        return queryset.filter(Q(language=tag) | Q(language__startswith=f"{tag}-"))


class PageFilters(ContentFilters):
    """For lists of pages."""


class PostFilters(ContentFilters):
    """For lists of posts. Terms are named by slug or, where it is a number, by id."""

    category = django_filters.CharFilter(method="by_term", label="Slug or id")
    series = django_filters.CharFilter(method="by_term", label="Slug or id")
    tags = NamesFilter(method="by_any_tag", label="Slugs: posts with any of them")
    tags_all = NamesFilter(method="by_all_tags", label="Slugs: posts with all of them")
    tags_none = NamesFilter(method="by_no_tag", label="Slugs: posts with none of them")
    author = django_filters.CharFilter(method="by_author", max_length=50, label="Username")
    featured = TruthFilter()

    def by_term(self, queryset: PostQuerySet, name: str, value: str) -> PostQuerySet:
        key = whole_number(value)
        by_slug = Q(**{f"{name}__slug": value})
        return queryset.filter(by_slug if key is None else by_slug | Q(**{name: key}))

    def by_any_tag(self, queryset: PostQuerySet, name: str, value: list[str]) -> PostQuerySet:
        return queryset.filter(pk__in=_tagged(value)) if value else queryset

    def by_all_tags(self, queryset: PostQuerySet, name: str, value: list[str]) -> PostQuerySet:
        for slug in value:
            queryset = queryset.filter(pk__in=_tagged([slug]))
        return queryset

    def by_no_tag(self, queryset: PostQuerySet, name: str, value: list[str]) -> PostQuerySet:
        return queryset.exclude(pk__in=_tagged(value)) if value else queryset

    def by_author(self, queryset: PostQuerySet, name: str, value: str) -> PostQuerySet:
        people = User.objects.named(value)
        entries = PostAuthor.objects.filter(user__in=people)
        return queryset.filter(pk__in=entries.values("post_id"))


def _tagged(slugs: list[str]):
    """The keys of posts with any of the tags."""
    return _TAGGED.objects.filter(tag__slug__in=slugs).values("post_id")
