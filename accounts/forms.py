"""The forms about accounts that staff fill in."""

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordChangeForm
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.services import change_password


class OwnPasswordForm(OwnPasswordChangeForm):
    """Choosing an own password, after a one-time one say."""

    def clean(self):
        cleaned = super().clean()
        new = cleaned.get("new_password1")
        if new and new == cleaned.get("old_password"):
            raise ValidationError({"new_password1": _("Choose a password other than the old one.")})
        return cleaned

    def save(self, commit=True):
        return change_password(self.user, self.cleaned_data["new_password1"], by=self.user)


class OneTimePasswordForm(auth_forms.SetPasswordMixin, forms.Form):
    """A password that an administrator gives somebody; it has to be changed at the next visit."""

    required_css_class = "required"
    password1, password2 = auth_forms.SetPasswordMixin.create_password_fields()
    by: User | None = None  # set by the view

    def __init__(self, user: User, *args, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self):
        self.validate_passwords()
        self.validate_password_for_user(self.user)
        cleaned = super().clean()
        # What the admin's view asks for; switching passwords off is not offered.
        cleaned["set_usable_password"] = True
        return cleaned

    def save(self, commit=True):
        password = self.cleaned_data["password1"]
        return change_password(self.user, password, by=self.by, one_time=True)

    @property
    def changed_data(self) -> list[str]:
        return ["password"]


class RoleField(forms.ChoiceField):
    """One role, or none for a reader."""

    def __init__(self, **kwargs):
        choices = [("", _("Reader")), *Role.choices]
        super().__init__(choices=choices, required=False, label=_("role"), **kwargs)

    def clean(self, value) -> Role | None:
        value = super().clean(value)
        return Role(value) if value else None


class NewUserForm(auth_forms.UserCreationForm):
    """A new account with a one-time password."""

    role = RoleField()

    class Meta:
        model = User
        fields = ["username", "email", "display_name"]


class UserForm(auth_forms.UserChangeForm):
    role = RoleField()

    class Meta:
        model = User
        fields = ["username"]  # the admin adds those of its fieldsets

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "role" in self.fields:
            self.fields["role"].initial = self.instance.role or ""
