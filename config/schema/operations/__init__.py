"""What each operation is called, takes and answers, by viewset and action (or method).

Names are those of the methods of a generated client: a published one never changes. `describing`
says what is said of an operation; the other modules say it, by subject.
"""

from typing import Any

from config.schema.operations import content, library, people, work
from config.schema.operations.describing import OWN as OWN
from config.schema.operations.describing import Operation as Operation

OPERATIONS: dict[str, dict[str, Operation]] = {
    **content.OPERATIONS,
    **library.OPERATIONS,
    **work.OPERATIONS,
    **people.OPERATIONS,
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
