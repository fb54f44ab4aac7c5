from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  Importing registers the checks.
        from config.jobs import register_jobs

        register_jobs()


class InkstoneAdminConfig(AdminConfig):
    default_site = "config.admin.InkstoneAdminSite"
