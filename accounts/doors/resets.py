"""Mailing somebody a link to choose a new password, on an administrator's word."""

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit, policy
from accounts.models import User


@transaction.atomic
def send_reset(user: User, request: HttpRequest, *, by: User) -> None:
    """The mail of "Forgot your password?", to the stored address. The old password goes on working.

    Raises ValidationError for who cannot get it, PermissionDenied when `by` may not.
    """
    policy.require(policy.may_manage(by, user))
    if not user.email:
        raise ValidationError(_("There is no e-mail address."))
    if not user.may_sign_in:
        raise ValidationError(_("This account is not active."))
    request_password_reset(request, user.email, [user], default_token_generator)
    audit.note("user.reset_sent", request=request, actor=by, subject=user)
