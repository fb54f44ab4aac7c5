"""What happened, who was told, and what is on its way."""

from events.models.event import Event
from events.models.feed import Exposure, Feed
from events.models.kept_answer import KeptAnswer
from events.models.mail import Mail
from events.models.receipt import Receipt
from events.models.schedule import ScheduledJob
from events.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from events.models.work import Work

__all__ = [
    "Event",
    "Exposure",
    "Feed",
    "KeptAnswer",
    "Mail",
    "Receipt",
    "ScheduledJob",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Work",
]
