"""What keeps the site going: its settings, the to-do list, the event feed, webhooks."""

from dataclasses import replace

from blog.api.site import SiteSerializer
from blog.api.tasks import TaskInput
from config.schema.operations.describing import OWN, Operation, reading, writing
from events import webhook_api as hooks
from events.api import FeedSerializer

HOOK = {"url": "https://example.org/hook", "kinds": ["post.*"]}
SITE = {"request": SiteSerializer, "answer": SiteSerializer, "headers": ("ETag",)}

OPERATIONS: dict[str, dict[str, Operation]] = {
    "SiteView": {
        "get": Operation("get_site", "site", answer=SiteSerializer, headers=("ETag",)),
        "put": Operation("update_site", "site", more=(409, 412), example={"name": "Ink"}, **SITE),
        "patch": Operation("change_site", "site", more=(409, 412), example={"name": "Ink"}, **SITE),
    },
    "TaskViewSet": {
        **{
            name: said
            for name, said in reading("task", "tasks", "tasks").items()
            if name != "by_slug"
        },
        **{
            # Who does not write sees no list, neither to read nor to add to.
            name: replace(said, more=(*said.more, 404)) if name == "create" else said
            for name, said in writing(
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
}
