"""How content looks over the API, to read.

The declared fields tell the schema what `blog.rows` answers; a test compares the two.
"""

from functools import lru_cache

import orjson
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from rest_framework import serializers

from blog import rows
from blog.models import Content, Page, Post
from lib.api.flat import FlatSerializer
from lib.api.prepared import Beside


@lru_cache(maxsize=512)  # choices of fields that clients really make; more are made anew
def _reader(serializer: type["RowSerializer"], only: tuple[str, ...]) -> rows.Reader:
    return rows.Reader({name: serializer.made_of[name] for name in only})


class RowSerializer(FlatSerializer):
    """Fields of one table's rows, and of those joined to it."""

    made_of: dict[str, rows.Field] = {}
    in_lists: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()  # when one is read by itself

    @classmethod
    def on_request(cls, shown: tuple[str, ...]) -> tuple[str, ...]:
        """The fields that an answer has when it is asked for them."""
        return tuple(name for name in cls.made_of if name not in shown)

    def read(self, queryset: QuerySet) -> list[rows.Row]:
        return [row for _, row in self.read_with_keys(queryset)]

    def read_with_keys(self, queryset: QuerySet) -> list[tuple[int, rows.Row]]:
        """As `read`, each row with its key, which need not be among the fields."""
        only = self.only or self.alone or self.in_lists
        found = _reader(type(self), only).read(queryset)
        self.add_links(found, only, getattr(queryset, "beside", None))
        return found

    def add_links(
        self, found: list[tuple[int, rows.Row]], only: tuple[str, ...], beside: Beside | None
    ) -> None:
        """Put into the rows what other tables hold; it may have been read `beside` them."""


class TermSerializer(RowSerializer):
    """A name under which posts are listed."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    url = serializers.URLField(help_text="Of its page on the site.")

    in_lists = alone = (*rows.TERM_FIELDS, "url")


class CategorySerializer(TermSerializer):
    made_of = rows.term_fields("blog:category_detail")


class TagSerializer(TermSerializer):
    made_of = rows.term_fields("blog:tag_detail")


class SeriesSerializer(TermSerializer):
    made_of = rows.term_fields("blog:series_detail")


class BylineSerializer(serializers.Serializer):
    """A person in a byline."""

    username = serializers.CharField()
    name = serializers.CharField(help_text="As readers see it.")


class AuthorSerializer(RowSerializer):
    """A person under whose name one finds posts."""

    username = serializers.CharField()
    name = serializers.CharField(help_text="As readers see it.")
    bio = serializers.CharField()
    website = serializers.CharField(help_text="An address, or empty.")
    links = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="Each with a name, which may be empty, and a url.",
    )
    avatar = serializers.URLField(allow_null=True, help_text="A square of 192 pixels.")
    url = serializers.URLField(help_text="Of the person's page on the site.")

    made_of = rows.AUTHOR_FIELDS
    in_lists = alone = ("username", "name", "bio", "website", "links", "avatar", "url")


class CoverSerializer(serializers.Serializer):
    """The picture of a post or page."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    alt = serializers.CharField(help_text="What it shows; empty when it only decorates.")


class HeadingSerializer(serializers.Serializer):
    """A heading of a text, with the anchor that leads to it."""

    level = serializers.IntegerField()
    id = serializers.CharField()
    text = serializers.CharField()


class TranslationSerializer(serializers.Serializer):
    """The same text in another language."""

    id = serializers.IntegerField()
    language = serializers.CharField(help_text="A BCP 47 tag.")
    url = serializers.URLField(help_text="Of its page on the site.")


class ContentSerializer(RowSerializer):
    """What posts and pages share."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    slug = serializers.CharField()
    subtitle = serializers.CharField()
    url = serializers.URLField(help_text="Of its page on the site.")
    summary = serializers.CharField(help_text="The excerpt, else the beginning of the text.")
    language = serializers.CharField(help_text="A BCP 47 tag.")
    cover = CoverSerializer(allow_null=True)
    status = serializers.ChoiceField(choices=Content.Status.choices)
    state = serializers.ChoiceField(
        choices=Content.State.choices, help_text="The status together with the clock."
    )
    visibility = serializers.ChoiceField(choices=Content.Visibility.choices)
    word_count = serializers.IntegerField()
    character_count = serializers.IntegerField()
    reading_minutes = serializers.IntegerField()
    published_at = serializers.DateTimeField(
        allow_null=True, help_text="In the future: it is scheduled."
    )
    unpublish_at = serializers.DateTimeField(allow_null=True, help_text="When it goes again.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(help_text="When its content was last saved.")
    version = serializers.IntegerField(help_text="Counts the saves; the ETag names it.")
    excerpt = serializers.CharField(help_text="As typed.")
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()
    canonical_url = serializers.CharField(help_text="An address, or empty.")
    headings = HeadingSerializer(many=True)
    body = serializers.CharField(help_text="Markdown, as typed.")
    body_html = serializers.CharField(help_text="The body as clean HTML.")
    translations = TranslationSerializer(
        many=True, help_text="Those that one may see; `translation_of_id` links them."
    )

    model: type[Content]

    def add_links(
        self, found: list[tuple[int, rows.Row]], only: tuple[str, ...], beside: Beside | None
    ) -> None:
        if "translations" in only:
            request = self.context.get("request")
            visible = self.model.objects.visible_to(request.user if request else AnonymousUser())
            route = f"blog:{self.model._meta.model_name}_detail"
            rows.add_translations(found, visible, route)


# What one post or page answers beyond a list.
WHOLE = (
    *("cover", "visibility", "state", "version", "unpublish_at", "excerpt"),
    *("seo_title", "seo_description", "canonical_url", "translations", "body"),
)


class PostSerializer(ContentSerializer):
    """A post: in a list without its text."""

    category = CategorySerializer(allow_null=True)
    tags = TagSerializer(many=True)
    authors = BylineSerializer(many=True, help_text="In the order of the byline.")
    author_name = serializers.CharField(help_text="Of the first author.")
    featured = serializers.BooleanField()
    series = SeriesSerializer(allow_null=True)
    series_part = serializers.IntegerField(allow_null=True)
    corrections = serializers.CharField(help_text="What was put right, a line for each.")

    model = Post
    made_of = rows.POST_FIELDS
    in_lists = (
        *("id", "title", "slug", "subtitle", "url", "summary", "language"),
        *("category", "tags", "authors", "author_name", "status", "featured"),
        *("word_count", "reading_minutes", "published_at", "created_at", "updated_at"),
    )
    alone = (*in_lists, "series", "series_part", "corrections", *WHOLE)

    def add_links(
        self, found: list[tuple[int, rows.Row]], only: tuple[str, ...], beside: Beside | None
    ) -> None:
        links = None
        if beside and len(beside.expressions) > 1 and beside.values:
            links = orjson.loads(beside.values[1])
        rows.add_links(found, only, links)
        super().add_links(found, only, beside)


class PageSerializer(ContentSerializer):
    """A page: in a list without its text."""

    menu_position = serializers.IntegerField(
        allow_null=True, help_text="Its place in the menu; null when it is not in it."
    )

    model = Page
    made_of = rows.PAGE_FIELDS
    in_lists = (
        *("id", "title", "slug", "subtitle", "url", "summary", "language", "status"),
        *("menu_position", "word_count", "reading_minutes"),
        *("published_at", "created_at", "updated_at"),
    )
    alone = (*in_lists, *WHOLE)
