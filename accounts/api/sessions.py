"""Where somebody is signed in: browsers and apps, in one list."""

import re
from typing import Any

from django.contrib.auth import logout
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts import tokens
from accounts.doors import sessions
from accounts.doors.devices import device_name
from accounts.models import TokenFamily
from accounts.services import sign_out_everywhere
from lib.api.scopes import TokenScope

KEY = re.compile(r"(?P<kind>browser|app)-(?P<key>[0-9a-f-]{1,36})", re.ASCII)


class NotByPersonalToken(BasePermission):
    """A script's token opens content, not the account: it could make itself a successor."""

    message = _("A personal token cannot do this. Sign in with the password.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return getattr(request.auth, "personal", None) is None


class SessionSerializer(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["browser", "app"])
    device = serializers.CharField()
    address = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    current = serializers.BooleanField()


class SessionViewSet(ViewSet):
    """The caller's own sessions. Ending one takes effect with the next request it makes."""

    permission_classes = [IsAuthenticated, NotByPersonalToken, TokenScope]
    serializer_class = SessionSerializer
    lookup_value_regex = r"[a-z]+-[0-9a-f-]{1,36}"

    def list(self, request: Request) -> Response:
        found = [*_browsers(request), *_apps(request)]
        found.sort(key=lambda session: session["last_used_at"], reverse=True)
        return Response(SessionSerializer(found, many=True).data)

    def destroy(self, request: Request, pk: str) -> Response:
        match = KEY.fullmatch(pk)
        if match is None or not self._end(request, match["kind"], match["key"]):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)

    def destroy_all(self, request: Request) -> Response:
        """Sign out everywhere, here too: every session and every token ends."""
        sign_out_everywhere(request.user, by=request.user)
        sessions.forget_others(request.user, None)
        if request.auth is None:
            logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _end(self, request: Request, kind: str, key: str) -> bool:
        if kind == "browser":
            short = key.isdecimal() and len(key) <= 18
            return short and sessions.end(request.user, int(key))
        pk = tokens.family_key(key)
        family = TokenFamily.objects.in_use().filter(user=request.user, pk=pk).first()
        if family is not None:
            tokens.end_family(family, by=request.user, request=request._request)
        return family is not None


def _browsers(request: Request) -> list[dict[str, Any]]:
    here = request._request.session.session_key if request.auth is None else None
    return [
        {
            "id": f"browser-{row.pk}",
            "kind": "browser",
            "device": device_name(row.user_agent),
            "address": row.ip,
            "created_at": row.created_at,
            "last_used_at": row.last_seen_at,
            "current": row.session_key == here,
        }
        for row in sessions.alive(request.user)
    ]


def _apps(request: Request) -> list[dict[str, Any]]:
    here = getattr(request.auth, "family", None)
    return [
        {
            "id": f"app-{family.pk}",
            "kind": "app",
            "device": device_name(family.device) or family.device,
            "address": family.address,
            "created_at": family.created_at,
            "last_used_at": family.last_used_at,
            "current": family == here,
        }
        for family in tokens.families_of(request.user)
    ]
