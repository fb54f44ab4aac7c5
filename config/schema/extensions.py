"""What drf-spectacular cannot tell by itself: our tokens, and fields that take several shapes."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)

from blog.api.inputs import AuthorsField, TagsField
from lib.api.pagination import MAX_DIGITS
from library.media_api import CollectionsField


class BearerScheme(OpenApiAuthenticationExtension):
    """A token of an app (JWT), or a personal token of a script."""

    target_class = "accounts.authentication.BearerAuthentication"
    name = ["appToken", "personalToken"]

    def get_security_definition(self, auto_schema: Any) -> list[dict]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The `access_token` of `/api/v1/auth/token/`.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A personal token, with the scopes that it was made with.",
            },
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict]:
        return [{name: []} for name in self.name]


class TagsScheme(OpenApiSerializerFieldExtension):
    """Tags by key, name, or as they are read."""

    target_class = TagsField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict:
        key = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
        name = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"\S"}
        one = {"type": "object", "properties": {"id": key, "name": name}, "minProperties": 1}
        return {
            "type": "array",
            "maxItems": self.target.max_length,
            "items": {"anyOf": [key, name, one]},
        }


class AuthorsScheme(OpenApiSerializerFieldExtension):
    """People by username, or as they are read."""

    target_class = AuthorsField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict:
        name = {"type": "string", "minLength": 1, "maxLength": 100}
        one = {"type": "object", "required": ["username"], "properties": {"username": name}}
        return {
            "type": "array",
            "minItems": 1,
            "maxItems": self.target.max_length,
            "items": {"anyOf": [name, one]},
        }


class CollectionsScheme(OpenApiSerializerFieldExtension):
    """Collections by key, or as they are read."""

    target_class = CollectionsField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict:
        key = {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1}
        one = {"type": "object", "required": ["id"], "properties": {"id": key}}
        return {
            "type": "array",
            "maxItems": self.target.max_length,
            "items": {"anyOf": [key, one]},
        }
