"""Writing categories, tags and series over the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from blog import policy, services
from blog.api.inputs import TermInput
from blog.models.taxonomy import Term
from blog.state import content_state
from events.writing import WritingMixin
from lib.api.preconditions import tags_named
from lib.api.problems import StaleVersion


class TermWriting(WritingMixin):
    """Create, change and delete; beside a `ReadingViewSet`."""

    model: type[Term]

    def create(self, request: Request) -> Response:
        """Make one."""
        policy.require(request.user.has_perm(f"blog.add_{self.model._meta.model_name}"))
        term = self._save(self.model(), request, partial=False)
        response = self._answer(term, status.HTTP_201_CREATED)
        path = self.reverse_action("detail", args=[term.pk], request=None)
        response["Location"] = f"{settings.SITE_URL}{path}"
        return response

    def update(self, request: Request, pk: str) -> Response:
        """Change one; fields that are not sent stay."""
        with self._locked(pk) as term:
            self._save(term, request, partial=False)
        return self._answer(term)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of one."""
        with self._locked(pk) as term:
            self._save(term, request, partial=True)
        return self._answer(term)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete one; its posts stay, without it."""
        with self._locked(pk) as term:
            services.delete_term(term, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @contextmanager
    def _locked(self, pk: str) -> Iterator[Term]:
        """The row to change, ours until the end, if it is as the client last saw it."""
        tags = tags_named(self.request)
        with transaction.atomic():
            visible = self.get_queryset().filter(pk=pk)
            rows = self.model.objects.select_for_update()
            term = get_object_or_404(rows.filter(pk__in=visible.values("pk")))
            # A term has no version of its own: the tag says that nothing at all has changed.
            if tags is not None and self.state_etag(content_state()) not in tags:
                raise StaleVersion()
            yield term

    def _save(self, term: Term, request: Request, *, partial: bool) -> Term:
        checked = TermInput(data=request.data, partial=partial, context={"request": request})
        checked.is_valid(raise_exception=True)
        for name, value in checked.validated_data.items():
            setattr(term, name, value)
        return services.save_term(term, by=request.user)

    def _answer(self, term: Term, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(term).data, status=code)
