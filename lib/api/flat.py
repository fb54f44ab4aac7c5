"""Serializers that read rows, not objects.

A `ModelSerializer` makes an object for each row and asks each field of each object: ten times the
work of the query. A flat serializer declares the same fields (the schema is made from them), but
is given a queryset and fetches exactly the columns that its fields need.
"""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers


class FlatListSerializer(serializers.ListSerializer):
    """`many=True` of a flat serializer: takes a queryset, in order and cut to its page."""

    def to_representation(self, data: QuerySet) -> list[dict[str, Any]]:
        return self.child.read(data)


class FlatSerializer(serializers.Serializer):
    """Takes a queryset (`many=True`) or an object, which it reads anew.

    Pass `only`, names of fields, to read no more than these.
    """

    def __init__(self, *args, only: tuple[str, ...] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.only = only

    @classmethod
    def many_init(cls, *args, **kwargs):
        child_keywords = {name: kwargs.pop(name) for name in ("only",) if name in kwargs}
        child = cls(context=kwargs.get("context", {}), **child_keywords)
        return FlatListSerializer(*args, child=child, **kwargs)

    def read(self, queryset: QuerySet) -> list[dict[str, Any]]:
        """The rows of `queryset` as they are answered."""
        raise NotImplementedError

    def to_representation(self, instance: Model | dict) -> dict[str, Any]:
        if isinstance(instance, dict):
            return instance  # read before
        rows = self.read(type(instance)._default_manager.filter(pk=instance.pk))
        return rows[0]
