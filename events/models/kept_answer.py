"""What was answered to a request that may come again."""

import json
import zlib
from typing import Any

from django.db import models
from django.utils import timezone


class KeptAnswer(models.Model):
    """The answer to a request with an Idempotency-Key.

    Written in the transaction of the change: where the answer is, the change is, and where
    something failed in between, neither is.
    """

    caller = models.CharField(max_length=60, editable=False)
    key = models.CharField(max_length=255, editable=False)
    # Of the request: the same key with another one is a mistake of the client.
    fingerprint = models.CharField(max_length=64, editable=False)
    status = models.PositiveSmallIntegerField(editable=False)
    headers = models.JSONField(default=dict, editable=False)
    packed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="kept_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"

    @property
    def data(self) -> Any:
        """What was answered."""
        return json.loads(zlib.decompress(bytes(self.packed)))

    @staticmethod
    def pack(body: bytes) -> bytes:
        """`body`, JSON, as it is stored."""
        return zlib.compress(body, level=1)
