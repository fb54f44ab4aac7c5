"""How content looks over the API."""

from rest_framework import serializers

from blog.models import Category, Post, Series, Tag


class TermSerializer(serializers.ModelSerializer):
    """The fields every kind of term has."""

    url = serializers.SerializerMethodField()

    class Meta:
        fields = ["id", "name", "slug", "description", "url"]
        read_only_fields = fields

    def get_url(self, term) -> str:
        return self.context["site_url"] + term.get_absolute_url()


class CategorySerializer(TermSerializer):
    class Meta(TermSerializer.Meta):
        model = Category


class TagSerializer(TermSerializer):
    class Meta(TermSerializer.Meta):
        model = Tag


class SeriesSerializer(TermSerializer):
    class Meta(TermSerializer.Meta):
        model = Series


class PostSerializer(serializers.ModelSerializer):
    """A post in a list: everything but its text."""

    url = serializers.SerializerMethodField()
    category = CategorySerializer(read_only=True)
    tags = TagSerializer(many=True, read_only=True)
    authors = serializers.SerializerMethodField()
    author_name = serializers.SerializerMethodField()
    summary = serializers.CharField(read_only=True)

    class Meta:
        model = Post
        fields = [
            *("id", "title", "slug", "subtitle", "url", "summary", "language"),
            *("category", "tags", "authors", "author_name", "status", "featured"),
            *("word_count", "reading_minutes", "published_at", "created_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_url(self, post: Post) -> str:
        return self.context["site_url"] + post.get_absolute_url()

    def get_authors(self, post: Post) -> list[dict]:
        return [{"username": user.username, "name": user.name} for user in post.byline]

    def get_author_name(self, post: Post) -> str:
        return post.author.name if post.author else ""


class PostDetailSerializer(PostSerializer):
    """A post with its text, as Markdown and as HTML."""

    class Meta(PostSerializer.Meta):
        fields = [*PostSerializer.Meta.fields, "body", "body_html"]
        read_only_fields = fields
