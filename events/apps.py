from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from events import (
            cleaning,
            retention,
            webhook_tasks,  # noqa: F401  Importing makes its task and its hook known.
        )

        cleaning.register("events", retention.clean_up)
