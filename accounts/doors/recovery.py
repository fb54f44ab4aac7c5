"""Helping somebody in again who lost every second factor."""

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import audit, policy
from accounts.doors import mails
from accounts.models import User
from accounts.services import sign_out_everywhere


@transaction.atomic
def remove_second_factors(user: User, *, by: User | None) -> None:
    """Take away every second factor and recovery code of `user`, who is told by mail.

    Whoever is signed in as this person is signed out: the factors may be in strange hands.
    Raises ValidationError when there are none, PermissionDenied when `by` may not.
    """
    if by is not None:
        policy.require(policy.may_manage(by, user))
    removed, _kinds = Authenticator.objects.filter(user_id=user.pk).delete()
    if not removed:
        raise ValidationError(_("There is no second factor."))
    sign_out_everywhere(user, by=by)
    audit.note("user.second_factors_removed", actor=by, subject=user)
    if user.email:
        mails.send("account/email/second_factors_removed", user.email, {})
