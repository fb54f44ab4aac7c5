"""One step for many items of the list: first what it would do, then the step, then the way back."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.http import require_POST

from blog import bulk
from lib.admin import KEY

MAX_ITEMS_PER_ACTION = 100  # each costs some 10 ms to try and as much to do
MAX_REFUSALS_SHOWN = 20
UNDO_TIME = timedelta(minutes=10)
DONE = {
    "publish": ngettext_lazy("%d item published.", "%d items published."),
    "unpublish": ngettext_lazy("%d item is a draft again.", "%d items are drafts again."),
    "submit": ngettext_lazy("%d item submitted for review.", "%d items submitted for review."),
    "trash": ngettext_lazy("%d item moved to the bin.", "%d items moved to the bin."),
    "restore": ngettext_lazy("%d item restored.", "%d items restored."),
}


class BulkSteps:
    """Actions of the list of posts or pages, through `blog.bulk`."""

    actions = ["publish", "unpublish", "submit", "trash", "restore"]

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish(self, request, queryset):
        return self._bulk(request, queryset, "publish")

    @admin.action(description=_("Unpublish"), permissions=["change"])
    def unpublish(self, request, queryset):
        return self._bulk(request, queryset, "unpublish")

    @admin.action(description=_("Submit for review"), permissions=["change"])
    def submit(self, request, queryset):
        return self._bulk(request, queryset, "submit")

    @admin.action(description=_("Move to the bin"), permissions=["change"])
    def trash(self, request, queryset):
        return self._bulk(request, queryset, "trash")

    @admin.action(description=_("Restore from the bin"), permissions=["change"])
    def restore(self, request, queryset):
        return self._bulk(request, queryset, "restore")

    # --- the step -----------------------------------------------------------------------

    def _bulk(self, request: HttpRequest, queryset, step: str) -> HttpResponseBase | None:
        items = list(queryset[: MAX_ITEMS_PER_ACTION + 1])
        if len(items) > MAX_ITEMS_PER_ACTION:
            text = _("Choose at most %d at a time.") % MAX_ITEMS_PER_ACTION
            self.message_user(request, text, messages.ERROR)
            return None
        if "confirmed" not in request.POST:
            return self._preview(request, items, step)
        effects = self.take_step(request, items, step, seen=_seen(request))
        memory = bulk.memory_of(effects)
        if memory:
            request.session[self._session_key] = {
                "key": secrets.token_hex(8),
                "step": step,
                "until": (timezone.now() + UNDO_TIME).isoformat(),
                "items": memory,
            }
        return None

    def take_step(
        self, request: HttpRequest, items: list, step: str, seen: dict[int, int] | None = None
    ) -> list[bulk.Effect]:
        """Take `step` for each of `items`, and tell what became of them."""
        effects = bulk.take(items, step, by=request.user, seen=seen)
        done = sum(effect.after is not None for effect in effects)
        if done:
            self.message_user(request, DONE[step] % done, messages.SUCCESS)
        self._tell_refusals(request, effects)
        return effects

    def _preview(self, request: HttpRequest, items: list, step: str) -> TemplateResponse:
        effects = bulk.foresee(items, step, by=request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": getattr(self, step).short_description,
            "opts": self.opts,
            "step": step,
            "changes": [effect for effect in effects if effect.after is not None],
            "refusals": [effect for effect in effects if effect.after is None],
            "minutes": int(UNDO_TIME.total_seconds() // 60),
        }
        return TemplateResponse(request, "admin/blog/bulk.html", context)

    def _tell_refusals(self, request: HttpRequest, effects: list[bulk.Effect]) -> None:
        refused = [effect for effect in effects if effect.after is None]
        for effect in refused[:MAX_REFUSALS_SHOWN]:
            text = f"“{effect.content.title}”: {effect.reason}"
            self.message_user(request, text, messages.ERROR)
        if len(refused) > MAX_REFUSALS_SHOWN:
            text = _("… and %d more.") % (len(refused) - MAX_REFUSALS_SHOWN)
            self.message_user(request, text, messages.ERROR)

    # --- the way back -------------------------------------------------------------------

    @property
    def _session_key(self) -> str:
        return f"undo_{self.opts.model_name}"

    def _undo_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_undo"

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.undo_view))
        return [path("undo/", view, name=self._undo_url_name()), *super().get_urls()]

    def undoable(self, request: HttpRequest) -> dict[str, Any] | None:
        """The last step of this person that can be taken back: its key, words and address."""
        last = request.session.get(self._session_key)
        if last is None or timezone.now() >= datetime.fromisoformat(last["until"]):
            return None
        text = DONE[last["step"]] % len(last["items"])
        return {
            "key": last["key"],
            "text": text,
            "address": reverse(f"admin:{self._undo_url_name()}"),
        }

    def undo_view(self, request: HttpRequest) -> HttpResponseBase:
        """Take the last step back, if it is still the one that the button spoke of."""
        shown = self.undoable(request)
        if not self.has_view_or_change_permission(request):
            raise Http404
        if shown is None or request.POST.get("key") != shown["key"]:
            text = _("There is nothing to undo any more.")
            self.message_user(request, text, messages.ERROR)
        else:
            memory = request.session.pop(self._session_key)["items"]
            effects = bulk.undo(self.model, memory, by=request.user)
            done = sum(effect.after is not None for effect in effects)
            if done:
                text = ngettext("%d item is as it was.", "%d items are as they were.", done) % done
                self.message_user(request, text, messages.SUCCESS)
            self._tell_refusals(request, effects)
            lost = len(memory) - len(effects)
            if lost:
                text = ngettext(
                    "%d item is out of your reach.", "%d items are out of your reach.", lost
                )
                self.message_user(request, text % lost, messages.ERROR)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def _seen(request: HttpRequest) -> dict[int, int]:
    """The versions that the preview showed; nothing of what somebody made up."""
    pairs = (text.partition(":") for text in request.POST.getlist("seen"))
    return {
        int(pk): int(version)
        for pk, _colon, version in pairs
        if KEY.fullmatch(pk) and KEY.fullmatch(version)
    }
