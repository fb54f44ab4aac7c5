"""Authors over the API: who wrote what one finds."""

from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.models import User
from blog.api.base import ReadingViewSet
from blog.models import Post, PostAuthor
from blog.serializers import AuthorSerializer
from lib.api.parameters import checked_query

MAX_SEARCH_LENGTH = 100  # characters, as a name


class AuthorViewSet(ReadingViewSet):
    """People under whose name one finds posts. Accounts are told of by `users/`."""

    serializer_class = AuthorSerializer
    lookup_field = "username"
    lookup_value_regex = r"\w{1,50}"
    searchable = True
    orders: ClassVar[dict[str, str]] = {"username": "username"}

    def get_queryset(self) -> QuerySet:
        listed = Post.objects.listed_for(self.request.user)
        entries = PostAuthor.objects.filter(user=OuterRef("pk"), post__in=listed)
        return User.objects.filter(Exists(entries))

    def search(self, queryset: QuerySet, query: str) -> QuerySet:
        text = checked_query("search", query, MAX_SEARCH_LENGTH)
        named = Q(username__icontains=text) | Q(display_name__icontains=text)
        return queryset.filter(named).order_by("username")

    def retrieve(self, request: Request, username: str) -> HttpResponseBase:
        person = User.objects.named(username).values("pk")
        return self.conditional() or self.one_of(self.get_queryset().filter(pk__in=person))
