"""The levels of the checks before publication, as one choice for each rule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from blog.models import Site
from blog.models.checks import ADJUSTABLE, Level


class LevelsWidget(forms.MultiWidget):
    template_name = "blog/forms/levels.html"
    use_fieldset = True

    def __init__(self, attrs=None):
        super().__init__({rule.value: forms.Select(choices=Level.choices) for rule in ADJUSTABLE})

    def decompress(self, value: Any) -> list[str]:
        levels = value if isinstance(value, dict) else {}
        return [levels.get(rule.value, Level.WARNING.value) for rule in ADJUSTABLE]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        for select, rule in zip(context["widget"]["subwidgets"], ADJUSTABLE, strict=True):
            select["label"] = rule.label
        return context


class LevelsField(forms.MultiValueField):
    """A dict of rules and their levels; what warns, as everything does by itself, is left out."""

    widget = LevelsWidget

    def __init__(self, **kwargs):
        fields = [forms.ChoiceField(choices=Level.choices) for _rule in ADJUSTABLE]
        super().__init__(fields, require_all_fields=True, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        if not data_list:  # A form without these choices leaves what is stored.
            return {}
        levels = zip(ADJUSTABLE, data_list, strict=True)
        return {rule.value: level for rule, level in levels if level != Level.WARNING}


class SiteForm(forms.ModelForm):
    publish_checks = LevelsField(
        label=_("Checks before publication"),
        required=False,
        help_text=_("A text that is empty is always refused."),
    )

    class Meta:
        model = Site
        fields = []
