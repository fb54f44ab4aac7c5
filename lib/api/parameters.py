"""What may stand after the question mark: known names, and one value for each."""

import difflib
from collections.abc import Iterable

from django.http import QueryDict
from rest_framework.exceptions import ValidationError


def require_known(given: QueryDict, known: Iterable[str]) -> None:
    """Raise ValidationError naming each parameter that is not `known`, with the nearest name.

    A parameter that is passed over in silence is a filter that did not filter.
    """
    known = set(known)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValidationError({name[:100]: [_refusal(name, known)] for name in unknown[:20]})


def _refusal(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name[:100], sorted(known), n=1)
    if near:
        return f"There is no such parameter; did you mean {near[0]}?"
    return f"There is no such parameter. There are: {', '.join(sorted(known))}."


def names_in(given: QueryDict, parameter: str) -> list[str]:
    """The names in a comma-separated parameter, each once; [] when it is not given."""
    text = ",".join(given.getlist(parameter))
    return list(dict.fromkeys(name for name in (part.strip() for part in text.split(",")) if name))


def chosen_fields(
    given: QueryDict, *, default: tuple[str, ...], on_request: tuple[str, ...]
) -> tuple[str, ...]:
    """The fields to answer: those of `?fields=`, else `default` and those of `?include=`.

    Raises ValidationError naming the fields that do not exist.
    """
    if "fields" not in given and "include" not in given:
        return default
    every = (*default, *on_request)
    wanted = {}
    for parameter in ("fields", "include"):
        wanted[parameter] = names_in(given, parameter)
        unknown = [name for name in wanted[parameter] if name not in every]
        if unknown:
            refusals = [f"{name[:100]}: {_no_field(name, every)}" for name in unknown[:20]]
            raise ValidationError({parameter: refusals})
    if "fields" in given and not wanted["fields"]:
        raise ValidationError({"fields": [f"Name some of: {', '.join(every)}."]})
    chosen = {*(wanted["fields"] or default), *wanted["include"]}
    return tuple(name for name in every if name in chosen)


def _no_field(name: str, every: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:100], every, n=1)
    if near:
        return f"there is no such field; did you mean {near[0]}?"
    return f"there is no such field. There are: {', '.join(every)}."


def checked_query(parameter: str, text: str, limit: int) -> str:
    """What a client searches for. Raises ValidationError when it is longer than `limit`."""
    if len(text) > limit:
        raise ValidationError({parameter: [f"Use at most {limit} characters."]})
    return text.replace("\x00", " ")
