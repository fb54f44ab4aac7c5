"""What is live and edited: a save goes beside it, and readers see it when it is published."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from blog import policy, working
from blog.admin.saves import FormerSaves
from blog.checks import NotPublishable, publish_report
from blog.diffs import readable_changes
from blog.merging import TIMES, MergeConflict, editors_between, sent_values
from blog.models import Content, WorkingRevision

SCHEDULE = "_schedule"


class KeepsChangesBeside(FormerSaves):
    """Mixed into the admin of posts and of pages; adds `<id>/working/` with what differs."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(self.working_view)
        ours = path(
            "<int:object_id>/working/",
            self.admin_site.admin_view(view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_working",
        )
        return [ours, *super().get_urls()]

    # --- the form -----------------------------------------------------------------------

    def working_fieldsets(self, obj: Content) -> list[tuple]:
        """The place for the time of the changes, where there can be any."""
        if not self._is_live(obj):
            return []
        return [(_("Changes to what is live"), {"fields": ["publish_at"]})]

    def working_context(self, form) -> dict[str, Any]:
        """What the template of the screen shows of it."""
        return {"is_live": form.is_live, "working": form.working}

    def save_beside(
        self, request: HttpRequest, form, links: dict[str, Any], reason: str
    ) -> set[str] | None:
        """Save the form of something that is live, or has changes beside it; which buttons that
        has done. None when it is neither: then it is saved itself."""
        live = self.model.objects.select_for_update().get(pk=form.instance.pk)
        row = working.of(live)
        if row is None and not live.is_published:
            return None
        values = sent_values(form.instance, links)
        if links.get("authors") == []:
            values["authors"] = []
        _keep_fractions(values, live.snapshot(), row.last.snapshot if row else {})
        number = form.cleaned_data.get("opened_working") or 0
        opened = form.cleaned_data["opened_version"]
        said = {"by": request.user, "number": number, "started_from": opened, "reason": reason}
        done = set()
        if "_unpublish" in request.POST or not live.is_published:
            working.take_over_changes(live, values, **said)
        elif "_publish" in request.POST:
            said["reason"] = form.cleaned_data.get("reason") or ""
            working.publish_changes(live, values=values, **said)
            done.add("_publish")
            text = _("The changes are published: readers see them now.")
            self.message_user(request, text, messages.SUCCESS)
        else:
            self._keep(request, form, live, values, said)
        self._tell_of_others(request, live, row, number, opened)
        return done

    def _keep(self, request, form, live: Content, values: dict, said: dict) -> None:
        row = working.keep_changes(live, values, **said)
        if row is None:
            text = _("Nothing differs from what is live.")
        elif SCHEDULE in request.POST:
            row = working.schedule_changes(live, form.cleaned_data["publish_at"], by=request.user)
            text = _scheduled(row)
        else:
            text = _("The changes are kept. Readers see them when you publish them.")
        self.message_user(request, text, messages.SUCCESS)
        request.is_kept_beside = True

    def response_change(self, request: HttpRequest, obj: Content):
        request.has_told = getattr(request, "is_kept_beside", False)
        return super().response_change(request, obj)

    def message_user(self, request: HttpRequest, *args, **kwargs) -> None:
        """Django's own word for a save would say that what is live has changed."""
        if not getattr(request, "has_told", False):
            super().message_user(request, *args, **kwargs)

    def _tell_of_others(self, request, live, row, number: int, opened: int) -> None:
        """Whose changes were merged into what was just saved."""
        names = []
        if row is not None and row.last.number != number and row.last.editor:
            names.append(row.last.editor.name)
        names += [name for name in editors_between(live, opened, live.version) if name not in names]
        me = request.user.name
        if names := [name for name in names if name != me]:
            text = _("%(name)s saved this while you were writing. Both changes are in it now.")
            self.message_user(request, text % {"name": ", ".join(names)}, messages.WARNING)

    @staticmethod
    def _is_live(obj: Content) -> bool:
        """As it was when it was read: a form that is refused has filled its fields in."""
        if not hasattr(obj, "opened_live"):
            obj.opened_live = obj.is_published
        return obj.opened_live

    # --- the page -----------------------------------------------------------------------

    def working_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """What the changes would change; published, put off or discarded from here, too."""
        content = self.get_object(request, str(object_id))
        if content is None or not self.has_change_permission(request, content):
            raise Http404
        if request.method == "POST":
            try:
                text = self._take(request.POST.get("step", ""), content, request.user)
            except PermissionDenied as error:
                raise Http404 from error
            except MergeConflict:
                text = _("Somebody changed the same in what is live. Open the text and look.")
                messages.error(request, text)
            except NotPublishable:
                messages.error(request, _("The checks of this site refuse to publish it."))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, text)
                name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
                return redirect(name, content.pk)
        content = self.get_object(request, str(object_id))
        row = working.of(content)
        shown = working.for_preview(content)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Changes not yet published"),
            "subtitle": content.title,
            "object": content,
            "opts": self.opts,
            "working": row,
            "changes": readable_changes(*working.sides(content, row), self.model) if row else [],
            "report": publish_report(shown) if row else [],
            **self.saves_context(request, content),
            "may_publish": policy.may_publish(request.user, content),
        }
        return TemplateResponse(request, "admin/blog/working.html", context)

    @staticmethod
    def _take(step: str, content: Content, user) -> str:
        """Do what a button says; what to tell of it."""
        if step == "publish":
            working.publish_changes(content, by=user)
            return _("The changes are published: readers see them now.")
        if step == "unschedule":
            working.schedule_changes(content, None, by=user)
            return _("The changes wait until you publish them.")
        if step == "discard":
            working.discard_changes(content, by=user)
            return _("The changes are discarded. What is live has stayed as it is.")
        raise PermissionDenied


def _keep_fractions(values: dict, *known: dict) -> None:
    """A form has whole seconds: a time that differs in less is the one that is `known`."""
    for name in TIMES:
        given = parse_datetime(values[name]) if values.get(name) else None
        for snapshot in known:
            moment = parse_datetime(snapshot[name]) if snapshot.get(name) else None
            if given and moment and given == moment.replace(microsecond=0):
                values[name] = snapshot[name]


def _scheduled(row: WorkingRevision) -> str:
    when = date_format(timezone.localtime(row.publish_at), "DATETIME_FORMAT")
    return _("The changes will be published at %(when)s.") % {"when": when}
