"""What may stand after the question mark: known names, and one value for each."""

import difflib
from collections.abc import Iterable
from functools import lru_cache

from django.http import QueryDict
from django.utils.translation import gettext as _

from lib.api.problems import ParameterError


def require_known(given: QueryDict, known: Iterable[str]) -> None:
    """Raise ParameterError naming each parameter that is not `known`, with the nearest name.

    A parameter that is passed over in silence is a filter that did not filter.
    """
    known = set(known)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ParameterError({name[:100]: [_refusal(name, known)] for name in unknown[:20]})


def _refusal(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name[:100], sorted(known), n=1)
    if near:
        return _("There is no such parameter; did you mean %s?") % near[0]
    return _("There is no such parameter. There are: %s.") % ", ".join(sorted(known))


def names_in(given: QueryDict, parameter: str) -> list[str]:
    """The names in a comma-separated parameter, each once; [] when it is not given."""
    return _names(",".join(given.getlist(parameter)))


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name for name in (part.strip() for part in text.split(",")) if name))


def chosen_fields(
    given: QueryDict, *, default: tuple[str, ...], on_request: tuple[str, ...]
) -> tuple[str, ...]:
    """The fields to answer: those of `?fields=`, else `default` and those of `?include=`.

    Raises ParameterError naming the fields that do not exist.
    """
    if "fields" not in given and "include" not in given:
        return default
    fields, include = (
        ",".join(given.getlist(name)) if name in given else None for name in ("fields", "include")
    )
    return _chosen(fields, include, default, on_request)


@lru_cache(maxsize=256)  # Clients choose the same fields again and again.
def _chosen(
    fields: str | None, include: str | None, default: tuple[str, ...], on_request: tuple[str, ...]
) -> tuple[str, ...]:
    every = (*default, *on_request)
    wanted = {}
    for parameter, text in (("fields", fields), ("include", include)):
        wanted[parameter] = _names(text or "")
        unknown = [name for name in wanted[parameter] if name not in every]
        if unknown:
            refusals = [f"{name[:100]}: {_no_field(name, every)}" for name in unknown[:20]]
            raise ParameterError({parameter: refusals})
    if fields is not None and not wanted["fields"]:
        raise ParameterError({"fields": _("Name some of: %s.") % ", ".join(every)})
    chosen = {*(wanted["fields"] or default), *wanted["include"]}
    return tuple(name for name in every if name in chosen)


def _no_field(name: str, every: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:100], every, n=1)
    if near:
        return _("there is no such field; did you mean %s?") % near[0]
    return _("there is no such field. There are: %s.") % ", ".join(every)


def checked_query(parameter: str, text: str, limit: int) -> str:
    """What a client searches for. Raises ParameterError when it is longer than `limit`."""
    if len(text) > limit:
        raise ParameterError({parameter: _("Use at most %d characters.") % limit})
    return text.replace("\x00", " ")
