"""Changes to what is live, over the API: kept beside it, read, published, scheduled, discarded.

The ETag of the changes begins with `w` and the number of their last save; that of what is live with
`v` and its version. `If-Match` names the first, or the second where there are no changes yet.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.http import Http404, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from blog import working
from blog.api.inputs import PageInput, PostInput, ScheduleInput
from blog.api.revisions import ChangeSerializer
from blog.api.writing import ContentWriting, made, told
from blog.diffs import changes
from blog.merging import MergeConflict, as_snapshot
from blog.models import Content, Post, WorkingRevision
from lib.api.conditional import etag_of, tag_held
from lib.api.preconditions import prefers, tags_named, versions_named
from lib.api.problems import Conflict, StaleVersion

_NUMBER = re.compile(r'"w([0-9]{1,9})[."]')


class PostChangesInput(PostInput):
    """Fields of a post to be changed; its state and its translations change by themselves."""

    status = None
    translation_of_id = None


class PageChangesInput(PageInput):
    """The same of a page."""

    status = None
    translation_of_id = None


class ScheduleChangesInput(ScheduleInput):
    """When the changes are to be published by themselves."""

    at = serializers.DateTimeField(allow_null=True, help_text="In the future; null: not any more.")

    def validate_at(self, at):
        return None if at is None else super().validate_at(at)


class WorkingSerializer(serializers.Serializer):
    """What waits beside something live."""

    number = serializers.IntegerField(
        source="last.number", help_text="Counts the saves; the ETag names it."
    )
    started_from = serializers.IntegerField(
        source="last.started_from", help_text="The version of what is live that it changes."
    )
    saved_at = serializers.DateTimeField(source="last.created_at")
    editor = serializers.CharField(
        source="last.editor.username", default=None, allow_null=True, help_text="A username."
    )
    reason = serializers.CharField(source="last.reason")
    publish_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is published by itself."
    )
    refusal = serializers.CharField(help_text="Why that could not be done at its time, or empty.")
    snapshot = serializers.JSONField(source="last.snapshot", help_text="All fields, as of a save.")
    changes = ChangeSerializer(many=True, help_text="What publishing it changes.")


class Started(NamedTuple):
    """From which save of the changes a client started, and from which version of what is live."""

    number: int | None
    version: int | None


class WorkingActions(ContentWriting):
    """`{id}/working/`: the changes, and their steps."""

    def known_parameters(self) -> set[str]:
        return set() if self.action == "working" else super().known_parameters()

    @action(detail=True, methods=["get"])
    def working(self, request: Request, pk: str) -> HttpResponseBase:
        """The changes that are not published yet. 404 when there are none."""
        content = self.find(pk)
        row = working.of(content)
        if row is None:
            raise Http404
        if held := tag_held(request, tag_of(row)):
            response = HttpResponseNotModified()
            response["ETag"] = held
            return response
        return self._shown(content, row)

    @working.mapping.put
    def replace_working(self, request: Request, pk: str) -> Response:
        """Keep changes beside what is live; fields that are not sent stay. A title is sent."""
        return self._keep(request, pk, partial=False)

    @working.mapping.patch
    def change_working(self, request: Request, pk: str) -> Response:
        """Keep changes of some fields beside what is live."""
        return self._keep(request, pk, partial=True)

    @working.mapping.delete
    def discard_working(self, request: Request, pk: str) -> Response:
        """Discard the changes; what is live stays as it is."""
        with self._started(pk) as (content, _row, _from):
            working.discard_changes(content, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"], url_path="working/publish", url_name="working-publish")
    def publish_working(self, request: Request, pk: str) -> Response:
        """Publish the changes now."""
        with self._started(pk) as (content, _row, _from):
            content = working.publish_changes(content, by=request.user)
        return self.answer(content)

    @action(detail=True, methods=["post"], url_path="working/schedule", url_name="working-schedule")
    def schedule_working(self, request: Request, pk: str) -> Response:
        """Have the changes published by themselves `at` a future time; null takes that back."""
        given = self._checked(ScheduleChangesInput, request)
        with self._started(pk) as (content, _row, _from):
            row = working.schedule_changes(content, given["at"], by=request.user)
        return self._shown(content, row)

    # --- parts ------------------------------------------------------------------------

    def _keep(self, request: Request, pk: str, *, partial: bool) -> Response:
        with self._started(pk, merges=prefers(request, "merge")) as (content, row, started):
            kind = PostChangesInput if isinstance(content, Post) else PageChangesInput
            given = self._checked(kind, request, content, partial=partial)
            reason = given.pop("reason", "") or "saved"
            if "tags" in given:
                given["tags"] = made(given["tags"], by=request.user)
            row = working.keep_changes(
                content,
                as_snapshot(given),
                by=request.user,
                number=started.number,
                started_from=started.version,
                reason=reason,
            )
            if row is None:
                raise Conflict(_("Nothing differs from what is live."))
        return self._shown(content, row)

    @contextmanager
    def _started(
        self, pk: str, *, merges: bool = False
    ) -> Iterator[tuple[Content, WorkingRevision | None, Started]]:
        """The row to work on, ours until the end, what is beside it, and what the client saw."""
        versions = versions_named(self.request)  # which also refuses where the header is wanted
        tags = tags_named(self.request)
        with self.locked(pk, any_version=True) as content:
            row = working.of(content)
            numbers = {int(m[1]) for tag in tags or () if (m := _NUMBER.match(tag))}
            if row is not None:
                is_current = row.last.number in numbers
            else:
                is_current = not numbers and content.version in (versions or ())
            if tags is None:
                started = Started(None, None)
            elif is_current:
                # Who names what is live, too, has seen that, and goes on from there.
                seen = content.version in (versions or ())
                started = Started(row.last.number if row else 0, content.version if seen else None)
            elif merges and (numbers or versions):
                version = max(versions) if versions else None
                started = Started(max(numbers, default=0), version)
            else:
                raise self._outdated(content, row)
            try:
                yield content, row, started
            except MergeConflict as conflict:
                raise self._outdated(content, row, overlaps=told(conflict)) from conflict

    def _outdated(
        self, content: Content, row: WorkingRevision | None, **extra: Any
    ) -> StaleVersion:
        """Points at what is live, and at the changes as they are now."""
        address = self._address(content)
        extra |= {"current_version": content.version, "current": address}
        if row is None:
            return StaleVersion(**extra)
        extra |= {"current_number": row.last.number, "changes": f"{address}working/"}
        return StaleVersion(headers={"ETag": tag_of(row)}, **extra)

    def _shown(self, content: Content, row: WorkingRevision) -> Response:
        self.written = working.for_preview(content)
        row.changes = changes(*working.sides(content, row))
        data = WorkingSerializer(row).data
        return Response(data, headers={"ETag": tag_of(row), "Cache-Control": "private, no-store"})


def tag_of(row: WorkingRevision) -> str:
    """The entity tag of the changes."""
    facts = etag_of("working", row.pk, row.last_id, row.publish_at, row.refusal)
    return f'"w{row.last.number}.{facts[1:-1]}"'
