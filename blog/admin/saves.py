"""The saves of changes that were never live, or not yet: any two compared, the way back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from blog import working
from blog.admin.history import PAGE_SIZE, HistoryPages
from blog.checks import NotPublishable
from blog.diffs import readable_changes
from blog.former_saves import restore_save
from blog.models import Content, Revision, WorkingSave
from lib.api.pagination import whole_number


class FormerSaves(HistoryPages):
    """Adds to the admin of posts and of pages what the history has, for changes beside them."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        compare = path(
            "<int:object_id>/working/compare/",
            self.admin_site.admin_view(self.compare_saves_view),
            name=f"{name}_working_compare",
        )
        restore = path(
            "<int:object_id>/working/<int:number>/restore/",
            self.admin_site.admin_view(require_POST(self.restore_save_view)),
            name=f"{name}_working_revert",
        )
        return [compare, restore, *super().get_urls()]

    def saves_context(self, request: HttpRequest, content: Content) -> dict:
        """The list of all saves, for the page of the changes."""
        page: Page = Paginator(working.saves_of(content), PAGE_SIZE).get_page(request.GET.get("p"))
        newest = page[0].number if page else 0
        return {
            "revisions": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "chosen": (newest - 1, newest),
            "compare_url": self._url("working_compare", content.pk),
        }

    def compare_saves_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """What changed from one save to another; from what was live then to the first one."""
        content = self._editable(request, str(object_id))
        newest = content.working_saves.order_by("-number").first()
        if newest is None:
            raise Http404
        after = self._save(content, request.GET.get("to"), newest.number)
        before = self._save(content, request.GET.get("from"), after.number - 1, first=after)
        if isinstance(before, WorkingSave) and before.number > after.number:
            before, after = after, before
        row = working.of(content)
        self._give_way_back(request, content, (before, after), row.last.number if row else 0)
        context = {
            **self._about(request, content, _("What changed in unpublished changes")),
            **self._around(self._url("working", content.pk), after.number, newest.number),
            "list_title": _("Changes not yet published"),
            "before": before,
            "after": after,
            "changes": readable_changes(before.snapshot, after.snapshot, self.model),
        }
        return TemplateResponse(request, "admin/blog/compare.html", context)

    def restore_save_view(
        self, request: HttpRequest, object_id: int, number: int
    ) -> HttpResponseBase:
        """Bring a former save back, as a new one."""
        content = self._editable(request, str(object_id))
        save = get_object_or_404(content.working_saves, number=number)
        try:
            row = restore_save(content, save, by=request.user)
        except PermissionDenied as error:
            raise Http404 from error
        except NotPublishable:
            text = _("The checks of this site refuse to publish it.")
            self.message_user(request, text, messages.ERROR)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            if row is not None:
                text = _("The changes are what they were in save %(number)d. Readers see nothing.")
            elif content.is_published:
                text = _("Save %(number)d is what is live: there are no changes any more.")
            else:
                text = _("The text is what it was in save %(number)d.")
            self.message_user(request, text % {"number": number}, messages.SUCCESS)
        return redirect(self._url("change", content.pk))

    def _give_way_back(self, request, content: Content, sides, current: int) -> None:
        """Tell each of the `sides` how it is brought back, unless it is what there is now."""
        may_restore = self.has_change_permission(request, content)
        for side in sides:
            side.is_beside = isinstance(side, WorkingSave)
            if may_restore and side.is_beside and side.number != current:
                side.restore_url = self._url("working_revert", content.pk, side.number)

    def _save(
        self, content: Content, given: str | None, otherwise: int, first: WorkingSave | None = None
    ) -> WorkingSave | Revision:
        number = otherwise if given is None else whole_number(given)
        if number is None:
            raise Http404
        if number == 0 and first is not None:
            return self._revision(content, None, first.started_from)
        return get_object_or_404(content.working_saves.select_related("editor"), number=number)
