"""The editorial to-do list over the API: for everybody who writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import django_filters
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from blog import policy, rows, todo
from blog.api.base import CHOOSING, ReadingViewSet
from blog.api.inputs import MAX_KEY, line
from blog.api.writing import refusals
from blog.filters import TruthFilter
from blog.models import Post, Task, TaskQuerySet
from blog.models.task import DESCRIPTION_MAX_LENGTH
from blog.serializers import RowSerializer
from events.writing import WritingMixin
from lib.api.conditional import etag_of, versioned
from lib.api.pagination import Order, whole_number
from lib.api.parameters import checked_query
from lib.api.preconditions import versions_named
from lib.api.prepared import Beside
from lib.api.problems import StaleVersion
from lib.api.scopes import TokenScope

MAX_SEARCH_LENGTH = 100  # characters
ME = "me"
POST_COLUMNS = ("pk", "title", "slug", "status", "published_at", "unpublish_at", "trashed_at")


class Writes(BasePermission):
    """For who writes here; others find nothing."""

    def has_permission(self, request: Request, view) -> bool:
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if not policy.may_make_tasks(request.user):
            raise Http404
        return True


class TaskPostSerializer(serializers.Serializer):
    """The post that a task is about."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.URLField(help_text="Of its page on the site.")
    state = serializers.ChoiceField(choices=Post.State.choices)


