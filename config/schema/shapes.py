"""Answers and bodies that no serializer of the apps describes: for the document only."""

from rest_framework import serializers

from accounts.api.personal_tokens import MadeTokenSerializer
from blog.api.counts import CountSerializer
from blog.api.inputs import BulkInput
from blog.api.revisions import ChangeSerializer, RevisionSerializer
from blog.api.saves import SaveSerializer
from blog.models import Content
from blog.models.checks import Level, Rule


class FindingSerializer(serializers.Serializer):
    """What a check before publication found."""

    rule = serializers.ChoiceField(choices=Rule.choices)
    level = serializers.ChoiceField(choices=[c for c in Level.choices if c[0] != "off"])
    pointer = serializers.CharField(help_text="A JSON pointer into the body.")
    detail = serializers.CharField()


class DryRunSerializer(serializers.Serializer):
    """What `validate_only=true` answers: all of it went well, and was taken back."""

    valid = serializers.BooleanField()
    status = serializers.IntegerField(help_text="What would have been answered.")
    result = serializers.JSONField(help_text="Its body; null when it has none.")
    report = FindingSerializer(
        many=True, required=False, help_text="Of the checks before publication: posts and pages."
    )


class CountsSerializer(serializers.Serializer):
    """Counts of all groups."""

    results = CountSerializer(many=True)


class RevisionPageSerializer(serializers.Serializer):
    """Twenty saves, the newest first."""

    count = serializers.IntegerField(help_text="Of all pages.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RevisionSerializer(many=True)


class SavePageSerializer(RevisionPageSerializer):
    """Twenty saves of changes, the newest first."""

    results = SaveSerializer(many=True)


class ComparisonSerializer(serializers.Serializer):
    """What differs between two saves."""

    # `from` is a word of Python.
    vars()["from"] = serializers.IntegerField(help_text="The number of the earlier one.")
    to = serializers.IntegerField(help_text="The number of the later one.")
    changes = ChangeSerializer(many=True)


class BulkProblemSerializer(serializers.Serializer):
    """Why one of many was not changed: a problem without the request it belongs to."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)


class BulkResultSerializer(serializers.Serializer):
    """What became of one post."""

    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    version = serializers.IntegerField(required=False, help_text="When it went well.")
    state = serializers.ChoiceField(choices=Content.State.choices, required=False)
    problem = BulkProblemSerializer(required=False)


class BulkAnswerSerializer(serializers.Serializer):
    """One result for each id, in the order in which they were sent."""

    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    results = BulkResultSerializer(many=True)


__all__ = [
    "BulkAnswerSerializer",
    "BulkInput",
    "ComparisonSerializer",
    "CountsSerializer",
    "DryRunSerializer",
    "MadeTokenSerializer",
    "RevisionPageSerializer",
    "SavePageSerializer",
]
