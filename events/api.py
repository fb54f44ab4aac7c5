"""The event feed over the API."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events import feed
from lib.api.parameters import require_known
from lib.api.problems import ParameterError, Problem

MAX_LIMIT = 100
LIMIT = 50


class CursorGone(Problem):
    """The mirror must begin anew."""

    status_code = 410
    slug = "cursor-gone"
    default_detail = (
        "This cursor leads nowhere any more. Forget what you have and begin without one."
    )


class EntrySerializer(serializers.Serializer):
    """How one thing looks now, or that it is gone."""

    type = serializers.CharField(help_text="post, page, category, tag, series or user.")
    id = serializers.CharField()
    change = serializers.ChoiceField(choices=["upsert", "delete"])
    time = serializers.DateTimeField(help_text="Of the last change.")
    object = serializers.DictField(
        allow_null=True, help_text="As in a list of the API; null when it is gone."
    )


class FeedSerializer(serializers.Serializer):
    """A page of the feed."""

    entries = EntrySerializer(many=True)
    next = serializers.CharField(help_text="Give it as `after` to read what comes next.")
    has_more = serializers.BooleanField(help_text="Whether there is more already.")


class EventFeedViewSet(ViewSet):
    """What changed since a cursor, as far as you may see it: enough to keep a mirror.

    Begin without `after`; keep `next`, and ask with it again. A thing that is deleted, taken
    down, expired or closed to you comes as `delete`; a scheduled post comes when its time has.
    410 means: begin anew.
    """

    serializer_class = FeedSerializer

    def list(self, request: Request) -> Response:
        require_known(request.query_params, ("after", "limit"))
        try:
            page = feed.read(
                request.user,
                after=request.query_params.get("after", ""),
                limit=_limit(request.query_params.get("limit", str(LIMIT))),
            )
        except feed.BadCursor as error:
            raise ParameterError({"after": str(error)}) from error
        except feed.CursorGone as error:
            raise CursorGone from error
        body = {"entries": page.entries, "next": page.cursor, "has_more": page.has_more}
        return Response(body, headers={"Cache-Control": "private, no-store"})


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_LIMIT):
        raise ParameterError({"limit": f"A number from 1 to {MAX_LIMIT}."})
    return int(text)
