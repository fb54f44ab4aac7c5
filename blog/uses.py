"""What the library hears of posts and pages: which of its images they use."""

from collections.abc import Collection

from django.urls import reverse

from accounts.models import User
from blog.models import Content, Page, Post
from library import usage
from library.models import Place


def register() -> None:
    """Called when the app is there."""
    for model in (Post, Page):
        usage.register(model._meta.model_name, _describe(model))


def keep_uses(content: Content, stored: Content | None) -> None:
    """Tell the library what `content`, just saved, uses; `stored` is how it was before."""
    kind = content._meta.model_name
    texts = {content.body, stored.body if stored else ""}
    if len(texts) > 1 and any(map(usage.is_mentioned, texts)):
        usage.keep(kind, content.pk, Place.TEXT, text=content.body)
    if (stored and stored.cover_id) != content.cover_id:
        usage.keep(kind, content.pk, Place.COVER, image_ids=filter(None, [content.cover_id]))


def forget_uses(content: Content) -> None:
    """`content` is being deleted."""
    usage.forget(content._meta.model_name, content.pk)


def _describe(model: type[Content]) -> usage.Describe:
    def describe(keys: Collection[int], user: User | None) -> dict[int, tuple[str, str]]:
        # Also what is in the bin: it can come back.
        found = model.objects.filter(pk__in=keys)
        if user is not None:
            found = found & model.objects.editable_by(user)
        address = f"admin:blog_{model._meta.model_name}_change"
        return {
            pk: (title, reverse(address, args=[pk]))
            for pk, title in found.values_list("pk", "title")
        }

    return describe
