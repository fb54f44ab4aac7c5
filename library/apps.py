from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = _("Library")

    def ready(self) -> None:
        from library import leaving, orphans, video_tasks  # noqa: F401 (makes its tasks known)

        leaving.register()
        orphans.register_jobs()
