from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Importing registers the system checks.
        from config import checks, desk, health, slow_queries, work  # noqa: F401
        from config.jobs import register_jobs
        from lib.status import register_work

        health.register()
        desk.register()
        register_work("library.rendition", _("smaller pictures"), work.count_renditions)
        register_work("library.video", _("videos to convert"), work.count_videos)
        slow_queries.watch_all()
        register_jobs()


class InkstoneAdminConfig(AdminConfig):
    default_site = "config.admin.InkstoneAdminSite"
