"""Which posts of a source say the same in different languages.

Hugo and Zola keep translations under one name, in folders of languages or with a language at the
end of the name; Hugo also knows a `translationKey` in the front matter.
"""

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError

from blog.models import Content
from blog.translations import link_translation
from transfer.markdown.source import Loss, SourcePost
from transfer.models import ImportedItem


def link_translations(
    posts: Iterable[SourcePost], written: Collection[str], source: str, *, dry_run: bool = False
) -> tuple[int, list[Loss]]:
    """Link what was imported from `source`; how many texts were, and what could not be.

    Only where one of them was written by this run (`written` holds paths): a link that somebody
    has removed here since is not made again.
    """
    groups: dict[tuple[bool, str], dict[str, SourcePost]] = {}
    for post in posts:
        # Two of one name in one language are two posts; the first is the one that is translated.
        groups.setdefault((post.is_page, post.translation_key), {}).setdefault(post.language, post)
    chosen = [
        paths
        for group in groups.values()
        if len(paths := [post.path for post in group.values()]) > 1
        and not written.isdisjoint(paths)
    ]
    if dry_run:
        return sum(map(len, chosen)), []
    stored = _stored(source, [path for paths in chosen for path in paths])
    linked, losses = 0, []
    for paths in chosen:
        contents = [stored[path] for path in paths if path in stored]
        done = 0
        for other in contents[1:]:
            try:
                link_translation(other, contents[0], by=None)
                done += 1
            except ValidationError as error:  # linked differently here, say
                losses.append(Loss("not_linked", paths[0], 0, " ".join(error.messages)))
        linked += done + 1 if done else 0
    return linked, losses


def _stored(source: str, paths: list[str]) -> dict[str, Content]:
    """What the files at `paths` became, by path."""
    found: dict[str, Content] = {}
    for start in range(0, len(paths), 500):
        items = ImportedItem.objects.filter(source=source, path__in=paths[start : start + 500])
        for item in items.select_related("post", "page"):
            if item.content is not None and not item.content.trashed_at:
                found[item.path] = item.content
    return found
