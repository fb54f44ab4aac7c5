"""The page of one's personal tokens and of the apps one is signed in with."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import tokens
from accounts.doors.devices import device_name
from accounts.models import PersonalToken, Scope, TokenFamily
from accounts.own.token_forms import TokenForm
from lib.admin import add_refusal


@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """One's tokens; making one takes the password again and shows the token this once."""
    form, made, text = TokenForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            made, text = tokens.make_personal_token(
                request.user,
                name=fields["name"],
                scopes=fields["scopes"],
                expires_at=form.expires_at(),
                request=request,
            )
        except ValidationError as error:
            add_refusal(form, error)
        else:
            # Not kept for a page after this one: nobody but its owner sees the token again.
            form = TokenForm()
    own = PersonalToken.objects.in_use().filter(user=request.user)
    context = {
        "form": form,
        "made": made,
        "text": text,
        "tokens": [_shown(token) for token in own],
        "apps": [
            {"family": family, "device": device_name(family.device) or family.device}
            for family in tokens.families_of(request.user)
        ],
    }
    return render(request, "own/tokens.html", context)


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's tokens."""
    token = get_object_or_404(PersonalToken.objects.in_use(), pk=token_id, user=request.user)
    tokens.revoke_personal_token(token, by=request.user, request=request)
    messages.success(request, _("The token “%(name)s” has ended.") % {"name": token.name})
    return redirect("own:tokens")


@login_required
@require_POST
def app_end(request: HttpRequest, family_id: str) -> HttpResponse:
    """Sign out one of the apps that one is signed in with."""
    family = get_object_or_404(TokenFamily.objects.in_use(), pk=family_id, user=request.user)
    tokens.end_family(family, by=request.user, request=request)
    messages.success(request, _("The app is signed out."))
    return redirect("own:tokens")


def _shown(token: PersonalToken) -> dict[str, object]:
    names = dict(Scope.choices)
    return {"row": token, "scopes": [names[scope] for scope in token.scopes if scope in names]}
