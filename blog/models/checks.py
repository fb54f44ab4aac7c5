"""The rules that a text is looked at by when it is published."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """What breaking a rule means."""

    OFF = "off", _("Do not look")
    WARNING = "warning", _("Warn")
    BLOCKING = "blocking", _("Refuse to publish")


class Rule(models.TextChoices):
    """What is looked at. An empty text is always refused: there would be nothing to read."""

    EMPTY_BODY = "empty_body", _("The text is empty")
    MISSING_ALT = "missing_alt", _("A picture has no alternative text")
    HEADING_ORDER = "heading_order", _("A heading skips a level")
    DEAD_LINK = "dead_link", _("A link within the site leads nowhere")
    MISSING_DESCRIPTION = "missing_description", _("There is no description")
    LONG_TITLE = "long_title", _("The title is too long for search results")
    LARGE_IMAGE = "large_image", _("A picture is large and is sent as it is")


ADJUSTABLE = tuple(rule for rule in Rule if rule is not Rule.EMPTY_BODY)


def level_by_rule(value: Any) -> None:
    """Validates the levels that a site sets. Raises ValidationError."""
    if not isinstance(value, dict):
        raise ValidationError(_("Give a level for each rule by its name."))
    for rule, level in value.items():
        if rule not in ADJUSTABLE:
            raise ValidationError(
                _("There is no rule “%(rule)s” to set.") % {"rule": str(rule)[:50]}
            )
        if level not in Level.values:
            raise ValidationError(_("A level is one of off, warning and blocking."))
