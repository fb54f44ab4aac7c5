"""Videos in the admin."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from lib.admin import KEY, QuickList, RefusalsAreFormErrors
from library import policy, storage
from library.admin.shared import Collectable, CollectionFilter, KeptWhileUsed, UseFilter
from library.models import CaptionTrack, Video, VideoUse
from library.models.videos import MAX_TRIES
from library.replacing_video_page import replace_video_view
from library.uploading import upload_view
from library.videos import (
    ACCEPTED,
    WORDS,
    delete_video,
    describe_video,
    remove_captions,
    set_captions,
    store_video,
    try_again,
)

MAX_ASKED = 50  # videos in one question how far they are


class VideoForm(forms.ModelForm):
    upload = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ACCEPTED)}),
        help_text=_(
            "MP4, MOV, WebM or MKV. It is converted for all browsers; place and camera are taken "
            "out."
        ),
    )

    class Meta:
        model = Video
        fields = list(WORDS)


class CaptionForm(forms.ModelForm):
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".vtt,text/vtt"}),
        help_text=_("WebVTT (.vtt)."),
    )

    class Meta:
        model = CaptionTrack
        fields = ["language", "label"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["language"].disabled = True
            self.fields["file"].required = False


class CaptionInline(admin.TabularInline):
    model = CaptionTrack
    form = CaptionForm
    extra = 1
    fields: ClassVar[list[str]] = ["language", "label", "file"]

    def _may(self, request, obj=None):
        return obj is not None and policy.may_describe(request.user, obj)

    has_add_permission = has_change_permission = has_delete_permission = _may

    def has_view_permission(self, request, obj=None):
        return policy.may_see(request.user)


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("ready", pgettext_lazy("state of a video", "ready")),
            ("open", _("to be converted")),
            ("failed", _("failed")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "ready":
                return queryset.exclude(made_at=None)
            case "open":
                return queryset.filter(made_at=None, tries__lt=MAX_TRIES)
            case "failed":
                return queryset.filter(made_at=None, tries__gte=MAX_TRIES)
        return queryset


@admin.register(Video)
class VideoAdmin(Collectable, KeptWhileUsed, RefusalsAreFormErrors, QuickList, admin.ModelAdmin):
    """Who may do what with images may do it with videos."""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/library.css"]}
        js: ClassVar[list[forms.Script]] = [forms.Script("js/library/progress.js", defer=True)]

    form = VideoForm
    change_form_template = "admin/library/image/change_form.html"
    delete_confirmation_template = "admin/library/image/delete_confirmation.html"
    list_display = [
        *("poster", "name", "alt", "state_shown", "length", "uploaded_by", "created_at"),
        "use_state",
    ]
    list_display_links = ["poster", "name"]
    list_filter = [UseFilter, CollectionFilter, StateFilter, "created_at"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name", "alt", "caption", "credit", "digest"]
    search_help_text = _("File name, what it shows, caption or credit")
    actions = ["convert_again"]
    facts = [
        *("name", "markdown", "dimensions", "length", "bytes", "uploaded_by"),
        *("created_at", "made_at", "error"),
    ]

    def get_urls(self):
        progress = self.admin_site.admin_view(require_safe(self.progress_view))
        upload = self.admin_site.admin_view(upload_view)
        replace = self.admin_site.admin_view(replace_video_view)
        return [
            path("progress/", progress, name="library_video_progress"),
            path("upload/", upload, name="library_video_upload"),
            path("<int:key>/replace/", replace, name="library_video_replace"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        used = VideoUse.objects.filter(video_id=OuterRef("pk"))
        # What waits to take another's place is shown on the page of that one.
        return super().get_queryset(request).filter(replaces=None).annotate(is_used=Exists(used))

    def get_fields(self, request, obj=None):
        facts = ["player", "state_shown", *WORDS, *self.facts]
        return facts if obj else ["upload", *WORDS]

    def get_readonly_fields(self, request, obj=None):
        return ["player", "state_shown", *self.facts] if obj else []

    def get_inlines(self, request, obj):
        return [CaptionInline] if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        # `upload` is not a column, so a form without it is a form that excludes it.
        if obj:
            kwargs["form"] = type("VideoWordsForm", (VideoForm,), {"upload": None})
        return super().get_form(request, obj, change=change, **kwargs)

    def has_module_permission(self, request):
        return policy.may_see(request.user)

    def has_view_permission(self, request, obj=None):
        return policy.may_see(request.user)

    def has_add_permission(self, request):
        return policy.may_upload(request.user)

    def has_delete_permission(self, request, obj=None):
        return policy.may_delete(request.user)

    def save_form(self, request, form, change):
        """The video to save: the row itself, or the one that the upload made or found."""
        edited = super().save_form(request, form, change)
        if change:
            return edited
        upload = form.cleaned_data["upload"]
        try:
            stored = store_video(upload, upload.name, by=request.user)
        except ValidationError as error:
            raise ValidationError({"upload": error}) from error
        if self.has_change_permission(request, stored):
            for name in set(WORDS) & set(form.changed_data):
                setattr(stored, name, form.cleaned_data[name])
        return stored

    def save_model(self, request, obj, form, change):
        # Somebody else's video, uploaded once more, keeps its words.
        if policy.may_describe(request.user, obj):
            describe_video(obj, by=request.user)

    def save_formset(self, request, form, formset, change):
        """Captions go through the service, too."""
        formset.save(commit=False)
        for track in formset.deleted_objects:
            remove_captions(track, by=request.user)
        for one in formset.forms:
            if one.has_changed() and one not in formset.deleted_forms:
                _save_captions(one, form.instance, by=request.user)
        formset.new_objects, formset.changed_objects = [], []

    def remove(self, thing, *, by):
        delete_video(thing, by=by)

    @admin.action(description=_("Convert again what failed"), permissions=["change"])
    def convert_again(self, request, queryset):
        mine = [video for video in queryset if policy.may_describe(request.user, video)]
        for video in mine:
            try_again(video, by=request.user)
        messages.info(request, _("They are converted once more."))

    def progress_view(self, request: HttpRequest) -> JsonResponse:
        """How far videos are, for the script that shows it."""
        if not policy.may_see(request.user):
            raise Http404
        keys = [key for key in request.GET.get("ids", "").split(",") if KEY.fullmatch(key)]
        found = Video.objects.filter(pk__in=keys[:MAX_ASKED])
        answer = {
            video.pk: {"state": video.state, "words": _words(video), "progress": video.progress}
            for video in found
        }
        return JsonResponse(answer)

    @admin.display(description=_("video"))
    def poster(self, video: Video) -> str:
        if not video.made_at:
            return format_html('<span class="thumbnail no-poster">{}</span>', _words(video))
        return format_html(
            '<img class="thumbnail" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
            *(video.poster_url, video.alt or video.name, video.width, video.height),
        )

    @admin.display(description=_("video"))
    def player(self, video: Video) -> str:
        if not video.made_at:
            return "–"
        sources = format_html_join(
            "",
            '<source src="{}" type="{}">',
            ((address, media_type) for media_type, address in video.sources),
        )
        return format_html(
            '<video class="preview" controls preload="none" poster="{}" width="{}" height="{}" '
            'aria-label="{}">{}</video>',
            *(video.poster_url, video.width, video.height, video.alt or video.name, sources),
        )

    @admin.display(description=_("state"))
    def state_shown(self, video: Video) -> str:
        is_open = video.state in {Video.State.WAITING, Video.State.WORKING}
        bar = format_html(
            ' <progress data-video="{}" max="100" value="{}" aria-label="{}"></progress>',
            *(video.pk, video.progress, video.name),
        )
        css = "lacking" if video.state == Video.State.FAILED else ""
        words = format_html('<span class="{}">{}</span>', css, _words(video))
        return format_html("{}{}", words, bar if is_open else "")

    @admin.display(description=_("in a text"))
    def markdown(self, video: Video) -> str:
        return format_html("<code>![{}]({})</code>", video.alt, video.url)

    @admin.display(description=_("dimensions"))
    def dimensions(self, video: Video) -> str:
        return f"{video.width} × {video.height}"

    @admin.display(description=_("length"), ordering="seconds")
    def length(self, video: Video) -> str:
        minutes, seconds = divmod(round(video.seconds or 0), 60)
        return f"{minutes}:{seconds:02}" if video.seconds else "–"

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, video: Video) -> str:
        files = [f"{name}: {filesizeformat(size)}" for name, size in video.files.items()]
        return ", ".join(files) or filesizeformat(video.size)


def _words(video: Video) -> str:
    return Video.State(video.state).label


def _save_captions(form: CaptionForm, video: Video, *, by) -> None:
    file = form.cleaned_data.get("file")
    track = form.instance
    data = file.read() if file else storage.read(track.file_name)
    set_captions(video, track.language, data, by=by, label=form.cleaned_data["label"])
