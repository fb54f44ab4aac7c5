"""The notice of who else has this text open."""

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from blog.models import Content
from blog.presence import leave, note_presence, notice


class ShowsPresence:
    """Mixed into the admin of posts and of pages."""

    class Media:
        js = ["js/presence.js"]

    def get_urls(self):
        beat = path(
            "<int:object_id>/presence/",
            self.admin_site.admin_view(require_POST(self.presence_view)),
            name=f"{self.opts.app_label}_{self.opts.model_name}_presence",
        )
        return [beat, *super().get_urls()]

    def presence_view(self, request: HttpRequest, object_id: int) -> JsonResponse:
        """A sign that the text is still open; answers who else has it open."""
        content = self.get_object(request, str(object_id))
        if content is None or not self.has_change_permission(request, content):
            raise Http404
        return JsonResponse({"notice": notice(note_presence(content, request.user))})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and self.has_change_permission(request, obj):
            context["presence"] = notice(note_presence(obj, request.user))
            context["shows_presence"] = True
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request: HttpRequest, obj: Content):
        leave(obj, request.user)  # Who stays comes back at once.
        return super().response_change(request, obj)
