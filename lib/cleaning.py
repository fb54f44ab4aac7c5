"""Cleaning what people typed into a model, whichever door it came through."""

from typing import Any

from django.core.exceptions import ValidationError

from lib.text import check_text, clean_text

TEXT_TYPES = {"CharField", "TextField", "EmailField", "URLField", "SlugField"}


def checked_text(text: str) -> str:
    """`text` without what XML forbids. Raises ValidationError for what no database stores."""
    try:
        check_text(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    return clean_text(text)


def clean_texts(thing: Any) -> None:
    """Clean every editable text of the model instance `thing`, in place.

    A TextField keeps its white space, anything else is one line. None stays None. Raises
    ValidationError, by field.
    """
    errors = {}
    for field in thing._meta.concrete_fields:
        text = getattr(thing, field.attname)
        kind = field.get_internal_type()
        if not field.editable or kind not in TEXT_TYPES or text is None:
            continue
        try:
            text = checked_text(str(text))
        except ValidationError as error:
            errors[field.name] = error.messages
            continue
        setattr(thing, field.attname, text if kind == "TextField" else " ".join(text.split()))
    if errors:
        raise ValidationError(errors)
