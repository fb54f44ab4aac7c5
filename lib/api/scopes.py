"""What a token may do, whatever its owner may."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from lib.api.problems import InsufficientScope

READ, WRITE, MEDIA, ADMIN = "read", "write", "media", "admin"


class TokenScope(BasePermission):
    """Lets a token do what its scopes say; sessions and anonymous readers have no scopes.

    Reading takes `read`, changing takes `write` or what the view names as `write_scope`.
    """

    def has_permission(self, request: Request, view) -> bool:
        if request.auth is None:
            return True
        reading = request.method in SAFE_METHODS
        needed = READ if reading else getattr(view, "write_scope", WRITE)
        if needed not in getattr(request.auth, "scopes", ()):
            raise InsufficientScope(needed)
        return True
