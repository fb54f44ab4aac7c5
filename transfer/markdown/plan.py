"""Which address each post of a source gets, decided before anything is stored.

Links between posts need the new addresses of posts that come later, and a run that goes on where
another stopped must find the same ones: so they depend on the source and the database alone.
"""

from dataclasses import dataclass, field

from blog.models import Content, OldAddress, Page, Post
from blog.models.address import path_key
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
    former = set(OldAddress.objects.values_list("key", flat=True))
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
    return plan


def _order(source: Source, post: SourcePost) -> tuple:
    """Originals before translations, then by date: the original gets the plain slug."""
    translated = bool(post.language) and not post.language.startswith(source.default_language)
    moment = post.published_at.timestamp() if post.published_at else 0.0
    return translated, moment, post.path


def _free(post: SourcePost, model: type[Content], taken: set[str], former: set[str]) -> str:
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
