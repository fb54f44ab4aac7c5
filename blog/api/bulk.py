"""One change to many posts: each of them is changed whole, or not at all and told why."""

from typing import Any

from django.db import transaction
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from blog import services
from blog.api.inputs import BulkInput
from blog.api.writing import ContentWriting, made, refusals
from blog.models import Post
from lib.api.documents import as_api_exception, document

STEPS = {
    "submit": services.submit_content,
    "publish": services.publish_content,
    "schedule": services.publish_content,
    "unpublish": services.unpublish_content,
    "trash": services.trash_content,
    "restore": services.restore_content,
}


class BulkActions(ContentWriting):
    """`bulk/`: steps and tags for up to a hundred posts."""

    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Take a step with each post, or change its tags, or both.

        Answers 200 with one result for each id, in their order; read `failed`.
        """
        given = self._checked(BulkInput, request)
        results = {}
        with transaction.atomic():
            # Before the posts: a tag that they all get is made once.
            given["add_tags"] = made(given.get("add_tags", []), by=request.user)
        # In one order: two such requests must not wait for each other.
        for key in sorted(given["ids"]):
            results[key] = self._one(key, given, by=request.user)
        ordered = [results[key] for key in given["ids"]]
        done = sum(result["ok"] for result in ordered)
        return Response({"done": done, "failed": len(ordered) - done, "results": ordered})

    def _one(self, key: int, given: dict[str, Any], *, by: User) -> dict[str, Any]:
        try:
            with transaction.atomic(), refusals():
                post = self.find(str(key), lock=True)
                self._apply(post, given, by=by)
        except Exception as error:
            refusal = as_api_exception(error)
            if not isinstance(refusal, APIException):
                raise
            return {"id": key, "ok": False, "problem": document(refusal, refusal.status_code)}
        return {"id": key, "ok": True, "version": post.version, "state": post.state.value}

    @staticmethod
    def _apply(post: Post, given: dict[str, Any], *, by: User) -> None:
        before = {tag.pk: tag for tag in post.tags.all()}
        after = before | {tag.pk: tag for tag in given["add_tags"]}
        for tag in given.get("remove_tags", []):
            after.pop(tag.pk, None)  # One that is not there yet has no key.
        if after.keys() != before.keys():
            services.save_content(post, by=by, tags=after.values(), reason="tags changed")
        if step := STEPS.get(given.get("action")):
            at = {"at": given["at"]} if given.get("at") else {}
            step(post, by=by, **at)
