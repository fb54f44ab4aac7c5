"""Shapes that several models ask of their fields."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# The same characters that blog.urls.SlugConverter lets through.
slug_shape = RegexValidator(
    r"^[^/.?#%\\\s\x00-\x1f\x7f]+\Z", _("A slug has no spaces and no / . ? # \\ or per cent sign.")
)
# The shape of a BCP 47 tag; whether the language exists is nobody's business here.
language_shape = RegexValidator(
    r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*\Z", _("Write a BCP 47 tag, such as en or zh-hans.")
)
