"""What the event feed and webhooks are told of posts, pages, terms and authors."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accounts.models import User
from blog import serializers
from blog.models import Category, Content, Page, Post, PostAuthor, Series, Site, Tag
from events import mail, subjects
from events.subjects import MEMBERS, PUBLIC, ClockEvent, Key

# Besides "public", "members" and "user:5": editors, who see all that is not in the bin, and
# everybody who writes, who chooses among all terms.
STAFF, WRITERS = "staff", "writers"

_MORE = ("cover", "visibility", "version", "unpublish_at")


def register() -> None:
    """Speak for the things of this app; called when it is ready."""
    subjects.register("blog.post", ContentSubject(Post, serializers.PostSerializer))
    subjects.register("blog.page", ContentSubject(Page, serializers.PageSerializer))
    subjects.register("blog.category", TermSubject(Category, serializers.CategorySerializer))
    subjects.register("blog.tag", TermSubject(Tag, serializers.TagSerializer))
    subjects.register("blog.series", TermSubject(Series, serializers.SeriesSerializer))
    subjects.register("accounts.user", AuthorSubject())
    if _roles not in subjects.audience_hooks:
        subjects.audience_hooks.append(_roles)
    if _site_name not in mail.context_hooks:
        mail.context_hooks.append(_site_name)


def _roles(user: User) -> set[str]:
    return {
        audience
        for audience, permission in (
            (STAFF, "blog.edit_any_content"),
            (WRITERS, "blog.add_post"),
        )
        if user.has_perm(permission)
    }


def _site_name() -> dict[str, Any]:
    return {"site_name": Site.current().name}


class NoClock:
    """Nothing happens to it by itself."""

    def clock_events(self, after: datetime, until: datetime) -> Iterator[ClockEvent]:
        return iter(())


class ContentSubject:
    """Posts and pages: the same rule as `visible_to`, told for all readers at once."""

    def __init__(self, model: type[Content], serializer: type) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.serializer = serializer(only=(*serializer.in_lists, *_MORE))

    def audiences(self, ids: set[str]) -> dict[Key, set[str]]:
        """Who may see these, and the terms and names that stand on them."""
        found: dict[Key, set[str]] = {}
        kept = self.model.objects.filter(pk__in=ids, trashed_at__isnull=True)
        own = self._authors(ids)
        published = dict(
            self.model.objects.published().filter(pk__in=ids).values_list("pk", "visibility")
        )
        for row in kept.values("pk", *self._links):
            audiences = {STAFF, *(f"user:{user}" for user in own.get(row["pk"], ()))}
            if row["pk"] in published:
                audiences.add(MEMBERS)
                if published[row["pk"]] == Content.Visibility.PUBLIC:
                    audiences.add(PUBLIC)
            found[self.label, str(row["pk"])] = audiences
            for key in self._shown_on(row, own.get(row["pk"], ())):
                found.setdefault(key, set()).update(audiences)
        for post, tag in self._tags(ids):
            if on := found.get((self.label, str(post))):
                found.setdefault(("blog.tag", str(tag)), set()).update(on)
        return found

    def objects(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        rows = self.serializer.read_with_keys(self.model.objects.filter(pk__in=ids))
        return {str(key): row for key, row in rows}

    def clock_events(self, after: datetime, until: datetime) -> Iterator[ClockEvent]:
        kind = self.model._meta.model_name
        live = self.model.objects.published(until).filter(published_at__gt=after)
        for content in live.only("published_at").order_by("published_at", "pk"):
            yield ClockEvent(f"{kind}.live", content, content.published_at)
        expired = self.model.objects.filter(
            unpublish_at__gt=after,
            unpublish_at__lte=until,
            status=Content.Status.PUBLISHED,
            trashed_at__isnull=True,
        )
        for content in expired.only("unpublish_at").order_by("unpublish_at", "pk"):
            yield ClockEvent(f"{kind}.expired", content, content.unpublish_at)

    # --- what only posts have ---------------------------------------------------------

    @property
    def _links(self) -> tuple[str, ...]:
        return ("category_id", "series_id") if self.model is Post else ()

    def _authors(self, ids: set[str]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        if self.model is Post:
            rows = PostAuthor.objects.filter(post_id__in=ids)
            for post, user in rows.values_list("post_id", "user_id"):
                found.setdefault(post, []).append(user)
        return found

    def _tags(self, ids: set[str]):
        if self.model is not Post:
            return ()
        return Post.tags.through.objects.filter(post_id__in=ids).values_list("post_id", "tag_id")

    def _shown_on(self, row: dict, authors) -> Iterator[Key]:
        for column, label in (("category_id", "blog.category"), ("series_id", "blog.series")):
            if row.get(column):
                yield label, str(row[column])
        for user in authors:
            yield "accounts.user", str(user)


class TermSubject(NoClock):
    """Terms are seen on the posts that are listed under them; who writes sees all."""

    def __init__(self, model: type, serializer: type) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.field = "tags" if model is Tag else model._meta.model_name
        self.serializer = serializer(only=serializer.in_lists)

    def audiences(self, ids: set[str]) -> dict[Key, set[str]]:
        found = {
            (self.label, str(pk)): {WRITERS}
            for pk in self.model.objects.filter(pk__in=ids).values_list("pk", flat=True)
        }
        for pk, audiences in _of_posts(self.field, ids):
            found[self.label, str(pk)] |= audiences
        return found

    def objects(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        rows = self.serializer.read_with_keys(self.model.objects.filter(pk__in=ids))
        return {str(key): row for key, row in rows}


class AuthorSubject(NoClock):
    """People are seen by the posts that bear their names, and by themselves."""

    serializer = serializers.AuthorSerializer(only=serializers.AuthorSerializer.in_lists)

    def audiences(self, ids: set[str]) -> dict[Key, set[str]]:
        found = {
            ("accounts.user", str(pk)): {f"user:{pk}"}
            for pk in User.objects.filter(pk__in=ids).values_list("pk", flat=True)
        }
        for pk, audiences in _of_posts("post_authors__user", ids):
            found["accounts.user", str(pk)] |= audiences
        return found

    def objects(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        rows = self.serializer.read_with_keys(User.objects.filter(pk__in=ids))
        return {str(key): row for key, row in rows}


def _of_posts(field: str, ids: set[str]) -> Iterator[tuple[int, set[str]]]:
    """For each of the things `ids` that published posts name in `field`: who sees one of these."""
    rows = Post.objects.published().filter(**{f"{field}__in": ids})
    for pk, visibility in rows.order_by().values_list(field, "visibility").distinct():
        public = visibility == Content.Visibility.PUBLIC
        yield pk, {MEMBERS, PUBLIC} if public else {MEMBERS}
