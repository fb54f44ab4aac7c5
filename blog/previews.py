"""A text that is not saved yet, as the site will show it: the same view and the same templates."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from blog.content_views import ContentView, PageView, PostView
from blog.models import Content, Page, Post, PostAuthor, Tag
from blog.rendering import render_into
from blog.slugs import fill_slug
from lib.cleaning import clean_texts

VIEWS: dict[type[Content], type[ContentView]] = {Post: PostView, Page: PageView}


def show_unsaved(
    request: HttpRequest,
    content: Content,
    *,
    authors: Sequence[User] = (),
    tags: Iterable[Tag] = (),
) -> HttpResponse:
    """The page that `content` would have if it were saved and public now. Nothing is written.

    `authors` (in order) and `tags` stand for what the database does not hold yet. What has no
    publication time is shown as published now. Raises ValidationError for what cannot be shown.
    """
    now = timezone.now()
    clean_texts(content)
    _drop_what_cannot_be(content)
    content.title = content.title or _("Untitled")
    content.language = content.language.lower().replace("_", "-")
    try:
        render_into(content)
    except ValueError as error:
        raise ValidationError({"body": str(error)}) from error
    if not content.slug:
        fill_slug(content)
    content.updated_at = now
    content.published_at = content.published_at or now
    if content.pk is None:
        content.pk = 0  # Django asks for the links of saved rows only; no row has this key.
    if isinstance(content, Post):
        byline = [
            PostAuthor(post=content, user=user, position=place)
            for place, user in enumerate(authors)
        ]
        content._prefetched_objects_cache = {"post_authors": byline, "tags": list(tags)}
    view = VIEWS[type(content)]()
    view.setup(request, slug=content.slug)
    response = view.shown(content)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response


def _drop_what_cannot_be(content: Content) -> None:
    """Half-typed addresses and the like are told when one saves; a preview goes without them."""
    try:
        content.clean_fields()
    except ValidationError as error:
        for name in error.error_dict:
            field = content._meta.get_field(name)
            setattr(content, field.attname, field.get_default())
