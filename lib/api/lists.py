"""Lists in what clients send."""

from typing import Any

from rest_framework import serializers


class CappedListField(serializers.ListField):
    """A list whose `max_length` counts what was sent, before any of it is looked up.

    That of DRF counts what became of it: what names the same twice is one then, and a database
    was asked for all of them.
    """

    def run_child_validation(self, data: Any) -> list:
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().run_child_validation(data)
