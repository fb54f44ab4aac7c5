"""Images in the admin."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from lib.admin import QuickList, RefusalsAreFormErrors
from library import policy
from library.admin.shared import Collectable, CollectionFilter, KeptWhileUsed, UseFilter
from library.models import MEDIA_TYPES, Image, ImageUse
from library.replacing_page import replace_view
from library.services import WORDS, delete_image, describe_image, store_image
from library.uploading import upload_view

THUMBNAIL_SIDE = 240  # CSS pixels
PREVIEW_SIDE = 480


class ImageForm(forms.ModelForm):
    upload = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(MEDIA_TYPES.values())}),
        help_text=_("JPEG, PNG, GIF, WebP, AVIF or SVG, at most 20 MB."),
    )

    class Meta:
        model = Image
        fields = ["alt", "decorative", "caption", "credit", "focal_x", "focal_y"]


class AltTextFilter(admin.SimpleListFilter):
    title = _("alternative text")
    parameter_name = "alt"

    def lookups(self, request, model_admin):
        return [("missing", _("missing")), ("written", _("written")), ("none", _("decorative"))]

    def queryset(self, request, queryset):
        match self.value():
            case "missing":
                return queryset.filter(alt="", decorative=False)
            case "written":
                return queryset.exclude(alt="").filter(decorative=False)
            case "none":
                return queryset.filter(decorative=True)
        return queryset


class MediaTypeFilter(admin.SimpleListFilter):
    title = _("type")
    parameter_name = "type"

    def lookups(self, request, model_admin):
        return [(name, name.upper()) for name in MEDIA_TYPES]

    def queryset(self, request, queryset):
        media_type = MEDIA_TYPES.get(self.value())
        return queryset.filter(media_type=media_type) if media_type else queryset


@admin.register(Image)
class ImageAdmin(Collectable, KeptWhileUsed, RefusalsAreFormErrors, QuickList, admin.ModelAdmin):
    """Uploads go through the service; people change what they uploaded, editors everything.

    The style sheet lays the rows of the list out as cards.
    """

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/library.css"]}
        js: ClassVar[list[forms.Script]] = [forms.Script("js/library/focal.js", defer=True)]

    form = ImageForm
    list_display = [
        *("thumbnail", "name", "alt_state", "dimensions", "bytes", "uploaded_by", "created_at"),
        "use_state",
    ]
    list_display_links = ["thumbnail", "name"]
    list_filter = [UseFilter, CollectionFilter, AltTextFilter, MediaTypeFilter, "created_at"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name", "alt", "caption", "credit", "digest"]
    search_help_text = _("File name, alternative text, caption or credit")
    words = list(WORDS)
    facts = [
        *("name", "address", "media_type", "dimensions", "bytes", "uploaded_by", "created_at"),
        *("renditions_at", "renditions_error"),
    ]

    def get_urls(self):
        upload = self.admin_site.admin_view(upload_view)
        replace = self.admin_site.admin_view(replace_view)
        return [
            path("upload/", upload, name="library_image_upload"),
            path("<int:key>/replace/", replace, name="library_image_replace"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        used = ImageUse.objects.filter(image_id=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_used=Exists(used))

    def get_fields(self, request, obj=None):
        return ["preview", *self.words, *self.facts] if obj else ["upload", *self.words]

    def get_readonly_fields(self, request, obj=None):
        return ["preview", *self.facts] if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        # `upload` is not a column, so a form without it is a form that excludes it.
        if obj:
            kwargs["form"] = type("ImageWordsForm", (ImageForm,), {"upload": None})
        return super().get_form(request, obj, change=change, **kwargs)

    def save_form(self, request, form, change):
        """The image to save: the row itself, or the one that the upload made or found."""
        edited = super().save_form(request, form, change)
        if change:
            return edited
        upload = form.cleaned_data["upload"]
        try:
            image = store_image(upload.read(), upload.name, by=request.user)
        except ValidationError as error:
            raise ValidationError({"upload": error}) from error
        if not self.has_change_permission(request, image):
            return image  # It was there, and is somebody else's: its words stay.
        for name in self.words:
            # What was there already keeps its words where the form has none.
            if name in form.changed_data:
                setattr(image, name, form.cleaned_data[name])
        return image

    def save_model(self, request, obj, form, change):
        # Somebody else's picture, uploaded once more, keeps its words.
        if policy.may_describe(request.user, obj):
            describe_image(obj, by=request.user)

    def remove(self, thing, *, by):
        delete_image(thing, by=by)

    @admin.display(description=_("picture"))
    def thumbnail(self, image: Image) -> str:
        return _img(image, THUMBNAIL_SIDE, alt=image.text_alternative or image.name)  # a link

    @admin.display(description=_("picture"))
    def preview(self, image: Image) -> str:
        return _img(image, PREVIEW_SIDE, alt=image.text_alternative)

    @admin.display(description=_("alternative text"), ordering="alt")
    def alt_state(self, image: Image) -> str:
        if image.decorative:
            return _("decorative")
        return image.alt or format_html('<strong class="lacking">{}</strong>', _("no alternative"))

    @admin.display(description=_("address"))
    def address(self, image: Image) -> str:
        return format_html('<a href="{}"><code>{}</code></a>', image.url, image.url)

    @admin.display(description=_("dimensions"), ordering="width")
    def dimensions(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, image: Image) -> str:
        return filesizeformat(image.size)


def _img(image: Image, side: int, *, alt: str) -> str:
    """The image within a square of `side` CSS pixels, from its smallest rendition."""
    scale = min(1, side / max(image.width, image.height))
    widths = image.renditions.get("webp")
    return format_html(
        '<img class="thumbnail {}" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
        image.focus_classes,
        settings.MEDIA_URL + image.rendition_name(widths[0], "webp") if widths else image.url,
        alt,
        max(1, round(image.width * scale)),
        max(1, round(image.height * scale)),
    )
