from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = _("Publishing")

    def ready(self) -> None:
        from accounts.services import naming_hooks
        from blog import (
            event_subjects,
            leaving,
            library_events,  # noqa: F401 (its handlers)
            uses,
            websub,
            workflow_mail,  # noqa: F401 (its handlers)
        )
        from blog.jobs import register_jobs
        from blog.services import keep_author_address

        naming_hooks.append(keep_author_address)
        register_jobs()
        event_subjects.register()
        leaving.register()
        uses.register()
        websub.register()
