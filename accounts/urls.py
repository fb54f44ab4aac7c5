"""The pages below /account/. allauth finds its own by these names, which have no namespace."""

from allauth.mfa.base import urls as factor_urls
from allauth.mfa.recovery_codes import urls as recovery_code_urls
from allauth.mfa.totp import urls as totp_urls
from allauth.mfa.webauthn import urls as passkey_urls
from django.urls import include, path

from accounts.doors import views

urlpatterns = [
    # Ours come first where they do more than allauth's of the same name.
    path("signup/", views.SignUpView.as_view(), name="account_signup"),
    path("sessions/", views.session_list, name="usersessions_list"),
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        views.RemovePasskeyView.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("", include("allauth.account.urls")),
    path("2fa/", include(factor_urls)),
    path("2fa/totp/", include(totp_urls)),
    path("2fa/recovery-codes/", include(recovery_code_urls)),
    path("2fa/webauthn/", include(passkey_urls)),
]
