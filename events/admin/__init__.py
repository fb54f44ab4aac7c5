"""Events, the work they cause, and webhooks in the admin."""

from events.admin import history, webhooks, work

__all__ = ["history", "webhooks", "work"]
