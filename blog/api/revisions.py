"""The history of posts and pages over the API: for whoever may change them."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from blog.api.writing import ContentWriting
from blog.diffs import changes
from blog.history import restore_revision, revisions_of
from blog.models import Content, Revision
from lib.api.pagination import whole_number
from lib.api.problems import ParameterError
from lib.differences import Kind

PAGE_SIZE = 20


class RevisionSerializer(serializers.ModelSerializer):
    """One save: which, when, by whom and why."""

    editor = serializers.CharField(
        source="editor.username", default=None, allow_null=True, help_text="A username."
    )

    class Meta:
        model = Revision
        fields = ["number", "created_at", "editor", "reason"]
        read_only_fields = fields


class WholeRevisionSerializer(RevisionSerializer):
    """One save with all content fields as they were."""

    class Meta(RevisionSerializer.Meta):
        fields = [*RevisionSerializer.Meta.fields, "snapshot"]
        read_only_fields = fields


class PieceSerializer(serializers.Serializer):
    """A stretch of a text: in both, in the former only, or in the latter only."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    text = serializers.CharField()


class ChangeSerializer(serializers.Serializer):
    """A field that differs: by its two values; a text by the lines of a unified diff, and by words.

    The pieces of `words` that are not `added` make the former text, those not `removed` the latter.
    """

    field = serializers.CharField()
    before = serializers.JSONField(help_text="Null where it was empty.")
    after = serializers.JSONField(help_text="Null where it was empty.")
    lines = serializers.ListField(child=serializers.CharField(), allow_null=True)
    words = PieceSerializer(many=True, allow_null=True)


class RevisionActions(ContentWriting):
    """`{id}/revisions/`: list, one, the difference of two, and the way back."""

    revision_parameters: ClassVar[dict[str, set[str]]] = {
        "revisions": {"page"},
        "revision": set(),
        "revision_diff": {"from", "to"},
    }

    def known_parameters(self) -> set[str]:
        known = self.revision_parameters.get(self.action)
        return super().known_parameters() if known is None else known

    @action(detail=True, methods=["get"])
    def revisions(self, request: Request, pk: str) -> Response:
        """All saves, newest first, twenty in a page."""
        return twenty(request, revisions_of(self.find(pk)), RevisionSerializer)

    @action(detail=True, url_path=r"revisions/(?P<number>\d{1,9})", url_name="revision")
    def revision(self, request: Request, pk: str, number: str) -> Response:
        """One save, whole."""
        revision = self._revision(self.find(pk), int(number))
        return Response(WholeRevisionSerializer(revision).data)

    @action(detail=True, url_path="revisions/diff", url_name="revision-diff")
    def revision_diff(self, request: Request, pk: str) -> Response:
        """What changed `from` one save `to` another (by number; the last one when missing)."""
        content = self.find(pk)
        given = request.query_params
        before = self._revision(content, number_of("from", given.get("from")))
        last = content.revisions.order_by("-number").first()
        after = self._revision(content, number_of("to", given["to"])) if "to" in given else last
        body: dict[str, Any] = {"from": before.number, "to": after.number}
        body["changes"] = ChangeSerializer(changes(before.snapshot, after.snapshot), many=True).data
        return Response(body)

    @action(
        detail=True,
        methods=["post"],
        url_path=r"revisions/(?P<number>\d{1,9})/restore",
        url_name="revision-restore",
    )
    def restore_revision(self, request: Request, pk: str, number: str) -> Response:
        """Bring a former text back, as a new save; its state and times stay."""
        with self.locked(pk) as content:
            revision = self._revision(content, int(number))
            content = restore_revision(content, revision, by=request.user)
        return self.answer(content)

    @staticmethod
    def _revision(content: Content, number: int) -> Revision:
        revision = content.revisions.select_related("editor").filter(number=number).first()
        if revision is None:
            raise Http404
        return revision


def twenty(request: Request, saves: QuerySet, serializer: type[serializers.Serializer]) -> Response:
    """The page of `saves` that `request` names, twenty in one. Raises NotFound."""
    pages = Paginator(saves, PAGE_SIZE)
    number = whole_number(request.query_params.get("page", "1"))
    try:
        page = pages.page(number or 0)
    except EmptyPage as error:
        raise NotFound(_("There is no such page.")) from error
    base = f"{settings.SITE_URL}{request.path}?page="
    body = {
        "count": pages.count,
        "next": f"{base}{page.next_page_number()}" if page.has_next() else None,
        "previous": f"{base}{page.previous_page_number()}" if page.has_previous() else None,
        "results": serializer(page.object_list, many=True).data,
    }
    return Response(body)


def number_of(name: str, text: str | None) -> int:
    """The number of a save that the parameter `name` gives. Raises ParameterError."""
    number = whole_number(text or "")
    if number is None:
        raise ParameterError({name: _("Give the number of a revision.")})
    return number
