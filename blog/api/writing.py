"""Writing posts and pages over the API: the services of the admin, asked over HTTP.

What somebody may not see is a 404, what they see but may not do a 403, what its state does not
allow a 409, and a version that is no more the present one a 412.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.models import User
from blog import policy, services
from blog.api.inputs import ContentInput, NothingInput, PublishInput, ScheduleInput
from blog.checks import NotPublishable, publish_report
from blog.merging import MergeConflict, as_snapshot, from_snapshot, merge_into
from blog.models import Content, Site, Tag
from blog.translations import link_translation, unlink_translation
from events.writing import WritingMixin, flag
from lib.api.conditional import etag_of, versioned
from lib.api.preconditions import prefers, versions_named
from lib.api.problems import Conflict, Problem, StaleVersion

Status = Content.Status
CHOOSING = ("fields", "include")
# What is sent beside the content fields: no snapshot has it, so nothing of it is merged.
ASIDE = ("status", "reason", "translation_of")


class ContentWriting(WritingMixin):
    """Create, change, delete and the steps of publishing; beside a `ReadingViewSet`."""

    model: type[Content]
    input_class: type[ContentInput]
    write_parameters: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(("create", "update", "partial_update"), CHOOSING),
        **dict.fromkeys(("submit", "publish", "schedule", "unpublish", "restore"), CHOOSING),
        "trash": CHOOSING,
        "destroy": ("permanent",),
    }
    written: Content | None = None  # what this request changed

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS and {*CHOOSING} & request.query_params.keys():
            self.chosen()  # A refusal must come before the change.

    # --- the four of CRUD -------------------------------------------------------------

    def create(self, request: Request) -> Response:
        """Make one. It is by the signed-in person, and a draft unless `status` says more."""
        policy.require(policy.may_create(request.user, self.model))
        given = self._checked(self.input_class, request)
        content = self.model(
            **({} if "language" in given else {"language": Site.current().language})
        )
        with refusals():
            write(content, given, by=request.user)
        response = self.answer(content, status.HTTP_201_CREATED)
        response["Location"] = self._address(content)
        return response

    def update(self, request: Request, pk: str) -> Response:
        """Change one; fields that are not sent stay. A title is always sent."""
        return self._change(request, pk, partial=False)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of one."""
        return self._change(request, pk, partial=True)

    def destroy(self, request: Request, pk: str) -> Response:
        """Into the bin; from there for ever with `?permanent=true`, for who may."""
        permanent = flag(request, "permanent")
        with self.locked(pk) as content:
            if permanent:
                services.delete_content(content, by=request.user)
            elif not content.trashed_at:  # A repeated DELETE finds it done.
                services.trash_content(content, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- the steps --------------------------------------------------------------------

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand a draft to the editors."""
        return self._step(request, pk, NothingInput, services.submit_content)

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Make it public: now, at its planned time, or `at` the time that is sent."""
        return self._step(request, pk, PublishInput, services.publish_content)

    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: str) -> Response:
        """Make it public by itself `at` a future time."""
        return self._step(request, pk, ScheduleInput, services.publish_content)

    @action(detail=True, methods=["post"])
    def unpublish(self, request: Request, pk: str) -> Response:
        """Back to draft."""
        return self._step(request, pk, NothingInput, services.unpublish_content)

    @action(detail=True, methods=["post"])
    def trash(self, request: Request, pk: str) -> Response:
        """Into the bin."""
        return self._step(request, pk, NothingInput, services.trash_content)

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Out of the bin, in the state it had."""
        return self._step(request, pk, NothingInput, services.restore_content)

    # --- parts ------------------------------------------------------------------------

    def _change(self, request: Request, pk: str, *, partial: bool) -> Response:
        """Change one. Who started from an older version and sends `Prefer: merge` gets both
        changes merged where they do not overlap, else the 412 with what does."""
        merges = prefers(request, "merge")
        with self.locked(pk, any_version=merges) as content:
            given = self._checked(self.input_class, request, content, partial=partial)
            versions = versions_named(request) if merges else None
            is_stale = versions is not None and content.version not in versions
            if is_stale:
                given = self._merged(content, given, versions)
            write(content, given, by=request.user)
        response = self.answer(content)
        if is_stale:
            response["Preference-Applied"] = "merge"
        return response

    def _merged(
        self, content: Content, given: dict[str, Any], versions: set[int]
    ) -> dict[str, Any]:
        """`given` merged with what was saved since the newest of `versions` that there is."""
        if "tags" in given:
            given = {**given, "tags": made(given["tags"], by=self.request.user)}
        aside = {name: given[name] for name in ASIDE if name in given}
        mine = as_snapshot({name: given[name] for name in given.keys() - aside.keys()})
        known = content.revisions.filter(number__in=versions).order_by("-number")
        started = known.values_list("number", flat=True).first()
        if started is None:
            raise self._stale(content, versions)
        try:
            merge = merge_into(content, mine, started)
        except MergeConflict as conflict:
            raise self._stale(content, versions, overlaps=told(conflict)) from conflict
        return {**from_snapshot(merge.values, by=self.request.user), **aside}

    def _step(self, request: Request, pk: str, input_class: type, step: Callable) -> Response:
        given = self._checked(input_class, request)
        with self.locked(pk) as content:
            step(content, by=request.user, **given)
        return self.answer(content)

    def _checked(
        self,
        input_class: type[Serializer],
        request: Request,
        instance: Content | None = None,
        *,
        partial: bool = False,
    ) -> dict[str, Any]:
        """What was sent, as Python values. Raises ValidationError."""
        context = {"request": request}
        checked = input_class(instance, data=request.data, partial=partial, context=context)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    @contextmanager
    def locked(self, pk: str, *, any_version: bool = False) -> Iterator[Content]:
        """The row to change, ours until the end, in the version that the client means."""
        versions = versions_named(self.request)
        with transaction.atomic(), refusals():
            content = self.find(pk, lock=True)
            if versions is not None and content.version not in versions and not any_version:
                raise self._stale(content, versions)
            yield content

    def find(self, pk: str, *, lock: bool = False) -> Content:
        """What the caller may change. Raises PermissionDenied when they only see it, else Http404.

        What lies in the bin is found by those who may restore it.
        """
        objects = self.model.objects
        mine = objects.editable_by(self.request.user).filter(pk=pk)
        if lock:
            mine = objects.select_for_update().filter(pk__in=mine.values("pk"))
        content = mine.first()
        if content is not None:
            return content
        if objects.visible_to(self.request.user).filter(pk=pk).exists():
            raise PermissionDenied(_("You may read this, not change it."))
        raise Http404

    def _stale(self, content: Content, versions: set[int], **extra: Any) -> StaleVersion:
        """Points at what is there now, what the client started from, and what lies between."""
        address = self._address(content)
        extra |= {"current_version": content.version, "current": address}
        known = content.revisions.filter(number__in=versions).values_list("number", flat=True)
        if known:
            started = max(known)
            extra |= {
                "your_version": started,
                "yours": f"{address}revisions/{started}/",
                "changes": f"{address}revisions/diff/?from={started}&to={content.version}",
            }
        return StaleVersion(headers={"ETag": versioned(_tag(content), content.version)}, **extra)

    def _address(self, content: Content) -> str:
        # Without the request: DRF would take the address of the Host header.
        path = self.reverse_action("detail", args=[content.pk], request=None)
        return f"{settings.SITE_URL}{path}"

    def answer(self, content: Content, code: int = status.HTTP_200_OK) -> Response:
        """`content` as it is read, with the ETag to change it further."""
        self.written = content
        only = self.chosen() if {*CHOOSING} & self.request.query_params.keys() else ()
        data = self.get_serializer(content, only=only).data
        return Response(
            data, status=code, headers={"ETag": versioned(_tag(content), content.version)}
        )

    def dry_run_report(self) -> dict[str, Any]:
        if self.written is None:
            return {}
        return {"report": findings(publish_report(self.written))}


def write(content: Content, given: dict[str, Any], *, by: User) -> None:
    """Save what was sent into `content`, and take the steps to the status that was asked for."""
    links = {name: given[name] for name in ("authors", "tags") if name in given}
    target = given.get("status")
    for name, value in given.items():
        if name not in ("authors", "tags", *ASIDE):
            setattr(content, name, value)
    with transaction.atomic():
        if "tags" in links:
            links["tags"] = made(links["tags"], by=by)
        services.save_content(content, by=by, reason=given.get("reason") or "saved", **links)
        if "translation_of" in given:
            link(content, given["translation_of"], by=by)
        if target and target != content.status:
            for step in STEPS_TO[content.status, target]:
                step(content, by=by)


def link(content: Content, other: Content | None, *, by: User) -> None:
    """Make `content` a translation of `other`, or of nothing when that is None."""
    if other is None:
        unlink_translation(content, by=by)
    else:
        link_translation(content, other, by=by)


STEPS_TO: dict[tuple[str, str], list[Callable]] = {
    (Status.DRAFT, Status.IN_REVIEW): [services.submit_content],
    (Status.DRAFT, Status.PUBLISHED): [services.publish_content],
    (Status.IN_REVIEW, Status.DRAFT): [services.unpublish_content],
    (Status.IN_REVIEW, Status.PUBLISHED): [services.publish_content],
    (Status.PUBLISHED, Status.DRAFT): [services.unpublish_content],
    (Status.PUBLISHED, Status.IN_REVIEW): [services.unpublish_content, services.submit_content],
}


def made(tags: list[Tag], *, by: User) -> list[Tag]:
    """`tags`, those that are new saved; one that another made meanwhile is taken."""
    found = []
    for tag in tags:
        if tag.pk is None:
            slug = tag.slug
            try:
                with transaction.atomic():
                    tag = services.save_term(tag, by=by)
            except (ValidationError, IntegrityError):
                known = Tag.objects.filter(slug=slug).first() if slug else None
                if known is None:
                    raise
                tag = known
        found.append(tag)
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """What the services refuse, as the API tells it."""
    try:
        yield
    except NotPublishable as error:
        raise Problem(
            _("The checks of this site refuse to publish it."),
            slug="not-publishable",
            report=findings(error.report),
        ) from error
    except services.StaleVersion as error:
        raise StaleVersion() from error
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            raise
        # Rules about fields name them; what names none is about its state.
        raise Conflict(" ".join(error.messages)) from error


def findings(report: list) -> list[dict[str, str]]:
    """A publish report as it is answered."""
    names = {"cover": "cover_id"}
    return [
        {
            "rule": finding.rule.value,
            "level": finding.level.value,
            "pointer": f"#/{names.get(finding.field, finding.field)}",
            "detail": finding.message,
        }
        for finding in report
    ]


def told(conflict: MergeConflict) -> list[dict[str, Any]]:
    """What both sides changed, with what was there before; of a text each stretch of it."""
    found = []
    if conflict.state_changed:
        found.append({"field": "status", "base": conflict.base.snapshot["status"]})
    for overlap in conflict.merge.overlaps:
        for part in overlap.parts or [overlap]:
            sides = {"base": part.base, "yours": part.mine, "theirs": part.theirs}
            found.append({"field": overlap.field, **sides})
    return found


def _tag(content: Content) -> str:
    return etag_of("written", type(content).__name__, content.pk, content.version)
