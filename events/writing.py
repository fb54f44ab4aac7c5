"""What every view of the API that changes something has in common."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from events import idempotency
from lib.api.problems import LengthRequired, ParameterError

DRY_RUN = "validate_only"
FLAGS = {"true": True, "1": True, "false": False, "0": False}


class WritingMixin:
    """For views: `?validate_only=true` on every change, `Idempotency-Key` on every POST.

    Each change is one transaction then. Parameters that a change does not know are refused:
    a misspelt `validate_only` must not publish.
    """

    # Of unsafe requests, besides DRY_RUN: by action.
    write_parameters: dict[str, Iterable[str]] = {}

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        method = request.method.lower()
        handler = getattr(self, method, None)
        if request.method in SAFE_METHODS or handler is None:
            return
        coding = request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
        if "chunked" in coding and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired()
        known = {DRY_RUN, *self.write_parameters.get(getattr(self, "action", ""), ())}
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            text = _("There is no such parameter here.")
            raise ParameterError({name[:100]: text for name in unknown[:20]})
        self.is_dry_run = flag(request, DRY_RUN)
        key = idempotency.key_of(request) if request.method == "POST" else ""
        if self.is_dry_run:
            setattr(self, method, self._dry(handler))
        elif key and request.user.is_authenticated:
            setattr(self, method, self._once(handler, key))

    is_dry_run = False

    def prepare(self, request: Request) -> None:
        """What takes long and changes nothing, before the transaction begins."""

    def dry_run_report(self) -> dict[str, Any]:
        """More members of the answer to a dry run that went well; still in its transaction."""
        return {}

    def _dry(self, handler: Callable) -> Callable:
        def tried(request: Request, *args, **kwargs) -> Response:
            self.prepare(request)
            with transaction.atomic():
                response = handler(request, *args, **kwargs)
                result = {"status": response.status_code, "result": response.data}
                report = self.dry_run_report()
                transaction.set_rollback(True)
            return Response({"valid": True, **result, **report})

        return tried

    def _once(self, handler: Callable, key: str) -> Callable:
        def done_once(request: Request, *args, **kwargs) -> Response:
            caller = f"user:{request.user.pk}"
            print_ = idempotency.fingerprint(request)
            self.prepare(request)
            with transaction.atomic():
                kept = idempotency.kept_answer(caller, key, print_)
                if kept is not None:
                    return kept
                response = handler(request, *args, **kwargs)
                idempotency.keep_answer(caller, key, print_, response)
            return response

        return done_once


def flag(request: Request, name: str) -> bool:
    """A parameter that is true or false; false when it is not given. Raises ParameterError."""
    given = request.query_params.get(name)
    if given is None:
        return False
    if given.lower() not in FLAGS:
        raise ParameterError({name: _("Say true or false.")})
    return FLAGS[given.lower()]
