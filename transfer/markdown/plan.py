"""Which address each post of a source gets, decided before anything is stored.

Links between posts need the new addresses of posts that come later, and a run that goes on where
another stopped must find the same ones: so they depend on the source and the database alone.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType

from blog.models import Content, OldAddress, Page, Post
from blog.models.address import MAX_PATH_LENGTH, path_key
from blog.slugs import RESERVED_PAGE_SLUGS
from lib.text import slugify
from transfer.markdown.source import Source, SourcePost
from transfer.models import ImportedItem


@dataclass(slots=True)
class Plan:
    """The posts in the order they are stored in, oldest first, each with its slug."""

    posts: list[SourcePost]
    items: dict[str, ImportedItem]
    slugs: dict[str, str] = field(default_factory=dict)  # by path
    # By path: the former addresses that become the post's, and those that lead elsewhere already.
    addresses: dict[str, list[str]] = field(default_factory=dict)
    taken: dict[str, list[str]] = field(default_factory=dict)

    def model(self, post: SourcePost) -> type[Content]:
        return Page if post.is_page else Post

    def url(self, post: SourcePost) -> str:
        """The address of `post` on this site."""
        return self.model(post)(slug=self.slugs[post.path]).get_absolute_url()


def make_plan(source: Source, name: str) -> Plan:
    """Slugs for all posts of `source`: those stored keep theirs, new ones get a free one."""
    items = {
        item.path: item
        for item in ImportedItem.objects.filter(source=name).select_related("post", "page")
    }
    posts = sorted(source.posts, key=lambda post: _order(source, post))
    plan = Plan(posts, items)
    taken = {model: set(model.objects.values_list("slug", flat=True)) for model in (Post, Page)}
    former = {
        key: (content_type, pk)
        for key, content_type, pk in OldAddress.objects.values_list(
            "key", "content_type_id", "object_id"
        )
    }
    for post in posts:
        item = items.get(post.path)
        if item and item.content:
            plan.slugs[post.path] = item.content.slug
    for post in posts:
        if post.path in plan.slugs:
            continue
        model = plan.model(post)
        slug = _free(post, model, taken[model], former)
        taken[model].add(slug)
        plan.slugs[post.path] = slug
    _share_addresses(plan, former)
    return plan


def _share_addresses(plan: Plan, former: dict[str, tuple[int, int]]) -> None:
    """Each former address goes to one post: to whom it leads already, else to the first."""
    claimed: set[str] = set()
    for post in plan.posts:
        item = plan.items.get(post.path)
        content = item.content if item else None
        own = (ContentType.objects.get_for_model(content).pk, content.pk) if content else None
        addresses = plan.addresses[post.path] = []
        taken = plan.taken[post.path] = []
        wanted = {path_key(address): address for address in post.addresses}
        wanted.pop(path_key(plan.url(post)), None)
        for key, address in wanted.items():
            free = former[key] == own if key in former else key not in claimed
            free = free and len(key) <= MAX_PATH_LENGTH
            (addresses if free else taken).append(address)
            claimed.add(key)


def _order(source: Source, post: SourcePost) -> tuple:
    """Originals before translations, then by date: the original gets the plain slug."""
    translated = bool(post.language) and not post.language.startswith(source.default_language)
    moment = post.published_at.timestamp() if post.published_at else 0.0
    return translated, moment, post.path


def _free(post: SourcePost, model: type[Content], taken: set[str], former: Collection[str]) -> str:
    kind = str(model._meta.model_name)
    stem = slugify(post.slug) or slugify(post.title) or kind

    def is_free(slug: str) -> bool:
        if slug in taken or (model is Page and slug in RESERVED_PAGE_SLUGS):
            return False
        return path_key(model(slug=slug).get_absolute_url()) not in former

    candidate = stem
    if post.language and not is_free(candidate):
        candidate = stem = f"{stem}-{_short(post.language)}"
    number = 2
    while not is_free(candidate):
        candidate, number = f"{stem}-{number}", number + 1
    return candidate


def _short(language: str) -> str:
    """zh-hans is written zh in an address, as most sites do; other tags stay whole."""
    return "zh" if language == "zh-hans" else language
