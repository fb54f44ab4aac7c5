"""What clients send to change content: checked shapes; the rules are the services'."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.models import User
from blog import policy
from blog.models import Category, Content, Page, Post, Series, Tag
from blog.models.content import EXCERPT_MAX_LENGTH, TITLE_MAX_LENGTH
from blog.models.post import CORRECTIONS_MAX_LENGTH
from blog.models.taxonomy import DESCRIPTION_MAX_LENGTH
from blog.services import MAX_TAGS
from lib.api.lists import CappedListField
from lib.markdown import MAX_SOURCE_BYTES
from lib.text import slugify
from library.models import Image

MAX_KEY = 2**63 - 1
MAX_AUTHORS = 20  # of one post
MAX_BULK = 100  # posts in one request
NAME_MAX_LENGTH = 100  # of a term, characters
MAX_SMALL = 32_767  # what a small integer column holds
MAX_PART = 2_147_483_647


def line(length: int, **options: Any) -> serializers.CharField:
    """A text of one line that may be empty."""
    return serializers.CharField(
        max_length=length, **{"required": False, "allow_blank": True, **options}
    )


def link(queryset, source: str, help_text: str) -> serializers.PrimaryKeyRelatedField:
    """The key of another thing, or null."""
    return serializers.PrimaryKeyRelatedField(
        queryset=queryset,
        source=source,
        required=False,
        allow_null=True,
        pk_field=serializers.IntegerField(min_value=1, max_value=MAX_KEY),
        help_text=help_text,
    )


class TagsField(CappedListField):
    """Tags by key, by name, or as they are read; a name that is new is a tag to be made.

    Gives tags, those to be made without a key.
    """

    child = serializers.JSONField(
        help_text="The id of a tag, its name, or an object with one of them."
    )

    def __init__(self, **options) -> None:
        super().__init__(max_length=MAX_TAGS, **options)

    def to_internal_value(self, data: Any) -> list[Tag]:
        entries = [_key_or_name(entry) for entry in super().to_internal_value(data)]
        keys = {entry for entry in entries if isinstance(entry, int)}
        names = {entry for entry in entries if isinstance(entry, str)}
        by_key = Tag.objects.in_bulk(keys)
        by_name = {tag.name: tag for tag in Tag.objects.filter(name__in=names).order_by("-pk")}
        slugs = {slugify(name) for name in names - by_name.keys()} - {""}
        by_slug = {tag.slug: tag for tag in Tag.objects.filter(slug__in=slugs)}
        user = self.context["request"].user
        found: dict[str | int, Tag] = {}
        errors: dict[int, list[str]] = {}
        for place, entry in enumerate(entries):
            if isinstance(entry, int):
                tag = by_key.get(entry)
                reason = _("There is no tag %(key)d.") % {"key": entry}
            elif isinstance(entry, str):
                tag = by_name.get(entry) or by_slug.get(slugify(entry))
                if tag is None and user.has_perm("blog.add_tag"):
                    tag = Tag(name=entry, slug=slugify(entry))
                reason = _("There is no such tag, and you may not make one.")
            else:
                tag, reason = None, _("Give the id of a tag or its name.")
            if tag is None:
                errors[place] = [reason]
            else:
                found.setdefault(tag.pk or tag.slug or tag.name, tag)
        if errors:
            raise serializers.ValidationError(errors)
        return list(found.values())


class AuthorsField(CappedListField):
    """People by username, or as they are read, in the order of the byline.

    Gives their usernames: whose names there are is told only to who may name others.
    """

    child = serializers.JSONField(help_text="A username, or an object with one.")

    def __init__(self, **options) -> None:
        super().__init__(max_length=MAX_AUTHORS, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        names, errors = [], {}
        for place, entry in enumerate(super().to_internal_value(data)):
            if isinstance(entry, dict):
                entry = entry.get("username")
            if not isinstance(entry, str) or not 0 < len(entry) <= NAME_MAX_LENGTH:
                errors[place] = [_("Give a username.")]
            else:
                names.append(entry.lower())
        if errors:
            raise serializers.ValidationError(errors)
        return list(dict.fromkeys(names))


class ContentInput(serializers.Serializer):
    """What posts and pages share. Whatever else is sent is passed over."""

    title = serializers.CharField(max_length=TITLE_MAX_LENGTH)
    slug = line(100, help_text="Part of the address. Made from the title when empty.")
    subtitle = line(300)
    body = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=MAX_SOURCE_BYTES,
        help_text="Markdown, kept as it is sent; at most 1 MB.",
    )
    excerpt = line(EXCERPT_MAX_LENGTH, trim_whitespace=False)
    cover_id = link(Image.objects.all(), "cover", "An image of the library, or null.")
    language = serializers.CharField(max_length=35, required=False, help_text="A BCP 47 tag.")
    seo_title = line(200)
    seo_description = line(300)
    canonical_url = serializers.URLField(max_length=200, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=Content.Visibility.choices, required=False)
    status = serializers.ChoiceField(
        choices=Content.Status.choices,
        required=False,
        help_text="Another one than it has takes the steps that lead there.",
    )
    published_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="A future time means scheduled."
    )
    unpublish_at = serializers.DateTimeField(required=False, allow_null=True)
    reason = line(100, help_text="A few words for the history on what was changed.")


class SeenField(serializers.PrimaryKeyRelatedField):
    """The key of something that the caller may see, or null."""

    def __init__(self, **options) -> None:
        number = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
        super().__init__(**{"allow_null": True, "required": False, "pk_field": number, **options})

    def get_queryset(self):
        return super().get_queryset().visible_to(self.context["request"].user)


def translation_of(model: type[Content]) -> SeenField:
    return SeenField(
        queryset=model.objects.all(),
        source="translation_of",
        help_text="Something that says the same in another language: from then on each is a "
        "translation of the other, and of all it is linked with. Null links it with nothing.",
    )


class PostInput(ContentInput):
    """A post as clients send it."""

    translation_of_id = translation_of(Post)
    category_id = link(Category.objects.all(), "category", "A category, or null.")
    tags = TagsField(required=False)
    authors = AuthorsField(required=False, help_text="Oneself, unless one may name others.")
    series_id = link(Series.objects.all(), "series", "A series, or null.")
    series_part = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MAX_PART
    )
    featured = serializers.BooleanField(required=False)
    corrections = line(
        CORRECTIONS_MAX_LENGTH,
        trim_whitespace=False,
        help_text="What was wrong before and is right now, a line for each.",
    )

    def validate_authors(self, names: list[str]) -> list[User]:
        user = self.context["request"].user
        if not names:
            raise serializers.ValidationError([_("A post needs at least one author.")])
        if not policy.may_name_authors(user):
            byline = self.instance.byline if self.instance else [user]
            if names != [author.username.lower() for author in byline]:
                raise PermissionDenied(_("Only editors put other names in a byline."))
            return byline
        people = [User.objects.named(name).first() for name in names]
        errors = {
            place: [_("There is nobody with this username.")]
            for place, person in enumerate(people)
            if person is None
        }
        if errors:
            raise serializers.ValidationError(errors)
        return people


class PageInput(ContentInput):
    """A page as clients send it."""

    translation_of_id = translation_of(Page)
    menu_position = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MAX_SMALL
    )


class TermInput(serializers.Serializer):
    """A category, tag or series as clients send it."""

    name = serializers.CharField(max_length=NAME_MAX_LENGTH)
    slug = line(100, help_text="Part of the address. Made from the name when empty.")
    description = line(DESCRIPTION_MAX_LENGTH, trim_whitespace=False)


class PublishInput(serializers.Serializer):
    """When to publish."""

    at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Now, or its planned time, when missing."
    )


class ScheduleInput(serializers.Serializer):
    """When it will be public by itself."""

    at = serializers.DateTimeField(help_text="In the future.")

    def validate_at(self, at):
        if at <= timezone.now():
            raise serializers.ValidationError([_("Give a time in the future, or publish it.")])
        return at


class NothingInput(serializers.Serializer):
    """An action that needs no more than its address."""


STEPS = ("submit", "publish", "schedule", "unpublish", "trash", "restore")


class BulkInput(serializers.Serializer):
    """One change to many posts."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_KEY),
        allow_empty=False,
        max_length=MAX_BULK,
    )
    action = serializers.ChoiceField(choices=STEPS, required=False)
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="As of one post.")
    add_tags = TagsField(required=False)
    remove_tags = TagsField(required=False)

    def validate_ids(self, ids: list[int]) -> list[int]:
        return list(dict.fromkeys(ids))

    def validate(self, data: dict) -> dict:
        if not {"action", "add_tags", "remove_tags"} & data.keys():
            raise serializers.ValidationError([_("Say what to do: an action, or tags.")])
        if data.get("action") == "schedule":
            checked = ScheduleInput(data={"at": data.get("at")})
            checked.is_valid(raise_exception=True)
        elif data.get("at") and data.get("action") != "publish":
            raise serializers.ValidationError({"at": [_("Only publishing has a time.")]})
        return data


def _key_or_name(entry: Any) -> int | str | None:
    """The key or the name that an entry of a list of tags gives."""
    if isinstance(entry, dict):
        entry = entry.get("id", entry.get("name"))
    if isinstance(entry, bool):
        return None
    if isinstance(entry, int):
        return entry if 0 < entry <= MAX_KEY else None
    if isinstance(entry, str):
        name = " ".join(entry.split())
        return name if 0 < len(name) <= NAME_MAX_LENGTH else None
    return None
