"""The writing screen: preview, and what is typed kept on the way. For posts and pages alike."""

from functools import update_wrapper
from typing import Any
from uuid import uuid4

from csp.constants import NONCE, SELF
from csp.decorators import csp_update
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from accounts.policy import require
from blog import autosaves
from blog.forms import authors_from
from blog.models import Autosave, Content, Post
from blog.previews import show_unsaved

# The editor writes its rules into the page, and the preview stands in a frame.
EDITOR_POLICY = {"style-src": [NONCE], "frame-src": [SELF]}
MAX_KEYS_ASKED = 50


class WritingDesk:
    """A mixin for the admin class of something with a text."""

    @method_decorator(csp_update(EDITOR_POLICY))
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_urls(self):
        urls = []
        for tail, view in (
            ("preview", self.admin_site.admin_view(require_POST(self.preview_view))),
            ("autosave", self._for_scripts(self.autosave_view)),
        ):
            name = self._url_name(tail)
            urls.append(path(f"{tail}/", view, name=f"{name}_new"))
            urls.append(path(f"<int:object_id>/{tail}/", view, name=name))
        return [*urls, *super().get_urls()]

    def desk_context(self, request: HttpRequest, obj: Content | None) -> dict[str, Any]:
        """What the template of the screen needs besides what the admin gives."""
        arguments, end = ([obj.pk], "") if obj else ([], "_new")
        addresses = {
            tail: reverse(f"admin:{self._url_name(tail)}{end}", args=arguments)
            for tail in ("preview", "autosave")
        }
        return {
            "preview_url": addresses["preview"],
            "autosave_url": addresses["autosave"],
            # A form shown again, with what is wrong in it, is still the same.
            "autosave_key": request.POST.get("autosave_key") or uuid4().hex,
            "is_nav_sidebar_enabled": False,
        }

    def settle_autosave(self, request: HttpRequest, content: Content) -> None:
        """Called in the transaction that saves what was typed."""
        autosaves.settle(content, request.POST.get("autosave_key", ""), by=request.user)

    # --- answers ------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """The page as the site would show it, made from the form as it is. Nothing is written."""
        obj = self._desk_object(request, object_id)
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        change = obj is not None
        form = self.get_form(request, obj, change=change, fields=fields)(
            request.POST, request.FILES, instance=obj
        )
        form.is_valid()  # What is not valid is left as it is stored.
        content = form.instance
        links = {}
        if isinstance(content, Post):
            formsets, _inlines = self._create_formsets(request, content, change=change)
            named = authors_from(formsets[0]) if formsets and formsets[0].is_valid() else []
            stored = obj.byline if change else [request.user]
            links = {"authors": named or stored, "tags": form.cleaned_data.get("tags", ())}
        try:
            return show_unsaved(request, content, **links)
        except ValidationError as error:
            reasons = {"reasons": error.messages}
            return render(request, "admin/blog/no_preview.html", reasons, status=400)

    def autosave_view(self, request: HttpRequest, object_id: int | None = None) -> JsonResponse:
        """GET: the newest unsaved text of this person. POST: keep one, or throw one away."""
        obj = self._desk_object(request, object_id)
        subject = obj or self.model
        if request.method == "GET":
            asked = request.GET.getlist("key")[:MAX_KEYS_ASKED]
            row = autosaves.newest(subject, by=request.user, but=request.GET.get("mine", ""))
            answer = {"newest": _shown(row), "done": autosaves.done(asked, by=request.user)}
            return self._script_answer(request, **answer)
        key = request.POST.get("key", "")
        if "discard" in request.POST:
            with transaction.atomic():
                autosaves.settle(self.model, key, by=request.user)
            return self._script_answer(request)
        try:
            version = int(request.POST.get("version") or 0)
            if not 0 <= version < 2**31:
                raise ValueError
        except ValueError:
            return JsonResponse({"detail": "version"}, status=400)
        try:
            row = autosaves.keep(
                subject, request.POST.get("fields", ""), key=key, version=version, by=request.user
            )
        except ValidationError as error:
            return JsonResponse({"detail": " ".join(error.messages)}, status=400)
        return self._script_answer(request, saved_at=row.saved_at, is_done=row.is_done)

    # --- parts --------------------------------------------------------------------------

    def _url_name(self, tail: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{tail}"

    def _desk_object(self, request: HttpRequest, object_id: int | None) -> Content | None:
        """What is being written, None for a new one. Raises Http404 for who may not."""
        if object_id is None:
            require(self.has_add_permission(request))
            return None
        content = self.get_object(request, unquote(str(object_id)))
        if content is None or not self.has_change_permission(request, content):
            raise Http404
        return content

    def _for_scripts(self, view):
        """As `admin_view`; who is signed out is told so, not sent to a page of words."""
        inner = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(view))

        def outer(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return JsonResponse({"detail": "signed out"}, status=401)
            return inner(request, *args, **kwargs)

        return update_wrapper(outer, inner)

    def _script_answer(self, request: HttpRequest, **facts) -> JsonResponse:
        """Whoever signed in again meanwhile has another token against forgery."""
        who = {"user": request.user.pk, "token": get_token(request)}
        return JsonResponse({**who, **facts})


def _shown(row: Autosave | None) -> dict[str, Any] | None:
    if row is None:
        return None
    names = ("key", "version", "saved_at", "fields")
    return {name: getattr(row, name) for name in names}
