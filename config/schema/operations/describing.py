"""How an operation is described, and what those of one kind have in common."""

from dataclasses import dataclass, field
from typing import Any

from blog.api.inputs import TermInput

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


def reading(thing: str, things: str, tag: str) -> dict[str, Operation]:
    etag = ("ETag",)
    return {
        "list": Operation(f"list_{things}", tag, f"List {things}.", many=True, headers=etag),
        "retrieve": Operation(f"get_{thing}", tag, f"One of the {things}.", headers=etag),
        "by_slug": Operation(f"get_{thing}_by_slug", tag, headers=etag),
    }


def writing(thing: str, tag: str, request: Any, example: dict) -> dict[str, Operation]:
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
