"""Telling programs that an address will go: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.utils.http import http_date


@dataclass(frozen=True)
class Deprecation:
    """Out of favour since `since`, perhaps gone from `sunset` on; `guide` says what to use."""

    since: datetime
    sunset: datetime | None = None
    guide: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of every answer of what is deprecated."""
        found = {"Deprecation": f"@{int(self.since.timestamp())}"}
        if self.sunset is not None:
            found["Sunset"] = http_date(self.sunset.timestamp())
        if self.guide:
            found["Link"] = f'<{self.guide}>; rel="deprecation"; type="text/html"'
        return found


class DeprecatedMixin:
    """For a view that is deprecated as a whole; its refusals say so, too."""

    deprecation: Deprecation

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, **self.deprecation.headers}


def deprecated(deprecation: Deprecation) -> Callable:
    """For one method of a view."""

    def decorate(handler: Callable) -> Callable:
        @wraps(handler)
        def told(view, *args, **kwargs):
            view.headers.update(deprecation.headers)
            return handler(view, *args, **kwargs)

        return told

    return decorate
