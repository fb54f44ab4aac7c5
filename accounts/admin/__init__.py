"""People in the admin, and what is kept about them."""

from allauth.account import admin as _addresses
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _factors
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _sessions
from allauth.usersessions.models import UserSession
from django.contrib import admin

from accounts.admin import audit, people, tokens

__all__ = ["audit", "people", "tokens"]

# allauth's own lists would let a superuser read secrets of second factors, and change addresses
# past `accounts.services`. Its modules are imported first, or they would register them again.
for _module, _model in (
    (_addresses, EmailAddress),
    (_factors, Authenticator),
    (_sessions, UserSession),
):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
