"""Where a file stands in its site, and under which addresses the old site served it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from lib.text import slugify
from transfer.markdown import dialects, values
from transfer.markdown.source import Source, SourcePost


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a file.

    `folders` are those between the content folder and the file, without language folders and
    without the bundle's own; `name` is what the file calls the post: its name, or its bundle's.
    """

    name: str
    folders: tuple[str, ...]
    language: str  # as the old site wrote it: "pt-br", "zh"; "" when it says nothing
    is_bundle: bool
    is_section: bool
    in_posts: bool
    in_drafts: bool

    @property
    def section(self) -> str:
        """The folders as part of an address, `_posts` and the like left out."""
        return "/".join(part for part in self.folders if not part.startswith("_"))


def place_of(source: Source, path: Path) -> Place:
    """Where `path` stands under the content folder of `source`."""
    folders = path.relative_to(source.content).parts[:-1]
    language = ""
    if folders and folders[0] in source.language_folders:
        language, folders = folders[0], folders[1:]
    stem, suffix = dialects.language_suffix(path.stem)
    language = suffix or language
    in_drafts = "_drafts" in folders
    in_posts = in_drafts or "_posts" in folders
    is_section = stem == "_index"
    is_bundle = stem == "index" and bool(folders) and source.dialect in {"hugo", "zola"}
    if stem == "index" and source.dialect == "hexo" and folders and not in_posts:
        is_bundle = True  # source/about/index.md is the page "about"
    name = stem
    if is_bundle:
        name, folders = folders[-1], folders[:-1]
    if source.dialect == "zola":
        # Zola blogs keep posts apart that share a name by name@0.md, name@1.md.
        name = name.partition("@")[0] or name
    return Place(name, folders, language, is_bundle, is_section, in_posts, in_drafts)


def section_of(source: Source, path: str) -> tuple[str, str]:
    """The first folder of a post within the content, and the language folder before it."""
    full = source.folder / path
    folders = full.relative_to(source.content).parts[:-1]
    language = ""
    if folders and folders[0] in source.language_folders:
        language, folders = folders[0], folders[1:]
    if full.stem.partition(".")[0] == "index":
        folders = folders[:-1]
    return next((part for part in folders if not part.startswith("_")), ""), language


def last_part(keys: dict[str, Any]) -> str:
    """The last part of an address given outright: `path`, `url` or `permalink` without patterns."""
    for key in ("path", "url", "permalink"):
        text = values.as_text(keys.get(key))
        if text and ":" not in urlsplit(text).path:
            part = PurePosixPath(urlsplit(text).path).name
            return part.removesuffix(".html").removesuffix(".htm")
    return ""


def former(
    source: Source,
    keys: dict[str, Any],
    place: Place,
    post: SourcePost,
    name: str,
    moments: list[datetime],
) -> list[str]:
    """All addresses the old site had for `post`, root-relative, the main one first.

    `name` is the file's name without its date; `moments` are the publication in the old site's
    zone and, where that is another day, the date in the file's name.
    """
    found = _main(source, keys, place, post, name, moments)
    for key in ("aliases", "alias", "redirect_from"):
        found += [_alias(source, place, text) for text in values.as_list(keys.get(key))]
    if source.dialect == "jekyll":
        # Jekyll's servers answer with and without the ending.
        found += [path.removesuffix(".html") for path in found if path.endswith(".html")]
        found += [f"{path.rstrip('/')}.html" for path in found if path.endswith("/")]
    tidy = ["/" + path.strip().lstrip("/") for path in found if path.strip(" /")]
    return list(dict.fromkeys(tidy))[: values.MAX_LIST]


def _main(
    source: Source,
    keys: dict[str, Any],
    place: Place,
    post: SourcePost,
    name: str,
    moments: list[datetime],
) -> list[str]:
    prefix = _language_prefix(source, place)
    given = [values.as_text(keys.get(key)) for key in ("path", "url", "permalink")]
    patterns = dialects.permalinks(
        source.dialect, source.config, place.section, from_jekyll=place.in_posts
    )
    typed = values.as_text(keys.get("slug"))
    categories = values.as_list(keys.get("categories") or keys.get("category"), words=True)
    found: list[str] = []
    for address in filter(None, given):
        if ":" in urlsplit(address).path:
            patterns = [address]
        else:
            path = urlsplit(address).path
            found.append(prefix + "/" + path.lstrip("/"))
    if found and source.dialect in {"zola", "hugo"}:
        return found
    folder = f"{prefix}/{place.section}" if place.section else prefix
    if source.dialect == "zola":
        return [f"{folder}/{typed or slugify(name)}/"]
    if post.is_page or source.dialect == "hugo":
        hugo = source.dialect == "hugo"
        plain = typed or (dialects.hugo_urlize(place.name) if hugo else name)
        found.append(f"{folder}/{plain}/")
        if source.dialect == "jekyll":
            found.append(f"{folder}/{plain}.html")
    if post.is_page:
        return found
    dated = [
        dialects.fill_permalink(
            pattern,
            moment=moment,
            slug=typed or (dialects.hugo_urlize(name) if source.dialect == "hugo" else name),
            title=_title_part(source, post, typed),
            section=place.section.partition("/")[0],
            categories=categories,
        )
        for moment in moments or [None]
        for pattern in patterns
    ]
    return [prefix + path for path in dated if path] + found


def _title_part(source: Source, post: SourcePost, typed: str) -> str:
    """What `:title` means where it is not the name of the file."""
    return typed or (dialects.hugo_urlize(post.title) if source.dialect == "hugo" else "")


def _language_prefix(source: Source, place: Place) -> str:
    if not place.language or place.language == source.default_language:
        return ""
    return f"/{place.language.lower()}"


def _alias(source: Source, place: Place, text: str) -> str:
    """An alias from the root; Hugo also takes one that is relative to the section."""
    path = urlsplit(text).path
    if path.startswith("/") or source.dialect != "hugo":
        return path
    return f"{_language_prefix(source, place)}/{place.section}/{path}"
