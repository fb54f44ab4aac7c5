"""The forms staff write in."""

from urllib.parse import unquote, urlsplit

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import Resolver404, resolve
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import working
from blog.history import people
from blog.merging import TIMES
from blog.models import (
    Category,
    Content,
    OldAddress,
    Page,
    Post,
    PostAuthor,
    Revision,
    Series,
    Tag,
    WorkingRevision,
)

# Names of the pages an old address may lead to: what they show, and by which field.
PAGES_OF = {
    "blog:post_detail": (Post, "slug"),
    "blog:page_detail": (Page, "slug"),
    "blog:category_detail": (Category, "slug"),
    "blog:tag_detail": (Tag, "slug"),
    "blog:series_detail": (Series, "slug"),
    "blog:author_detail": (User, "username"),
}


class TranslationForm(forms.ModelForm):
    """Two questions beside the content: what else says the same, and whether it is alone again."""

    translation_of = forms.ModelChoiceField(
        label=_("is a translation of"),
        queryset=None,
        required=False,
        help_text=_("A text that says the same in another language. Each then links to the other."),
    )
    unlink_translations = forms.BooleanField(
        label=_("no translation any more"), required=False, help_text=_("Removes these links.")
    )


class ContentForm(TranslationForm):
    """A post or page; it carries the version the editor started from."""

    opened_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(
        label=_("what you changed"),
        required=False,
        max_length=Revision._meta.get_field("reason").max_length,
        help_text=_("A few words for the history, if you like."),
    )

    # The save of the changes beside what is live that the editor started from.
    opened_working = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    publish_at = forms.SplitDateTimeField(
        label=_("publish the changes at"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_("Then readers see them by themselves. Used by “Schedule changes” only."),
    )

    class Meta:
        model = Content
        fields = []
        widgets = {"body": forms.Textarea(attrs={"class": "writing", "rows": 30, "cols": 80})}

    def __init__(self, *args, instance=None, initial=None, **kwargs):
        # What waits beside the row is what one goes on with.
        self.working = working.of(instance) if instance is not None and instance.pk else None
        self.is_live = instance is not None and instance.is_published
        if self.working:
            initial = {**_initial_of(self.working), **(initial or {})}
        super().__init__(*args, instance=instance, initial=initial, **kwargs)
        if "body" in self.fields:
            # A leading space is Markdown, and so is the last empty line.
            self.fields["body"].strip = False
        for name in self.fields.keys() & {"title", "subtitle"}:
            field = self.fields[name]
            field.widget.attrs["placeholder"] = capfirst(field.label)
        if not self.is_live:
            del self.fields["publish_at"]
        if self.instance.pk is None:
            del self.fields["opened_version"], self.fields["opened_working"]
            return
        saved = self.working.last if self.working else None
        self.fields["opened_version"].initial = saved.started_from if saved else instance.version
        self.fields["opened_working"].initial = saved.number if saved else 0

    def clean_body(self) -> str:
        # Browsers send every line break as two characters, whatever was stored.
        return self.cleaned_data["body"].replace("\r\n", "\n")

    def clean(self):
        cleaned = super().clean()
        asked = "_schedule" in self.data and "publish_at" in self.fields
        if asked and not cleaned.get("publish_at") and not self.has_error("publish_at"):
            self.add_error("publish_at", _("Say when the changes are to be published."))
        return cleaned


class PostForm(ContentForm):
    """A post; tags that do not exist yet are typed beside those that do."""

    new_tags = forms.CharField(
        label=_("more tags"),
        required=False,
        max_length=500,
        help_text=_("Names with commas between them. What is new is made as you save."),
    )


def _initial_of(row: WorkingRevision) -> dict:
    """The fields of a form that shows the changes of `row`."""
    fields = {name.removesuffix("_id"): value for name, value in row.last.snapshot.items()}
    for name in TIMES:
        fields[name] = parse_datetime(fields[name]) if fields[name] else None
    return fields | {"publish_at": row.publish_at}


class BylineFormSet(forms.BaseInlineFormSet):
    """The byline; where another one waits to be published, that."""

    def __init__(self, *args, instance=None, **kwargs):
        row = working.of(instance) if instance is not None and instance.pk else None
        kept = row.last.snapshot.get("authors") if row else None
        if kept is None or args or kwargs.get("data") is not None:
            super().__init__(*args, instance=instance, **kwargs)
            return
        byline = people(kept) or []
        entries = list(kwargs["queryset"].filter(post=instance))
        others = [{"user": user, "place": place} for place, user in enumerate(byline, 1)]
        kwargs["initial"] = others[len(entries) :]
        super().__init__(*args, instance=instance, **kwargs)
        self.extra += len(kwargs["initial"])
        for entry, user in zip(entries, byline, strict=False):
            entry.user = user
        self._queryset, self.dropped = entries, entries[len(byline) :]

    dropped: list[PostAuthor] = []

    def add_fields(self, form, index) -> None:
        super().add_fields(form, index)
        if form.instance in self.dropped:
            form.fields["DELETE"].initial = True


class AuthorForm(forms.ModelForm):
    """One name of a byline, and its place in it."""

    place = forms.IntegerField(
        label=_("place"), required=False, min_value=1, max_value=999, widget=forms.NumberInput
    )

    class Meta:
        model = PostAuthor
        fields = ["user"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["place"].initial = self.instance.position + 1


def authors_from(formset: forms.BaseInlineFormSet) -> list[User]:
    """The people of a valid `formset` of AuthorForm, by place; those without one come last."""
    kept = [
        form.cleaned_data
        for form in formset.forms
        if form.cleaned_data.get("user") and not form.cleaned_data.get("DELETE")
    ]
    kept.sort(key=lambda data: data.get("place") or 1_000)
    return [data["user"] for data in kept]


class OldAddressForm(forms.ModelForm):
    """A former path, and the path of the page it leads to from now on."""

    path = forms.CharField(
        label=_("former path"), max_length=500, help_text=_("Such as /2019/05/on-ink.html")
    )
    leads_to = forms.CharField(
        label=_("leads to"), max_length=500, help_text=_("Such as /posts/on-ink/")
    )

    class Meta:
        model = OldAddress
        fields = []

    def clean_leads_to(self) -> models.Model:
        try:
            path = unquote(urlsplit(self.cleaned_data["leads_to"]).path).strip("/")
            match = resolve(f"/{path}/")
        except (ValueError, Resolver404):
            match = None
        if match is None or match.view_name not in PAGES_OF:
            raise ValidationError(_("No post, page, category, tag, series or author lives there."))
        model, field = PAGES_OF[match.view_name]
        thing = model.objects.filter(**{field: match.kwargs.get(field)}).first()
        if thing is None:
            raise ValidationError(_("No post, page, category, tag, series or author lives there."))
        return thing
