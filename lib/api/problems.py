"""Refusals of the API: each has a problem type that programs can tell apart (RFC 9457)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

TYPE_PREFIX = "urn:inkstone:problem:"


class Problem(APIException):
    """A refusal with a type of its own.

    `slug` names the type and never changes once published; `extra` are further members of the
    document; `headers` go with the answer.
    """

    status_code = 400
    slug = "bad-request"
    default_detail = _("This request cannot be understood.")

    def __init__(
        self,
        detail: str | None = None,
        *,
        slug: str | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.slug = slug or self.slug
        self.status_code = status or self.status_code
        self.headers = headers or {}
        self.extra = extra


class ParameterError(Problem):
    """Parameters of the query that cannot be used; `errors` maps names to reasons."""

    slug = "bad-parameter"
    default_detail = _("Some parameters are not right.")

    def __init__(self, errors: dict[str, str | list[str]], detail: str | None = None) -> None:
        self.parameters = {
            name: reasons if isinstance(reasons, list) else [reasons]
            for name, reasons in errors.items()
        }
        super().__init__(
            detail,
            errors=[
                {"parameter": name, "detail": str(reason)}
                for name, reasons in self.parameters.items()
                for reason in reasons
            ],
        )


class StaleVersion(Problem):
    """Somebody else changed it since the version that the client names."""

    status_code = 412
    slug = "stale-version"
    default_detail = _("Somebody else has changed this since the version you started from.")


class PreconditionRequired(Problem):
    """This site wants every change to say from which version it started."""

    status_code = 428
    slug = "precondition-required"
    default_detail = _("Send If-Match with the ETag of the version you started from.")


class Conflict(Problem):
    """The request is right, but not for the state that the thing is in."""

    status_code = 409
    slug = "conflict"
    default_detail = _("This cannot be done in the state it is in.")


class KeyInFlight(Conflict):
    """The first request with this Idempotency-Key has not been answered yet."""

    slug = "idempotency-in-flight"
    default_detail = _("A request with this Idempotency-Key is being answered just now.")


class KeyReused(Problem):
    """The Idempotency-Key was used for another request."""

    status_code = 422
    slug = "idempotency-mismatch"
    default_detail = _("This Idempotency-Key was used for a different request.")


class TooLarge(Problem):
    """The body is larger than this address takes."""

    status_code = 413
    slug = "too-large"
    default_detail = _("The request is too large.")


class LengthRequired(Problem):
    """A body that does not say how long it is would be overlooked."""

    status_code = 411
    slug = "length-required"
    default_detail = _("Send a Content-Length: a body in chunks is not read.")


class InsufficientScope(Problem):
    """The token may not do this, whatever its owner may."""

    status_code = 403
    slug = "insufficient-scope"

    def __init__(self, scope: str) -> None:
        super().__init__(
            _("This token lacks the scope “%(scope)s”.") % {"scope": scope},
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            scope=scope,
        )
