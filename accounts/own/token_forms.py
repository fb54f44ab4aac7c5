"""What people fill in for a personal token."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Scope
from accounts.tokens import DEFAULT_PERSONAL_DAYS, MAX_PERSONAL_DAYS

DAYS = {
    7: _("7 days"),
    30: _("30 days"),
    DEFAULT_PERSONAL_DAYS: _("90 days"),
    MAX_PERSONAL_DAYS: _("A year"),
}
WHAT_FOR = [
    (Scope.READ.value, _("Read what you can read")),
    (Scope.WRITE.value, _("Write and change what you can change")),
    (Scope.MEDIA.value, _("Upload pictures and files")),
    (Scope.ADMIN.value, _("Administer, where your role lets you")),
]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for, such as “Backup script”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=WHAT_FOR,
        initial=[Scope.READ.value],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("It ends after"),
        choices=DAYS.items(),
        coerce=int,
        initial=DEFAULT_PERSONAL_DAYS,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def expires_at(self) -> datetime:
        """The end that was chosen. Only of a valid form."""
        return timezone.now() + timedelta(days=self.cleaned_data["days"])
