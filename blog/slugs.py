"""Addresses that are readable, unique, and never someone else's former one."""

import secrets

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.models import Content, OldAddress, Page
from blog.models.validators import slug_shape
from lib.text import slugify

STEM_MAX_LENGTH = 60  # characters, so that a suffix and a number still fit
MAX_NUMBER = 50
# First parts of addresses that the site itself answers at the root, where pages live too.
# fmt: off
RESERVED_PAGE_SLUGS = frozenset(
    {
        "account", "accounts", "admin", "api", "archive", "atom", "authors", "categories", "en",
        "feed", "feeds", "healthz", "login", "logout", "media", "metrics", "newsletter", "page",
        "pages", "posts", "preview", "readyz", "rss", "search", "series", "sitemap", "sitemaps",
        "static", "tags", "users", "zh-hans",
    }
)
# fmt: on


def fill_slug(thing: models.Model, *, suffix: str = "") -> None:
    """Give `thing` (a post, page or term) a slug when it has none, from its title or name.

    A taken slug gets `suffix` (a language, say), then a number. A thing whose title has no
    letter at all gets the name of its kind.
    """
    if thing.slug:
        return
    title = thing.title if isinstance(thing, Content) else thing.name
    stem = slugify(title) or str(thing._meta.model_name)
    candidate = stem
    if suffix and not _is_free(thing, candidate):
        candidate = stem = f"{stem[:STEM_MAX_LENGTH]}-{suffix}"
    number = 2
    while not _is_free(thing, candidate):
        # A thousand posts of one name must not cost a thousand queries each.
        ending = str(number) if number <= MAX_NUMBER else secrets.token_hex(4)
        candidate, number = f"{stem}-{ending}", number + 1
    thing.slug = candidate


def check_slug(thing: models.Model) -> None:
    """Raise ValidationError when the slug of `thing` cannot be its address."""
    try:
        slug_shape(thing.slug)
    except ValidationError as error:
        raise ValidationError({"slug": error.messages}) from error
    if isinstance(thing, Page) and thing.slug.casefold() in RESERVED_PAGE_SLUGS:
        raise ValidationError({"slug": _("This address belongs to the site itself.")})
    if _others(thing).filter(slug=thing.slug).exists():
        raise ValidationError({"slug": _("Something else has this address already.")})
    try:
        check_address(thing)
    except ValidationError as error:
        raise ValidationError({"slug": error.messages}) from error


def check_address(thing: models.Model) -> None:
    """Raise ValidationError when the address of `thing` is the former one of something else."""
    if _leads_elsewhere(thing, thing.get_absolute_url()):
        raise ValidationError(_("This address still leads to something that moved."))


def _is_free(thing: models.Model, slug: str) -> bool:
    if isinstance(thing, Page) and slug in RESERVED_PAGE_SLUGS:
        return False
    path = type(thing)(slug=slug).get_absolute_url()
    return not _others(thing).filter(slug=slug).exists() and not _leads_elsewhere(thing, path)


def _others(thing: models.Model) -> models.QuerySet:
    return type(thing)._base_manager.exclude(pk=thing.pk)


def _leads_elsewhere(thing: models.Model, path: str) -> bool:
    former = OldAddress.objects.at(path)
    if thing.pk:
        own = ContentType.objects.get_for_model(thing)
        former = former.exclude(content_type=own, object_id=thing.pk)
    return former.exists()
