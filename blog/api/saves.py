"""Former saves of changes beside what is live, over the API: list, one, two compared, the way back.

Changes that were published or discarded are gone; the saves of them stay, as they do in the admin.
"""

from typing import Any, ClassVar

from django.http import Http404
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from blog import working
from blog.api.revisions import (
    ChangeSerializer,
    RevisionSerializer,
    number_of,
    twenty,
)
from blog.api.working import WorkingActions
from blog.diffs import changes
from blog.former_saves import restore_save
from blog.models import Content, Revision, WorkingSave


class SaveSerializer(RevisionSerializer):
    """One save of changes: which, from what, when, by whom and why."""

    class Meta(RevisionSerializer.Meta):
        model = WorkingSave
        fields = ["number", "started_from", "created_at", "editor", "reason"]
        read_only_fields = fields
        extra_kwargs: ClassVar[dict[str, dict]] = {
            "started_from": {"help_text": "The version of what was live that it changes."}
        }


class WholeSaveSerializer(SaveSerializer):
    """One save of changes with all content fields as they were to be."""

    class Meta(SaveSerializer.Meta):
        fields = [*SaveSerializer.Meta.fields, "snapshot"]
        read_only_fields = fields


class SaveActions(WorkingActions):
    """`{id}/working/saves/`: what was ever kept beside it."""

    save_parameters: ClassVar[dict[str, set[str]]] = {
        "saves": {"page"},
        "working_save": set(),
        "save_diff": {"from", "to"},
    }

    def known_parameters(self) -> set[str]:
        known = self.save_parameters.get(self.action)
        return super().known_parameters() if known is None else known

    @action(detail=True, url_path="working/saves", url_name="working-saves")
    def saves(self, request: Request, pk: str) -> Response:
        """All saves of changes, newest first, twenty in a page; of discarded ones, too."""
        return twenty(request, working.saves_of(self.find(pk)), SaveSerializer)

    @action(detail=True, url_path=r"working/saves/(?P<number>\d{1,9})", url_name="working-save")
    def working_save(self, request: Request, pk: str, number: str) -> Response:
        """One save of changes, whole."""
        return Response(WholeSaveSerializer(self._save(self.find(pk), int(number))).data)

    @action(detail=True, url_path="working/saves/diff", url_name="working-save-diff")
    def save_diff(self, request: Request, pk: str) -> Response:
        """What changed `from` one save of changes `to` another (by number; the last one when
        missing). `from=0` is what was live when the other was made."""
        content = self.find(pk)
        given = request.query_params
        number = number_of("from", given.get("from"))
        last = content.working_saves.order_by("-number").first()
        after = self._save(content, number_of("to", given["to"])) if "to" in given else last
        if after is None:
            raise Http404
        before = self._save(content, number) if number else _started_from(content, after)
        body: dict[str, Any] = {"from": number, "to": after.number}
        body["changes"] = ChangeSerializer(changes(before.snapshot, after.snapshot), many=True).data
        return Response(body)

    @action(
        detail=True,
        methods=["post"],
        url_path=r"working/saves/(?P<number>\d{1,9})/restore",
        url_name="working-save-restore",
    )
    def restore_save(self, request: Request, pk: str, number: str) -> Response:
        """Make a former save the changes again, as a new save; readers see nothing of it.

        204 when nothing waits beside it then: the save is what is live, or what is not live any
        more got the text itself.
        """
        with self._started(pk) as (content, _row, _from):
            save = self._save(content, int(number))
            row = restore_save(content, save, by=request.user)
        if row is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return self._shown(content, row)

    # --- parts ------------------------------------------------------------------------

    @staticmethod
    def _save(content: Content, number: int) -> WorkingSave:
        save = content.working_saves.select_related("editor").filter(number=number).first()
        if save is None:
            raise Http404
        return save


def _started_from(content: Content, save: WorkingSave) -> Revision:
    """What was live when `save` was made."""
    revision = content.revisions.filter(number=save.started_from).first()
    if revision is None:
        raise Http404
    return revision
