"""The page of the admin on which a picture gets another file."""

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
from lib import images
from lib.admin import add_refusal
from library import policy
from library.models import MEDIA_TYPES, Image
from library.replacing import put_back, replace_image
from library.services import REFUSALS
from library.settling import settled


class ReplaceForm(forms.Form):
    """Either another file or one that was here before."""

    upload = forms.FileField(
        label=gettext_lazy("New file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(MEDIA_TYPES.values())}),
    )
    former = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        if file and file.size > images.MAX_BYTES:  # before it is read into memory
            raise ValidationError(REFUSALS[images.TooBig])
        return file

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("upload") and not cleaned.get("former"):
            raise ValidationError(_("Choose a file."))
        return cleaned

    def save(self, image: Image, *, by: User) -> Image:
        """Raises ValidationError, Http404 for a former file of another image."""
        if file := self.cleaned_data["upload"]:
            return replace_image(image, file.read(), file.name, by=by)
        former = get_object_or_404(
            image.former.select_related("image"), pk=self.cleaned_data["former"]
        )
        return put_back(former, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
def replace_view(request: HttpRequest, key: int) -> HttpResponse:
    """Ask for the new file, show the former ones; who may not change the image finds nothing."""
    image = get_object_or_404(Image, pk=key)
    if not policy.may_describe(request.user, image):
        raise Http404
    form = ReplaceForm(request.POST, request.FILES) if request.method == "POST" else ReplaceForm()
    if form.is_valid():
        try:
            with settled():
                form.save(image, by=request.user)
        except ValidationError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The picture was replaced; texts that show it follow."))
            return HttpResponseRedirect(reverse("admin:library_image_change", args=[image.pk]))
    context = admin.site.each_context(request) | {
        "title": _("Replace the file"),
        "opts": Image._meta,
        "image": image,
        "form": form,
        "former": image.former.exclude(file="").select_related("replaced_by"),
    }
    return TemplateResponse(request, "admin/library/image/replace.html", context)
