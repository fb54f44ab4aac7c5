"""The history of one post or page: every save, any two compared, the way back."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from blog import policy
from blog.diffs import readable_changes
from blog.history import restore_revision, revisions_of
from blog.models import Content, Revision
from lib.api.pagination import whole_number

PAGE_SIZE = 50


class HistoryPages:
    """Mixed into the admin of posts and of pages."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        compare = path(
            "<int:object_id>/history/compare/",
            self.admin_site.admin_view(self.compare_view),
            name=f"{name}_compare",
        )
        revert = path(
            "<int:object_id>/history/<int:number>/restore/",
            self.admin_site.admin_view(require_POST(self.revert_view)),
            name=f"{name}_revert",
        )
        return [compare, revert, *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id, extra_context=None):
        """Every save, newest first."""
        content = self._editable(request, unquote(str(object_id)))
        page = Paginator(revisions_of(content), PAGE_SIZE).get_page(request.GET.get("p"))
        newest = page[0].number if page else 0
        context = {
            **self._about(request, content, _("History")),
            "revisions": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "chosen": (newest - 1, newest),
            "compare_url": self._url("compare", content.pk),
        }
        return TemplateResponse(request, "admin/blog/history.html", context)

    def compare_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """What changed from one save to another; the last two when none is named."""
        content = self._editable(request, str(object_id))
        newest = content.revisions.order_by("-number").first()
        after = self._revision(content, request.GET.get("to"), newest.number)
        before = self._revision(content, request.GET.get("from"), max(1, after.number - 1))
        if before.number > after.number:
            before, after = after, before
        if self.has_change_permission(request, content):
            for side in (before, after):
                if side.number != newest.number:
                    side.restore_url = self._url("revert", content.pk, side.number)
        context = {
            **self._about(request, content, _("What changed")),
            **self._around(self._url("history", content.pk), after.number, newest.number, first=2),
            "list_title": _("History"),
            "before": before,
            "after": after,
            "changes": readable_changes(before.snapshot, after.snapshot, self.model),
        }
        return TemplateResponse(request, "admin/blog/compare.html", context)

    def revert_view(self, request: HttpRequest, object_id: int, number: int) -> HttpResponseBase:
        """Bring a former text back, as a new save."""
        content = self._editable(request, str(object_id))
        revision = get_object_or_404(content.revisions, number=number)
        try:
            restore_revision(content, revision, by=request.user)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            text = _("It is back to what it was in revision %(number)d. Its state has not changed.")
            self.message_user(request, text % {"number": number}, messages.SUCCESS)
        return redirect(self._url("change", content.pk))

    def _editable(self, request: HttpRequest, object_id: str) -> Content:
        content = self.get_object(request, object_id)
        if content is None:
            raise Http404
        if not policy.may_edit(request.user, content):
            raise PermissionDenied
        return content

    def _about(self, request: HttpRequest, content: Content, title: str) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": content.title,
            "object": content,
            "opts": self.opts,
        }

    def _around(self, list_url: str, number: int, newest: int, *, first: int = 1) -> dict:
        """Where a comparison leads: to all saves, and to the changes before and after it."""
        return {
            "list_url": list_url,
            "earlier": number - 1 if number > first else None,
            "later": number + 1 if number < newest else None,
        }

    def _url(self, page: str, *args: int) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    @staticmethod
    def _revision(content: Content, given: str | None, otherwise: int) -> Revision:
        number = otherwise if given is None else whole_number(given)
        if number is None:
            raise Http404
        return get_object_or_404(content.revisions.select_related("editor"), number=number)