class TaskSerializer(RowSerializer):
    """One thing to do."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    completed = serializers.BooleanField()
    assignee = serializers.CharField(allow_null=True, help_text="A username.")
    assignee_name = serializers.CharField(allow_null=True, help_text="As readers see it.")
    post = TaskPostSerializer(
        allow_null=True, help_text="Null when it is about none, or none that you may open."
    )
    due = serializers.DateField(allow_null=True)
    created_by = serializers.CharField(allow_null=True, help_text="A username.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Counts the saves; the ETag names it.")

    made_of: ClassVar[dict[str, rows.Field]] = {
        **{name: rows.Field((name,)) for name in ("id", "title", "description", "completed")},
        "assignee": rows.Field(("assignee__username",)),
        "assignee_name": rows.Field(
            ("assignee__display_name", "assignee__username"), lambda shown, name: shown or name
        ),
        "post": rows.Field(("post_id",)),  # its key, until add_links() has looked it up
        **{name: rows.Field((name,)) for name in ("due", "created_at", "updated_at", "version")},
        "created_by": rows.Field(("created_by__username",)),
    }
    in_lists = alone = (
        *("id", "title", "description", "completed", "assignee", "assignee_name", "post", "due"),
        *("created_by", "created_at", "updated_at", "version"),
    )

    def add_links(
        self, found: list[tuple[int, rows.Row]], only: tuple[str, ...], beside: Beside | None
    ) -> None:
        """Put the posts into the rows, those that the caller may open; one query."""
        if "post" not in only:
            return
        keys = {row["post"] for _key, row in found} - {None}
        visible = Post.objects.visible_to(self.context["request"].user)
        posts = visible.only(*POST_COLUMNS).in_bulk(keys) if keys else {}
        for _key, row in found:
            row["post"] = _post_row(posts.get(row["post"]))


def _post_row(post: Post | None) -> dict[str, Any] | None:
    if post is None:
        return None
    url = rows.address("blog:post_detail", post.slug)
    return {"id": post.pk, "title": post.title, "url": url, "state": post.state.value}


class TaskInput(serializers.Serializer):
    """What clients send to change a task. Whatever else is sent is passed over."""

    title = serializers.CharField(max_length=200)
    description = line(DESCRIPTION_MAX_LENGTH, trim_whitespace=False)
    completed = serializers.BooleanField(required=False)
    assignee = serializers.CharField(
        required=False, allow_null=True, max_length=50, help_text="A username, or null."
    )
    post_id = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_KEY,
        help_text="A post that you may open, or null.",
    )
    due = serializers.DateField(required=False, allow_null=True)

    def validate_assignee(self, name: str | None) -> User | None:
        """The person. Who there is, is told only to who may assign others."""
        if name is None:
            return None
        user = self.context["request"].user
        if name.lower() == user.username.lower():
            return user
        if self.instance and (held := self.instance.assignee) and held.username == name:
            return held  # sent back as it was read
        person = todo.people().filter(username__iexact=name).first()
        if not policy.may_assign(user, person or User()):
            raise serializers.ValidationError(_("You can take tasks for yourself only."))
        if person is None:
            raise serializers.ValidationError(_("This person does not work here."))
        return person

    def validate_post_id(self, key: int | None) -> int | None:
        held = self.instance.post_id if self.instance else None
        visible = Post.objects.visible_to(self.context["request"].user)
        if key not in (None, held) and not visible.filter(pk=key).exists():
            raise serializers.ValidationError(_("There is no such post."))
        return key


class TaskFilters(django_filters.FilterSet):
    """For lists of tasks."""

    completed = TruthFilter()
    assignee = django_filters.CharFilter(
        method="by_assignee", max_length=50, label="Username; `me` for yourself"
    )
    post = django_filters.CharFilter(method="by_post", max_length=18, label="Id of a post")
    due_after = django_filters.DateFilter(field_name="due", lookup_expr="gte", label="Due then on")
    due_before = django_filters.DateFilter(
        field_name="due", lookup_expr="lt", label="Due before then"
    )

    def by_assignee(self, queryset: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        if value == ME:
            return queryset.filter(assignee=self.request.user)
        return queryset.filter(assignee__in=User.objects.named(value))

    def by_post(self, queryset: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        key = whole_number(value)
        # By the post that is shown: a key alone must not tell whether there is one.
        visible = Post.objects.visible_to(self.request.user).filter(pk=key)
        return queryset.filter(post__in=visible.values("pk")) if key else queryset.none()


class TaskViewSet(WritingMixin, ReadingViewSet):
    """To-dos of who writes: editors see all, others what they made, have to do, or what is
    about posts of theirs."""

    permission_classes = [TokenScope, Writes]
    serializer_class = TaskSerializer
    filters = TaskFilters
    searchable = True
    orders: ClassVar[dict[str, str]] = {
        "due": "due",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "title": "title",
    }
    write_parameters: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(("create", "update", "partial_update"), CHOOSING)
    }

    def get_queryset(self) -> QuerySet:
        return Task.objects.visible_to(self.request.user)

    def order_named(self, name: str | None) -> Order:
        order = super().order_named(name)
        return Order(order.name, order.column, nullable=order.column == "due")

    def search(self, queryset: QuerySet, query: str) -> QuerySet:
        text = checked_query("search", query, MAX_SEARCH_LENGTH)
        found = queryset.filter(Q(title__icontains=text) | Q(description__icontains=text))
        return found.most_urgent_first()

    def create(self, request: Request) -> Response:
        """Make one."""
        task = Task()
        response = self._saved(task, request, status.HTTP_201_CREATED, partial=False)
        path = self.reverse_action("detail", args=[task.pk], request=None)
        response["Location"] = f"{settings.SITE_URL}{path}"
        return response

    def update(self, request: Request, pk: str) -> Response:
        """Change one; fields that are not sent stay. A title is always sent."""
        with self._locked(pk) as task:
            return self._saved(task, request, partial=False)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of one: `{"completed": true}` ticks it off."""
        with self._locked(pk) as task:
            return self._saved(task, request, partial=True)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete one: who made it, and editors."""
        with self._locked(pk) as task:
            todo.delete_task(task, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @contextmanager
    def _locked(self, pk: str) -> Iterator[Task]:
        """The row to change, ours until the end, in the version that the client means.

        Raises PermissionDenied for what the caller only sees, Http404 for what they do not.
        """
        versions = versions_named(self.request)
        with transaction.atomic(), refusals():
            mine = Task.objects.editable_by(self.request.user).filter(pk=pk)
            task = Task.objects.select_for_update().filter(pk__in=mine.values("pk")).first()
            if task is None and self.get_queryset().filter(pk=pk).exists():
                raise PermissionDenied(_("You may read this, not change it."))
            if task is None:
                raise Http404
            if versions is not None and task.version not in versions:
                raise StaleVersion(headers={"ETag": _etag(task)}, current_version=task.version)
            yield task

    def _saved(
        self, task: Task, request: Request, code: int = status.HTTP_200_OK, *, partial: bool
    ) -> Response:
        instance = task if task.pk else None
        context = {"request": request}
        checked = TaskInput(instance, data=request.data, partial=partial, context=context)
        checked.is_valid(raise_exception=True)
        for name, value in checked.validated_data.items():
            setattr(task, name, value)
        only = self.chosen() if {*CHOOSING} & request.query_params.keys() else ()
        with refusals():
            todo.save_task(task, by=request.user)
        data = self.get_serializer(task, only=only).data
        return Response(data, status=code, headers={"ETag": _etag(task)})


def _etag(task: Task) -> str:
    return versioned(etag_of("written", "task", task.pk, task.version), task.version)
