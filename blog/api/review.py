"""A post on its way over the API: what is said of it, and the links by which others read it.

For who may discuss the post, as its page in the admin (`blog.admin.workflow`): editors, and
whoever writes it. Who only sees it gets a 403, everybody else a 404.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from blog import policy, review_links, workflow
from blog.api.inputs import line
from blog.api.writing import CHOOSING, ContentWriting, refusals
from blog.models import Post, Remark, ReviewComment, ReviewLink
from blog.models.editorial import REMARK_MAX_LENGTH
from events.writing import WritingMixin
from lib.api.pagination import ListPagination
from lib.api.parameters import require_known
from lib.api.scopes import TokenScope

PAGING = ("page", "page_size")
LABEL_MAX_LENGTH = 100  # characters
USERNAME = {"default": None, "allow_null": True, "help_text": "A username."}


class RemarkSerializer(serializers.ModelSerializer):
    """What somebody who works on a post said of it."""

    author = serializers.CharField(source="author.username", **USERNAME)
    resolved_by = serializers.CharField(source="resolved_by.username", **USERNAME)

    class Meta:
        model = Remark
        fields = ["id", "author", "kind", "text", "created_at", "resolved_at", "resolved_by"]
        read_only_fields = fields


class RemarkInput(serializers.Serializer):
    """What there is to say."""

    text = serializers.CharField(max_length=REMARK_MAX_LENGTH)


class RemarkStateInput(serializers.Serializer):
    """Whether a remark asks nothing of anybody any more."""

    resolved = serializers.BooleanField()


class ReviewLinkSerializer(serializers.ModelSerializer):
    """A link by which somebody without an account reads a post. Nobody reads its address again."""

    made_by = serializers.CharField(source="made_by.username", **USERNAME)
    is_open = serializers.BooleanField(help_text="Whether it leads to the text now.")

    class Meta:
        model = ReviewLink
        fields = ["id", "label", "made_by", "created_at", "expires_at", "revoked_at", "is_open"]
        read_only_fields = fields


class MadeReviewLinkSerializer(ReviewLinkSerializer):
    """A link as it is answered once: when it is made."""

    url = serializers.URLField(help_text="Shown this once.")

    class Meta(ReviewLinkSerializer.Meta):
        fields = [*ReviewLinkSerializer.Meta.fields, "url"]
        read_only_fields = fields


class ReviewLinkInput(serializers.Serializer):
    """For whom a link is, and for how long."""

    label = line(LABEL_MAX_LENGTH, help_text="So that you know it again.")
    days = serializers.IntegerField(
        min_value=1, max_value=review_links.MAX_DAYS, default=review_links.DEFAULT_DAYS
    )


class ReviewCommentSerializer(serializers.ModelSerializer):
    """What a reviewer said, under the name that they typed."""

    link = serializers.IntegerField(source="link_id", help_text="The id of the link they used.")
    version = serializers.IntegerField(help_text="Of the post, when it was said.")

    class Meta:
        model = ReviewComment
        fields = ["id", "link", "name", "text", "version", "created_at"]
        read_only_fields = fields


class OfPost(GenericViewSet):
    """What belongs to one post, below its address."""

    permission_classes = [IsAuthenticated, TokenScope]
    pagination_class = ListPagination
    lookup_value_regex = r"\d{1,18}"

    def known_parameters(self) -> set[str]:
        """The query parameters that reads understand."""
        return set(PAGING) if self.action == "list" else set()

    def post_discussed(self) -> Post:
        """The post. Raises PermissionDenied for who only sees it, Http404 for the others."""
        found = Post.objects.filter(pk=self.kwargs["post_id"])
        post = found.first()
        if post is None or not policy.may_discuss(self.request.user, post):
            if found.visible_to(self.request.user).exists():
                raise PermissionDenied(_("You may read this, not discuss it."))
            raise Http404
        return post

    def listed(self, rows: QuerySet) -> Response:
        """One page of `rows`, as they are ordered."""
        require_known(self.request.query_params, self.known_parameters())
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def address_of(self, row: Remark | ReviewLink) -> str:
        """Its own address. Without the request: DRF would take that of the Host header."""
        kwargs = {"post_id": row.post_id, "pk": row.pk}
        return settings.SITE_URL + self.reverse_action("detail", kwargs=kwargs, request=None)


class RemarkViewSet(WritingMixin, OfPost):
    """What those who work on a post say to each other about it."""

    serializer_class = RemarkSerializer

    def list(self, request: Request, post_id: str) -> Response:
        """The thread, the oldest first."""
        return self.listed(workflow.thread_of(self.post_discussed()))

    def retrieve(self, request: Request, post_id: str, pk: str) -> Response:
        """One remark."""
        require_known(request.query_params, self.known_parameters())
        remark = get_object_or_404(workflow.thread_of(self.post_discussed()), pk=pk)
        return Response(self.get_serializer(remark).data)

    def create(self, request: Request, post_id: str) -> Response:
        """Say something; the writers and who spoke before are mailed."""
        post = self.post_discussed()
        given = _checked(RemarkInput, request)
        with refusals():
            remark = workflow.add_remark(post, by=request.user, text=given["text"])
        data = self.get_serializer(remark).data
        headers = {"Location": self.address_of(remark)}
        return Response(data, status.HTTP_201_CREATED, headers=headers)

    def partial_update(self, request: Request, post_id: str, pk: str) -> Response:
        """Resolve a remark, or open it again."""
        remark = get_object_or_404(workflow.thread_of(self.post_discussed()), pk=pk)
        given = _checked(RemarkStateInput, request)
        remark = workflow.resolve_remark(remark, by=request.user, resolved=given["resolved"])
        return Response(self.get_serializer(remark).data)


# Without WritingMixin: an answer that is kept for an Idempotency-Key would keep the secret.
class ReviewLinkViewSet(OfPost):
    """Links by which people without an account read a post and say something of it."""

    serializer_class = ReviewLinkSerializer

    def list(self, request: Request, post_id: str) -> Response:
        """All that were made, the newest first; the addresses are not in it."""
        return self.listed(self._links())

    def retrieve(self, request: Request, post_id: str, pk: str) -> Response:
        """One link, without its address."""
        require_known(request.query_params, self.known_parameters())
        return Response(self.get_serializer(get_object_or_404(self._links(), pk=pk)).data)

    def create(self, request: Request, post_id: str) -> Response:
        """Make a link. Its address is answered here and never again."""
        post = self.post_discussed()
        require_known(request.query_params, ())
        given = _checked(ReviewLinkInput, request)
        with refusals():
            link, url = review_links.make_link(post, by=request.user, **given)
        headers = {"Location": self.address_of(link), "Cache-Control": "no-store"}
        body = {**self.get_serializer(link).data, "url": url}
        return Response(body, status.HTTP_201_CREATED, headers=headers)

    def destroy(self, request: Request, post_id: str, pk: str) -> Response:
        """Revoke a link: it leads nowhere any more, and what was said by it stays."""
        link = get_object_or_404(self._links(), pk=pk)
        require_known(request.query_params, ())
        review_links.revoke_link(link, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _links(self) -> QuerySet[ReviewLink]:
        return self.post_discussed().review_links.select_related("post", "made_by")


class ReviewCommentViewSet(OfPost):
    """What reviewers without an account said of a post."""

    serializer_class = ReviewCommentSerializer

    def list(self, request: Request, post_id: str) -> Response:
        """What was said by all links, the oldest first."""
        return self.listed(review_links.comments_on(self.post_discussed()))


class ReviewActions(ContentWriting):
    """The step of an editor that is not in `ContentWriting`, for only posts are discussed."""

    write_parameters: ClassVar[dict[str, tuple[str, ...]]] = {
        **ContentWriting.write_parameters,
        "request_changes": CHOOSING,
    }

    @action(detail=True, methods=["post"], url_path="request-changes", url_name="request-changes")
    def request_changes(self, request: Request, pk: str) -> Response:
        """Send what waits for review back to its writers, and say in `text` what to change."""
        return self._step(request, pk, RemarkInput, workflow.request_changes)


def _checked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """What was sent, as Python values. Raises ValidationError."""
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data
