"""What each operation is called, takes and answers, by viewset and action (or method).

Names are those of the methods of a generated client: a published one never changes.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from accounts.api.addresses import KeyRequestSerializer, KeySerializer, NewAddressSerializer
from accounts.api.people import AccountSerializer, PersonSerializer, ProfileSerializer
from accounts.api.people import RegistrationSerializer as Registration
from accounts.api.personal_tokens import (
    MadeTokenSerializer,
    NewTokenSerializer,
    PersonalTokenSerializer,
)
from accounts.api.sessions import SessionSerializer
from accounts.api.sign_in import (
    RefreshRequestSerializer,
    RevokeRequestSerializer,
    TokenPairSerializer,
    TokenRequestSerializer,
)
from blog.api.inputs import PublishInput, ScheduleInput, TermInput
from blog.api.review import MadeReviewLinkSerializer, RemarkInput, ReviewLinkInput
from blog.api.revisions import WholeRevisionSerializer
from blog.api.site import SiteSerializer
from blog.api.tasks import TaskInput
from blog.api.working import (
    PageChangesInput,
    PostChangesInput,
    ScheduleChangesInput,
    WorkingSerializer,
)
from config.schema import shapes
from events import webhook_api as hooks
from events.api import FeedSerializer
from library.api import ImageInput, ImageSerializer, ReplaceInput, UploadInput
from library.media_api import UsesSerializer
from library.video_api import CaptionUpload, VideoInput, VideoSerializer, VideoUpload

OWN = "of the view"  # the serializer that the view names, or its input


@dataclass(frozen=True)
class Operation:
    """`name` is its operationId, `tag` the group it stands in.

    `request` and `answer` are serializers (OWN: the view's, None: nothing), `status` that of
    success. `many`: a page or list of answers. `more`: statuses that others do not have.
    """

    name: str
    tag: str
    summary: str = ""
    request: Any = None
    answer: Any = OWN
    status: int = 200
    many: bool = False
    more: tuple[int, ...] = ()
    example: Any = None  # of the request
    media: str = "application/json"  # of the answer
    headers: tuple[str, ...] = field(default=())  # that success always has


def _reading(thing: str, things: str, tag: str) -> dict[str, Operation]:
    etag = ("ETag",)
    return {
        "list": Operation(f"list_{things}", tag, f"List {things}.", many=True, headers=etag),
        "retrieve": Operation(f"get_{thing}", tag, f"One of the {things}.", headers=etag),
        "by_slug": Operation(f"get_{thing}_by_slug", tag, headers=etag),
    }


def _writing(thing: str, tag: str, request: Any, example: dict) -> dict[str, Operation]:
    made, found = ("ETag", "Location"), ("ETag",)
    if request is TermInput:
        made, found = ("Location",), ()
    return {
        "create": Operation(
            f"create_{thing}",
            tag,
            request=request,
            status=201,
            more=(409,),
            example=example,
            headers=made,
        ),
        "update": Operation(
            f"update_{thing}",
            tag,
            request=request,
            more=(409, 412, 428),
            example=example,
            headers=found,
        ),
        "partial_update": Operation(
            f"change_{thing}",
            tag,
            request=request,
            more=(409, 412, 428),
            example=example,
            headers=found,
        ),
        "destroy": Operation(f"delete_{thing}", tag, answer=None, status=204, more=(409, 412, 428)),
    }


def _steps(thing: str, tag: str) -> dict[str, Operation]:
    requests = {"publish": PublishInput, "schedule": ScheduleInput}
    examples = {"schedule": {"at": "2099-01-01T08:00:00Z"}, "publish": {}}
    found = {
        step: Operation(
            f"{step}_{thing}",
            tag,
            request=requests.get(step),
            more=(409, 412, 428),
            example=examples.get(step),
            headers=("ETag",),
        )
        for step in ("submit", "publish", "schedule", "unpublish", "trash", "restore")
    }
    return found | {
        "revisions": Operation(
            f"list_{thing}_revisions", tag, answer=shapes.RevisionPageSerializer
        ),
        "revision": Operation(f"get_{thing}_revision", tag, answer=WholeRevisionSerializer),
        "revision_diff": Operation(
            f"compare_{thing}_revisions", tag, answer=shapes.ComparisonSerializer
        ),
        "restore_revision": Operation(
            f"restore_{thing}_revision", tag, more=(409, 412, 428), headers=("ETag",)
        ),
    }


def _changes(thing: str, tag: str, request: Any, example: dict) -> dict[str, Operation]:
    """What waits beside something live."""
    writes = {"more": (409, 412, 428), "headers": ("ETag",)}
    kept = {"answer": WorkingSerializer, **writes}
    sent = {"request": request, "example": example}
    later = {"request": ScheduleChangesInput, "example": {"at": "2099-01-01T08:00:00Z"}}
    return {
        "working": Operation(
            f"get_{thing}_changes", tag, answer=WorkingSerializer, headers=("ETag",)
        ),
        "replace_working": Operation(f"replace_{thing}_changes", tag, **sent, **kept),
        "change_working": Operation(f"change_{thing}_changes", tag, **sent, **kept),
        "discard_working": Operation(
            f"discard_{thing}_changes", tag, answer=None, status=204, more=(409, 412, 428)
        ),
        "publish_working": Operation(f"publish_{thing}_changes", tag, **writes),
        "schedule_working": Operation(f"schedule_{thing}_changes", tag, **later, **kept),
    }


POST = {"title": "On ink", "body": "Ink is *black*.", "tags": ["ink"]}
PAGE = {"title": "About us", "body": "We make ink."}
TERM = {"name": "Ink", "description": "What we write with."}
COUNT = {"answer": shapes.CountsSerializer, "headers": ("ETag",)}
HOOK = {"url": "https://example.org/hook", "kinds": ["post.*"]}
SITE = {"request": SiteSerializer, "answer": SiteSerializer, "headers": ("ETag",)}

OPERATIONS: dict[str, dict[str, Operation]] = {
    "PostViewSet": {
        **_reading("post", "posts", "posts"),
        **_writing("post", "posts", OWN, POST),
        **_steps("post", "posts"),
        **_changes("post", "posts", PostChangesInput, POST),
        "published": Operation("list_published_posts", "posts", many=True, headers=("ETag",)),
        "stream": Operation(
            "stream_posts", "posts", media="application/x-ndjson", headers=("ETag",)
        ),
        "bulk": Operation(
            "change_posts",
            "posts",
            request=shapes.BulkInput,
            answer=shapes.BulkAnswerSerializer,
            more=(409,),
            example={"ids": [4, 7], "action": "publish", "add_tags": ["ink"]},
        ),
        "request_changes": Operation(
            "request_post_changes",
            "review",
            request=RemarkInput,
            more=(409, 412, 428),
            example={"text": "Name your sources."},
            headers=("ETag",),
        ),
    },
    "RemarkViewSet": {
        "list": Operation("list_remarks", "review", many=True),
        "retrieve": Operation("get_remark", "review"),
        "create": Operation(
            "add_remark",
            "review",
            request=RemarkInput,
            status=201,
            more=(409,),
            headers=("Location",),
            example={"text": "Name your sources."},
        ),
    },
    "ReviewLinkViewSet": {
        "list": Operation("list_review_links", "review", many=True),
        "retrieve": Operation("get_review_link", "review"),
        "create": Operation(
            "create_review_link",
            "review",
            request=ReviewLinkInput,
            answer=MadeReviewLinkSerializer,
            status=201,
            more=(409,),
            headers=("Location",),
            example={"label": "Grace", "days": 14},
        ),
        "destroy": Operation("revoke_review_link", "review", answer=None, status=204),
    },
    "ReviewCommentViewSet": {
        "list": Operation("list_review_comments", "review", many=True),
    },
    "PageViewSet": {
        **_reading("page", "pages", "pages"),
        **_writing("page", "pages", OWN, PAGE),
        **_steps("page", "pages"),
        **_changes("page", "pages", PageChangesInput, PAGE),
    },
    "CategoryViewSet": {
        **_reading("category", "categories", "categories"),
        **_writing("category", "categories", TermInput, TERM),
    },
    "TagViewSet": {**_reading("tag", "tags", "tags"), **_writing("tag", "tags", TermInput, TERM)},
    "SeriesViewSet": {
        **_reading("series", "all_series", "series"),
        **_writing("series", "series", TermInput, TERM),
        "list": Operation("list_series", "series", "List series.", many=True, headers=("ETag",)),
        "retrieve": Operation("get_series", "series", "One of the series.", headers=("ETag",)),
    },
    "AuthorViewSet": {
        name: said
        for name, said in _reading("author", "authors", "authors").items()
        if name != "by_slug"
    },
    "SearchViewSet": {
        "list": Operation("search_posts", "search", many=True, headers=("ETag",)),
    },
    "CountViewSet": {
        name: Operation(f"count_posts_by_{one}", "counts", **COUNT)
        for name, one in {
            "categories": "category",
            "tags": "tag",
            "authors": "author",
            "months": "month",
        }.items()
    },
    "SiteView": {
        "get": Operation("get_site", "site", answer=SiteSerializer, headers=("ETag",)),
        "put": Operation("update_site", "site", more=(409, 412), example={"name": "Ink"}, **SITE),
        "patch": Operation("change_site", "site", more=(409, 412), example={"name": "Ink"}, **SITE),
    },
    "MediaViewSet": {
        "list": Operation("list_images", "media", "All images, newest first.", many=True),
        "retrieve": Operation(
            "get_image", "media", "One image, with renditions.", headers=("ETag",)
        ),
        "create": Operation(
            "upload_image",
            "media",
            request=UploadInput,
            answer=ImageSerializer,
            status=201,
            more=(409,),
            headers=("ETag", "Location"),
        ),
        "partial_update": Operation(
            "describe_image",
            "media",
            request=ImageInput,
            more=(409, 412),
            example={"alt": "A pot of ink"},
            headers=("ETag",),
        ),
        "replace": Operation(
            "replace_image", "media", request=ReplaceInput, more=(409,), headers=("ETag",)
        ),
        "uses": Operation("list_image_uses", "media", answer=UsesSerializer),
        "destroy": Operation("delete_image", "media", answer=None, status=204, more=(409,)),
    },
    "VideoViewSet": {
        "list": Operation("list_videos", "media", "All videos, newest first.", many=True),
        "retrieve": Operation("get_video", "media", "One video: how far it is.", headers=("ETag",)),
        "create": Operation(
            "upload_video",
            "media",
            request=VideoUpload,
            answer=VideoSerializer,
            status=201,
            more=(409,),
            headers=("ETag", "Location"),
        ),
        "partial_update": Operation(
            "describe_video",
            "media",
            request=VideoInput,
            more=(409, 412),
            example={"alt": "Waves on the pier"},
            headers=("ETag",),
        ),
        "captions": Operation(
            "caption_video", "media", request=CaptionUpload, more=(409,), headers=("ETag",)
        ),
        "uses": Operation("list_video_uses", "media", answer=UsesSerializer),
        "destroy": Operation("delete_video", "media", answer=None, status=204, more=(409,)),
    },
    "TaskViewSet": {
        **{
            name: said
            for name, said in _reading("task", "tasks", "tasks").items()
            if name != "by_slug"
        },
        **{
            # Who does not write sees no list, neither to read nor to add to.
            name: replace(said, more=(*said.more, 404)) if name == "create" else said
            for name, said in _writing(
                "task", "tasks", TaskInput, {"title": "Check the links"}
            ).items()
        },
    },
    "EventFeedViewSet": {
        "list": Operation("list_changes", "events", answer=FeedSerializer, more=(410,)),
    },
    "WebhookViewSet": {
        "list": Operation("list_webhooks", "webhooks", many=True),
        "retrieve": Operation("get_webhook", "webhooks"),
        "create": Operation(
            "create_webhook",
            "webhooks",
            request=OWN,
            answer=hooks.EndpointWithSecretSerializer,
            status=201,
            example=HOOK,
        ),
        "partial_update": Operation("change_webhook", "webhooks", request=OWN, example=HOOK),
        "destroy": Operation("delete_webhook", "webhooks", answer=None, status=204),
        "rotate": Operation(
            "rotate_webhook_secret", "webhooks", answer=hooks.EndpointWithSecretSerializer
        ),
        "ping": Operation("ping_webhook", "webhooks", answer=hooks.AttemptSerializer),
        "pause": Operation("pause_webhook", "webhooks"),
        "resume": Operation("resume_webhook", "webhooks"),
        "deliveries": Operation(
            "list_webhook_deliveries", "webhooks", answer=hooks.DeliverySerializer, many=True
        ),
        "delivery": Operation(
            "get_webhook_delivery", "webhooks", answer=hooks.DeliveryWithAttemptsSerializer
        ),
        "replay": Operation(
            "replay_webhook_delivery",
            "webhooks",
            answer=hooks.DeliveryWithAttemptsSerializer,
            more=(409,),
        ),
    },
    "UserViewSet": {
        "list": Operation(
            "list_users", "users", "List accounts.", answer=PersonSerializer, many=True
        ),
        "retrieve": Operation("get_user", "users", "One account.", answer=AccountSerializer),
        "create": Operation(
            "sign_up",
            "users",
            request=Registration,
            answer=AccountSerializer,
            status=201,
            more=(409,),
            headers=("Location",),
            example={
                "username": "ada",
                "email": "ada@example.org",
                "password": "ink from oak galls",
            },
        ),
        "me": Operation("get_me", "users", answer=AccountSerializer),
        "change_me": Operation(
            "change_me",
            "users",
            request=ProfileSerializer,
            answer=AccountSerializer,
            example={"display_name": "Ada"},
        ),
    },
    "PersonalTokenViewSet": {
        "list": Operation(
            "list_tokens",
            "signing in",
            "One's personal tokens.",
            answer=PersonalTokenSerializer,
            many=True,
        ),
        "retrieve": Operation("get_token", "signing in", "One personal token."),
        "create": Operation(
            "create_token",
            "signing in",
            "Make a personal token; its text is answered this once.",
            request=NewTokenSerializer,
            answer=MadeTokenSerializer,
            status=201,
            more=(409,),
            headers=("Location",),
            example={"name": "backup script", "scopes": ["read"], "password": "ink from oak galls"},
        ),
        "destroy": Operation(
            "revoke_token", "signing in", "Revoke a personal token.", answer=None, status=204
        ),
    },
    "TokenView": {
        "post": Operation(
            "sign_in",
            "signing in",
            request=TokenRequestSerializer,
            answer=TokenPairSerializer,
            example={"username": "ada", "password": "ink from oak galls"},
        ),
    },
    "RefreshView": {
        "post": Operation(
            "refresh_tokens",
            "signing in",
            request=RefreshRequestSerializer,
            answer=TokenPairSerializer,
        ),
    },
    "RevokeView": {
        "post": Operation(
            "sign_out",
            "signing in",
            request=RevokeRequestSerializer,
            answer=None,
            status=204,
        ),
    },
    "KeyView": {
        "post": Operation(
            "request_confirmation_key",
            "signing in",
            request=KeyRequestSerializer,
            answer=None,
            status=204,
            more=(409,),
            example={"username": "ada", "password": "ink from oak galls"},
        ),
    },
    "NewAddressView": {
        "post": Operation(
            "change_email",
            "signing in",
            request=NewAddressSerializer,
            answer=None,
            status=204,
            example={"email": "ada@example.net", "password": "ink from oak galls"},
        ),
    },
    "ConfirmView": {
        "post": Operation(
            "confirm_email",
            "signing in",
            request=KeySerializer,
            answer=None,
            status=204,
            more=(409,),
            example={"key": "WzQyLCJhZGFAZXhhbXBsZS5uZXQiXQ:1vM9cM:w6zU"},
        ),
    },
    "SessionViewSet": {
        "list": Operation(
            "list_sessions",
            "signing in",
            "Where one is signed in.",
            answer=SessionSerializer,
            many=True,
        ),
        "destroy": Operation("end_session", "signing in", "End one.", answer=None, status=204),
        "destroy_all": Operation("sign_out_everywhere", "signing in", answer=None, status=204),
    },
}

TAGS = {
    "posts": "What is published, written and planned, with the steps between.",
    "review": "What is said of a post before it is public, by whom it concerns.",
    "pages": "What stands outside the river of posts.",
    "categories": "What a post is about.",
    "tags": "What a post touches.",
    "series": "Posts that are read in order.",
    "authors": "People under whose name one finds posts.",
    "search": "What the site's search finds.",
    "counts": "How many posts one finds under each name.",
    "media": "The library of images and videos.",
    "site": "The settings of the site.",
    "tasks": "The editorial to-do list; for everybody who writes.",
    "events": "What changed, for mirrors.",
    "webhooks": "Programs that are told of events; for administrators.",
    "users": "Accounts.",
    "signing in": "Tokens of apps and scripts, and sessions.",
    "schema": "This document.",
}


def operation_of(view: Any) -> Operation | None:
    """What is said of the action (or method) that `view` stands for."""
    found = OPERATIONS.get(type(view).__name__, {})
    name = getattr(view, "action", None) or view.request.method.lower()
    return found.get(name)
