"""The addresses of signing in below /api/v1/. `users/` and `auth/tokens/` are the router's."""

from django.urls import path, re_path

from accounts.api.addresses import ConfirmView, KeyView, NewAddressView
from accounts.api.sessions import SessionViewSet
from accounts.api.sign_in import RefreshView, RevokeView, TokenView

sessions = SessionViewSet.as_view({"get": "list", "delete": "destroy_all"}, suffix="List")
session = SessionViewSet.as_view({"delete": "destroy"}, suffix="Instance")

urlpatterns = [
    path("auth/token/", TokenView.as_view(), name="auth-token"),
    path("auth/refresh/", RefreshView.as_view(), name="auth-refresh"),
    path("auth/revoke/", RevokeView.as_view(), name="auth-revoke"),
    path("auth/email/", NewAddressView.as_view(), name="auth-email"),
    path("auth/email/key/", KeyView.as_view(), name="auth-email-key"),
    path("auth/email/confirm/", ConfirmView.as_view(), name="auth-email-confirm"),
    path("auth/sessions/", sessions, name="session-list"),
    re_path(r"^auth/sessions/(?P<pk>[a-z]+-[0-9a-f-]{1,36})/$", session, name="session-detail"),
]
