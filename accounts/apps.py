from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import sign_in_limits, sign_ins, welcome  # noqa: F401  Its handler.
        from accounts.doors import addresses, sessions

        sign_ins.connect()
        sign_in_limits.connect()
        addresses.connect()
        sessions.connect()
