"""What people fill in about themselves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import erasure
from accounts.models import User
from accounts.models.profile import LINK_ADDRESS_MAX_LENGTH, MAX_LINKS, checked_links
from lib.avatars import MAX_BYTES
from lib.cleaning import checked_text

LINKS_MAX_LENGTH = MAX_LINKS * (LINK_ADDRESS_MAX_LENGTH + 70)  # characters


class LinksField(forms.CharField):
    """One link on each line: its address, and after a space what to call it."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{link['url']} {link['name']}".rstrip() for link in value)

    def clean(self, value: Any) -> list[dict[str, str]]:
        text = checked_text(super().clean(value))
        lines = [line.split(maxsplit=1) for line in text.split("\n")]
        return checked_links(
            [{"url": line[0], "name": "".join(line[1:]).strip()} for line in lines if line]
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


class ProfileForm(forms.ModelForm):
    avatar = forms.FileField(
        label=_("Picture"),
        required=False,
        max_length=255,
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/gif,image/webp,image/avif"}
        ),
        help_text=_("JPEG, PNG, GIF, WebP or AVIF, at most 10 MB. It is shown as a square."),
    )
    no_avatar = forms.BooleanField(label=_("Remove the picture"), required=False)
    website = forms.URLField(
        label=_("Website"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )
    links = LinksField(
        label=_("Links"),
        required=False,
        max_length=LINKS_MAX_LENGTH,
        help_text=_("One on each line: the address, then what to call it."),
    )
    language = forms.ChoiceField(
        label=_("Language of these pages and of mails"),
        required=False,
        choices=lambda: [("", _("As the site")), *settings.LANGUAGES],
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("As the site")), *((name, name) for name in zones())],
    )

    class Meta:
        model = User
        fields = ["display_name", "bio", "website", "links", "language", "time_zone"]
        labels = {"display_name": _("Name"), "bio": _("About you")}
        help_texts = {"display_name": _("How readers see you. Without it, your username is shown.")}
        widgets = {
            "display_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "bio": forms.Textarea(attrs={"rows": 5}),
        }

    field_order = ["avatar", "no_avatar", *Meta.fields]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        if not self.instance.avatar:
            del self.fields["no_avatar"]

    def clean_avatar(self):
        upload = self.cleaned_data["avatar"]
        if upload and upload.size > MAX_BYTES:
            raise ValidationError(_("This file is too big. A picture may have 10 MB."))
        return upload

    def _post_clean(self) -> None:
        """The service checks and saves; this form would change the signed-in person before it."""

    def changes(self) -> dict[str, Any]:
        """What `accounts.profile.save_profile` takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def zones() -> list[str]:
    """The time zones people choose from: places, without the abbreviations of old systems."""
    return sorted(name for name in available_timezones() if "/" in name and "Etc" not in name)


class LeaveForm(forms.Form):
    """What becomes of one's texts, and that one means it."""

    texts = forms.ChoiceField(
        label=_("Your texts"),
        widget=forms.RadioSelect,
        initial="anonymous",
        choices=[
            ("anonymous", _("stay, without my name")),
            ("heir", _("go to somebody else on this site")),
        ],
    )
    heir = forms.ModelChoiceField(
        label=_("To whom"),
        required=False,
        queryset=User.objects.none(),
        help_text=_("Editors and administrators: they answer for the texts of the site already."),
    )
    username = forms.CharField(
        label=_("Your username"),
        max_length=50,
        help_text=_("Type it as a sign that you mean this account."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, *args, user: User, has_texts: bool, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.user = user
        if has_texts:
            self.fields["heir"].queryset = erasure.possible_heirs(user)
        else:
            del self.fields["texts"], self.fields["heir"]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if username.lower() != self.user.username.lower():
            raise ValidationError(_("This is not your username."))
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        wants_heir = cleaned.get("texts") == "heir"
        if wants_heir and not cleaned.get("heir") and "heir" not in self.errors:
            self.add_error("heir", _("Choose somebody."))
        cleaned["heir"] = cleaned.get("heir") if wants_heir else None
        return cleaned
