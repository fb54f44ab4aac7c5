"""Bodies of requests: guarded before they are parsed, so that none can hurt.

What is refused here is a 400 (or 413, 415) with a reason, before any field is looked at.
"""

import json
import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser as BaseJSONParser
from rest_framework.parsers import MultiPartParser as BaseMultiPartParser

from lib.api.problems import TooLarge
from lib.text import check_text

MAX_DEPTH = 64  # nested arrays and objects
MAX_VALUES = 50_000  # in one document: a small body must not become a large heap
MAX_INTEGER = 2**63 - 1  # what a database column holds
MAX_UPLOAD_BYTES = 21_000_000  # a picture of 20 MB and the words that go with it

# A string that never ends counts as one, or the search would start again at each quote in it.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class JSONParser(BaseJSONParser):
    """JSON in UTF-8 within limits of size, depth and number of values.

    Refused: what is no JSON (NaN, Infinity), a name given twice in one object, numbers that no
    column holds, NUL and lone surrogates.
    """

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        _check_charset(media_type, parser_context)
        _check_length(parser_context, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge()
        return parse_json(raw)


def parse_json(raw: bytes) -> Any:
    """The value that `raw` stands for. Raises ParseError with the reason."""
    _check_shape(raw)
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise ParseError(_("The body is not UTF-8.")) from error
    except json.JSONDecodeError as error:
        text = _("The body is not JSON: line %(line)d, column %(column)d.")
        raise ParseError(text % {"line": error.lineno, "column": error.colno}) from error
    except ValueError as error:
        raise ParseError(str(error)) from error
    if b"\\u" in raw:  # The only way for these characters to get here.
        check_texts(value)
    return value


def check_texts(value: Any, pointer: str = "#") -> None:
    """Raise ParseError for a text that no database stores, with its place in the document."""
    if isinstance(value, str):
        try:
            check_text(value)
        except ValueError as error:
            raise ParseError(f"{pointer}: {error}") from error
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_texts(name, pointer)
            check_texts(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            check_texts(inner, f"{pointer}/{place}")


class MultiPartParser(BaseMultiPartParser):
    """Uploads, within a size, with names and texts that can be stored."""

    max_bytes = MAX_UPLOAD_BYTES

    def parse(self, stream, media_type=None, parser_context=None):
        _check_charset(media_type, parser_context)
        _check_length(parser_context, self.max_bytes)
        parsed = super().parse(stream, media_type, parser_context)
        for name, texts in parsed.data.lists():
            for text in (name, *texts):
                check_texts(text, f"#/{name[:50]}")
        for name, files in parsed.files.lists():
            for text in (name, *(file.name or "" for file in files)):
                check_texts(text, f"#/{name[:50]}")
        return parsed


def _check_charset(media_type: str | None, context: dict | None) -> None:
    encoding = (context or {}).get("encoding") or "utf-8"
    request = (context or {}).get("request")
    given = (getattr(request, "content_params", None) or {}).get("charset", encoding)
    if given.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"{media_type}", _("Send text in UTF-8."))


def _check_length(context: dict | None, limit: int) -> None:
    """What says by itself that it is too large is not read at all."""
    request = (context or {}).get("request")
    length = request.META.get("CONTENT_LENGTH") or "0" if request is not None else "0"
    if length.isdecimal() and int(length) > limit:
        raise TooLarge(_("At most %(limit)d bytes can be sent here.") % {"limit": limit})


def _check_shape(raw: bytes) -> None:
    """Refuse what would cost too much to parse; linear, and before anything is built."""
    bones = _STRING.sub(b"", raw)
    if bones.count(b",") + bones.count(b"[") + bones.count(b"{") > MAX_VALUES:
        raise ParseError(_("The body holds more than %(limit)d values.") % {"limit": MAX_VALUES})
    depth = 0
    for bracket in _BRACKET.findall(bones):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise ParseError(_("The body is nested deeper than %(limit)d.") % {"limit": MAX_DEPTH})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Two programs that read such a document may each take another value.
        seen: set[str] = set()
        twice = next(name for name, _value in pairs if name in seen or seen.add(name))
        raise ValueError(_("The name “%(name)s” is given twice.") % {"name": twice[:100]})
    return found


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -MAX_INTEGER - 1 <= int(digits) <= MAX_INTEGER:
        raise ValueError(_("A number is too large."))
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(_("A number is too large."))
    return number


def _constant(name: str) -> None:
    raise ValueError(_("%(name)s is not JSON.") % {"name": name})
