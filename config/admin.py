"""The admin site: Django's own, in our dress and with our rules."""

from functools import update_wrapper

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView, redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.forms import OwnPasswordForm
from blog import agenda
from config import desk
from config.work_page import work_page

# The order of the desk; what is not named comes after, by name.
APPS = ["blog", "library", "accounts", "insights", "transfer", "events"]
MODELS = [
    *("Post", "Page", "Task", "Category", "Tag", "Series", "Revision", "OldAddress", "Site"),
    *("User", "Group"),
]
# Roles are about people, whichever app Django keeps them in.
SHOWN_WITH = {"auth": "accounts"}


class InkstoneAdminSite(admin.AdminSite):
    site_header = _("Inkstone")
    site_title = _("Inkstone")
    index_title = _("Desk")

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponseBase:
        """To the site's own sign-in, which asks for a second factor too; no password is read here.

        Somebody who is signed in and no staff finds nothing here.
        """
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        if request.user.is_authenticated:
            raise Http404
        next_page = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(next_page)

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponseBase:
        context = {
            "notes": desk.notes(request.user),
            "boxes": agenda.boxes(request.user),
            "chart": agenda.published_per_week(),
            "links": desk.quick_links(request.user),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def admin_view(self, view, cacheable=False):
        """As Django's; what a person may not see answers 404, as on the site and in the API."""

        def hiding(request, *args, **kwargs):
            try:
                return view(request, *args, **kwargs)
            except PermissionDenied as error:
                raise Http404 from error

        inner = super().admin_view(update_wrapper(hiding, view), cacheable)

        def outer(request, *args, **kwargs):
            # Django would ask somebody who is signed in to sign in.
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return update_wrapper(outer, inner)

    def get_urls(self):
        # Before Django's own, which tells anyone the address of any object.
        ours = path(
            "r/<int:content_type_id>/<int:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        work = path("work/", self.admin_view(work_page), name="work")
        return [ours, work, *super().get_urls()]

    def view_on_site(
        self, request: HttpRequest, content_type_id: int, object_id: int
    ) -> HttpResponseBase:
        """To the page of something that this person finds in the admin."""
        kind = get_object_or_404(ContentType, pk=content_type_id).model_class()
        model_admin = self._registry.get(kind)
        if model_admin is None or not hasattr(kind, "get_absolute_url"):
            raise Http404
        thing = get_object_or_404(model_admin.get_queryset(request), pk=object_id)
        if not model_admin.has_view_or_change_permission(request, thing):
            raise PermissionDenied
        return HttpResponseRedirect(thing.get_absolute_url())

    def password_change(self, request, extra_context=None):
        request.current_app = self.name
        return PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            template_name="registration/password_change_form.html",
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)

    def get_app_list(self, request, app_label=None) -> list[dict]:
        apps = self._build_app_dict(request, app_label)
        if app_label is None:
            for label, home in SHOWN_WITH.items():
                if label in apps and home in apps:
                    apps[home]["models"] += apps.pop(label)["models"]
        for app in apps.values():
            app["models"].sort(
                key=lambda model: _place(MODELS, model["object_name"], model["name"])
            )
        return sorted(apps.values(), key=lambda app: _place(APPS, app["app_label"], app["name"]))


def _place(order: list[str], key: str, name: str) -> tuple[int, str]:
    return (order.index(key) if key in order else len(order), str(name))
