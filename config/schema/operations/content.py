"""Posts, pages, what they are sorted by and how they are found; how a post is reviewed."""

from typing import Any

from blog.api.inputs import PublishInput, ScheduleInput, TermInput
from blog.api.review import (
    MadeReviewLinkSerializer,
    RemarkInput,
    RemarkStateInput,
    ReviewLinkInput,
)
from blog.api.revisions import WholeRevisionSerializer
from blog.api.saves import WholeSaveSerializer
from blog.api.working import (
    PageChangesInput,
    PostChangesInput,
    ScheduleChangesInput,
    WorkingSerializer,
)
from config.schema import shapes
from config.schema.operations.describing import OWN, Operation, reading, writing

POST = {"title": "On ink", "body": "Ink is *black*.", "tags": ["ink"]}
PAGE = {"title": "About us", "body": "We make ink."}
TERM = {"name": "Ink", "description": "What we write with."}
COUNT = {"answer": shapes.CountsSerializer, "headers": ("ETag",)}


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
        "saves": Operation(f"list_{thing}_saves", tag, answer=shapes.SavePageSerializer),
        "working_save": Operation(f"get_{thing}_save", tag, answer=WholeSaveSerializer),
        "save_diff": Operation(f"compare_{thing}_saves", tag, answer=shapes.ComparisonSerializer),
        "restore_save": Operation(f"restore_{thing}_save", tag, **kept),
    }


OPERATIONS: dict[str, dict[str, Operation]] = {
    "PostViewSet": {
        **reading("post", "posts", "posts"),
        **writing("post", "posts", OWN, POST),
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
        "partial_update": Operation(
            "resolve_remark", "review", request=RemarkStateInput, example={"resolved": True}
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
        **reading("page", "pages", "pages"),
        **writing("page", "pages", OWN, PAGE),
        **_steps("page", "pages"),
        **_changes("page", "pages", PageChangesInput, PAGE),
    },
    "CategoryViewSet": {
        **reading("category", "categories", "categories"),
        **writing("category", "categories", TermInput, TERM),
    },
    "TagViewSet": {**reading("tag", "tags", "tags"), **writing("tag", "tags", TermInput, TERM)},
    "SeriesViewSet": {
        **reading("series", "all_series", "series"),
        **writing("series", "series", TermInput, TERM),
        "list": Operation("list_series", "series", "List series.", many=True, headers=("ETag",)),
        "retrieve": Operation("get_series", "series", "One of the series.", headers=("ETag",)),
    },
    "AuthorViewSet": {
        name: said
        for name, said in reading("author", "authors", "authors").items()
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
}
