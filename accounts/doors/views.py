"""The pages of the doors: allauth's, and what they do otherwise here."""

from allauth.account import views as account_views
from allauth.mfa.adapter import get_adapter as get_second_factor_adapter
from allauth.mfa.webauthn import views as webauthn_views
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.doors import sessions
from accounts.doors.devices import device_name
from accounts.services import sign_out_everywhere


class SignUpView(account_views.SignupView):
    def form_valid(self, form) -> HttpResponse:
        limits.check_sign_up(self.request)
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except ValidationError as error:
            # Somebody took the name between our look and our write.
            form.add_error(None, error)
            return self.form_invalid(form)


class RemovePasskeyView(webauthn_views.RemoveWebAuthnView):
    def form_valid(self, form) -> HttpResponse:
        adapter = get_second_factor_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            text = adapter.error_messages["cannot_delete_authenticator"]
            messages.error(self.request, str(text))
            return redirect("mfa_list_webauthn")
        return super().form_valid(form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_list(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; ending one session, or everything but this one."""
    if request.method == "POST":
        if request.POST.get("session"):
            _end_one(request, request.POST["session"])
        else:
            _end_others(request)
        return redirect("usersessions_list")
    here = request.session.session_key
    found = [
        {
            "pk": row.pk,
            "device": device_name(row.user_agent),
            "address": row.ip,
            "since": row.created_at,
            "last_used": row.last_seen_at,
            "is_this": row.session_key == here,
        }
        for row in sessions.alive(request.user)
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": found})


def _end_one(request: HttpRequest, number: str) -> None:
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Http404
    if not sessions.end(request.user, int(number)):
        raise Http404
    messages.success(request, _("This session has ended."))


def _end_others(request: HttpRequest) -> None:
    with transaction.atomic():
        sign_out_everywhere(request.user, by=request.user)
        sessions.keep_this_one(request)
    messages.success(request, _("You are signed out everywhere else."))
