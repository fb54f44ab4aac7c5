"""The page of the admin on which a video gets another file."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from lib.admin import add_refusal
from library import policy
from library.models import Video, VideoReplacement
from library.replacing_videos import give_up, put_back, replace_video
from library.settling import settled
from library.videos import ACCEPTED


class ReplaceVideoForm(forms.Form):
    """Another file, one that was here before, or that all stays as it is."""

    upload = forms.FileField(
        label=gettext_lazy("New file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED)}),
    )
    former = forms.IntegerField(required=False, widget=forms.HiddenInput)
    give_up = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not any(map(cleaned.get, self.fields)):
            raise ValidationError(_("Choose a file."))
        return cleaned

    def save(self, video: Video, *, by: User) -> str:
        """What was done, in words. Raises ValidationError, Http404 for another video's file."""
        if file := self.cleaned_data["upload"]:
            replace_video(video, file, file.name, by=by)
            return _("The new file is converted now; until then readers see the former one.")
        if self.cleaned_data["give_up"]:
            give_up(get_object_or_404(VideoReplacement, video=video), by=by)
            return _("The video stays as it is.")
        former = get_object_or_404(video.former, pk=self.cleaned_data["former"])
        put_back(former, by=by)
        return _("The former file is shown again; texts that show it follow.")


@require_http_methods(["GET", "HEAD", "POST"])
def replace_video_view(request: HttpRequest, key: int) -> HttpResponse:
    """Ask for the new file, show how far it is and the former ones; a 404 for who may not."""
    video = get_object_or_404(Video.objects.filter(replaces=None), pk=key)
    if not policy.may_describe(request.user, video):
        raise Http404
    is_sent = request.method == "POST"
    form = ReplaceVideoForm(request.POST, request.FILES) if is_sent else ReplaceVideoForm()
    if form.is_valid():
        try:
            with settled():
                done = form.save(video, by=request.user)
        except ValidationError as error:
            add_refusal(form, error)
        else:
            messages.success(request, done)
            return HttpResponseRedirect(reverse("admin:library_video_replace", args=[video.pk]))
    waiting = VideoReplacement.objects.filter(video=video).select_related("upload").first()
    context = admin.site.each_context(request) | {
        "title": _("Replace the file"),
        "opts": Video._meta,
        "video": video,
        "form": form,
        "waiting": waiting and waiting.upload,
        "waiting_state": Video.State(waiting.upload.state).label if waiting else "",
        "former": video.former.filter(is_kept=True).select_related("replaced_by"),
    }
    return TemplateResponse(request, "admin/library/video/replace.html", context)
