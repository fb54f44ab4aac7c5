"""From a folder of Markdown to plain descriptions of its posts and pages. Stores nothing."""

import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from transfer.markdown import addresses, dialects, frontmatter, values
from transfer.markdown.frontmatter import FrontMatter, FrontMatterError
from transfer.markdown.source import Loss, Skipped, Source, SourcePost

MAX_FILE = 1_000_000  # bytes, the cap on a body
MAX_TITLE = 200  # characters
_NOT_POSTS = {"readme", "license", "licence", "contributing", "changelog", "code_of_conduct"}
_BLOG_SECTIONS = {"posts", "post", "blog", "news", "articles", "_drafts"}

_DATED_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[-_ ]+(.+)")
_DATE_IN_PATH = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)

# What we read, in the order of preference. Chinese names occur in translated sites.
_SYNONYMS = {
    "title": ["title", "题目", "标题", "標題"],
    "date": ["publishdate", "date", "published_at", "日期"],
    "updated": [
        "lastmod",
        "updated",
        "last_modified_at",
        "modified",
        "updated_at",
        "modified_time",
    ],
    "end": ["expirydate", "unpublish_at"],
    "authors": ["authors", "author", "作者"],
    "tags": ["tags", "tag", "标签", "標籤"],
    "categories": ["categories", "category", "分类", "分類"],
    "description": ["description", "summary", "excerpt", "abstract"],
    "subtitle": ["subtitle"],
    "language": ["language", "lang", "locale"],
    "cover": ["cover", "image", "featured_image", "thumbnail", "cover_image"],
    "cover_alt": ["cover_alt", "image_alt"],
    "series": ["series"],
    "part": ["part", "series_part", "series_order", "series_weight"],
    "weight": ["weight", "menu_position"],
    "canonical": ["canonical_url", "canonicalurl", "canonical"],
    "photos": ["photos"],
    "featured": ["featured", "sticky"],
    "draft": ["draft"],
    "published": ["published"],
    "type": ["type", "layout"],
    "slug": ["slug"],
}
# How the old site presented it: of no use here, and not worth a line in the report.
_PRESENTATION = {
    *("template", "page_template", "menu", "linktitle", "sort_by", "generate_feeds", "markup"),
    *(
        "translationkey",
        "toc",
        "comments",
        "math",
        "mathjax",
        "katex",
        "outputs",
        "cascade",
        "render",
        "top",
    ),
}
_ADDRESS_KEYS = {"aliases", "redirect_from", "url", "path", "permalink", "alias"}
_KNOWN = {name for names in _SYNONYMS.values() for name in names} | _PRESENTATION | _ADDRESS_KEYS
_TABLES = ("extra", "params", "taxonomies")  # tables whose keys count like those at the top


def read_folder(folder: Path, zone: ZoneInfo) -> Source:
    """All posts and pages under `folder`; times without an offset are in `zone`.

    A file that cannot be read is in `skipped` with its line. Raises OSError when the folder
    itself cannot be read.
    """
    folder = folder.resolve(strict=True)
    dialect, content = dialects.recognise(folder)
    config = dialects.read_config(folder, dialect)
    source = Source(
        folder=folder,
        dialect=dialect,
        content=content,
        statics=_static_folders(folder, content),
        config=config,
    )
    if dialect in {"hugo", "zola"}:
        source.language_folders = dialects.language_folders(content)
    source.default_language = _default_language(config, source.language_folders)
    titles: dict[str, str] = {}
    for path in dialects.markdown_files(content):
        relative = path.relative_to(folder).as_posix()
        result = _read_file(source, path, relative, zone, titles)
        if isinstance(result, Skipped):
            source.skipped.append(result)
        else:
            source.posts.append(result)
    _name_sections(source, titles)
    return source


def _static_folders(folder: Path, content: Path) -> list[Path]:
    found = [folder / "static", content, folder, folder / "assets", folder / "public"]
    return [path for path in dict.fromkeys(found) if path.is_dir()]


def _default_language(config: dict[str, Any], folders: set[str]) -> str:
    named = values.as_text(config.get("defaultcontentlanguage") or config.get("default_language"))
    if not named and folders:
        named = "en" if "en" in folders else sorted(folders)[0]
    return named or "en"


def _read_file(
    source: Source,
    path: Path,
    relative: str,
    zone: ZoneInfo,
    titles: dict[str, str],
) -> SourcePost | Skipped:
    """One file. Section titles go into `titles`, by the path of the section."""
    try:
        if not path.resolve(strict=True).is_relative_to(source.folder):
            return Skipped("outside", relative, 0, "A symbolic link that leads out of the folder.")
        size = path.stat().st_size
        if size > MAX_FILE:
            detail = f"{size:,} bytes; at most {MAX_FILE:,} are read."
            return Skipped("too_large", relative, 0, detail)
        raw = path.read_bytes()
    except OSError as error:
        return Skipped("unreadable", relative, 0, error.strerror or "It cannot be opened.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Skipped("not_utf8", relative, line, f"Byte 0x{raw[error.start]:02x} is no UTF-8.")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Skipped("not_text", relative, line, "It holds a NUL character.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        front = frontmatter.split(text)
    except FrontMatterError as error:
        return Skipped("bad_front_matter", relative, error.line, str(error))
    place = addresses.place_of(source, path)
    if place.is_section:
        titles[place.section] = values.as_text(front.data.get("title"))
        return Skipped("section", relative, 0, values.as_text(front.data.get("title")))
    unwanted = _not_content(source, path, front, place.in_posts)
    if unwanted:
        return Skipped("not_content", relative, 0, unwanted)
    try:
        return _describe(source, relative, front, place, raw, zone)
    except _BadDate as error:
        return Skipped("bad_date", relative, error.line, str(error))
    except ValueError as error:
        return Skipped("empty", relative, 0, str(error))


def _not_content(source: Source, path: Path, front: FrontMatter, in_posts: bool) -> str:
    if front.form:
        return ""
    if path.stem.lower() in _NOT_POSTS:
        return "A note about the project, not of the site."
    if source.dialect in {"jekyll", "hexo"} and not in_posts:
        return f"No front matter: {source.dialect.title()} copies it as it is."
    return ""


class _BadDate(ValueError):
    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class _Keys:
    """The front matter, looked up by our names; tables such as `extra` count like the top."""

    def __init__(self, front: FrontMatter) -> None:
        self.front = front
        self.data = dict(front.data)
        self.unknown = sorted(set(front.data) - _KNOWN - set(_TABLES))
        for table in _TABLES:
            inner = front.data.get(table)
            if isinstance(inner, dict):
                for name, value in inner.items():
                    name = str(name).lower()
                    self.data.setdefault(name, value)
                    if name not in _KNOWN:
                        self.unknown.append(f"{table}.{name}")

    def get(self, name: str) -> Any:
        for key in _SYNONYMS[name]:
            if self.data.get(key) not in (None, ""):
                return self.data[key]
        return None

    def line(self, name: str) -> int:
        for key in _SYNONYMS.get(name, [name.rpartition(".")[2]]):
            if key in self.data:
                return self.front.line_of(key)
        return self.front.line_of(name.rpartition(".")[2])


def _describe(
    source: Source,
    relative: str,
    front: FrontMatter,
    place: addresses.Place,
    raw: bytes,
    zone: ZoneInfo,
) -> SourcePost:
    """The post or page of one file. Raises _BadDate, or ValueError when it holds nothing."""
    keys = _Keys(front)
    losses = [
        Loss("unknown_key", relative, keys.line(name), name, name) for name in keys.unknown[:100]
    ]
    named_date, name = _date_and_name(place.name)
    moment = _moment(keys, place, named_date, relative, losses, zone)
    title = values.as_text(keys.get("title"))
    if not title and not front.body.strip():
        raise ValueError("It has neither a title nor a text.")
    if not title:
        heading = _HEADING.search(front.body)
        title = heading[1].strip() if heading else name.replace("-", " ").replace("_", " ").strip()
        losses.append(Loss("no_title", relative, 0, f"Called “{title[:60]}”."))
    if len(title) > MAX_TITLE:
        losses.append(Loss("title_cut", relative, keys.line("title"), title))
        title = title[: MAX_TITLE - 1].rstrip() + "…"
    is_page = _is_page(source, keys, place, moment)
    draft = bool(values.as_bool(keys.get("draft"))) or place.in_drafts
    draft = draft or values.as_bool(keys.get("published")) is False
    if moment is None and not is_page:
        draft = True
        losses.append(Loss("no_date", relative, 0, "Kept as a draft."))
    category, tags = _grouping(source, keys)
    cover = keys.get("cover")
    if isinstance(cover, dict):
        cover = cover.get("image") or cover.get("src")
    post = SourcePost(
        path=relative,
        is_page=is_page,
        title=title,
        slug=values.as_text(keys.get("slug")) or addresses.last_part(keys.data) or name,
        body=front.body,
        body_line=front.body_line,
        digest=hashlib.sha256(raw).hexdigest(),
        language=_language(keys, place),
        translation_key=values.as_text(keys.data.get("translationkey"))
        or "/".join((*place.folders, place.name)),
        subtitle=values.as_text(keys.get("subtitle"))[:300],
        description=values.as_text(keys.get("description"))[:1_000],
        published_at=moment,
        updated_at=_optional_moment(keys, "updated", relative, losses, zone),
        unpublish_at=_optional_moment(keys, "end", relative, losses, zone),
        draft=draft,
        featured=bool(values.as_bool(keys.get("featured"))),
        authors=values.as_people(keys.get("authors")),
        category=category,
        tags=tags,
        series=next(iter(values.as_list(keys.get("series"))), "")[:100],
        part=values.as_int(keys.get("part")),
        weight=values.as_int(keys.get("weight")),
        cover=values.as_text(cover),
        cover_alt=values.as_text(keys.get("cover_alt")),
        canonical_url=_web_address(keys.get("canonical")),
        photos=values.as_list(keys.get("photos")),
        losses=losses,
    )
    moments = [moment.astimezone(zone)] if moment else []
    if moment and named_date and named_date != f"{moments[0]:%Y-%m-%d}":
        moments.append(datetime.fromisoformat(named_date).replace(tzinfo=zone))
    post.addresses = addresses.former(source, keys.data, place, post, name, moments)
    return post


def _date_and_name(name: str) -> tuple[str, str]:
    """("2015-03-01", "Videos") for "2015-03-00-Videos": some sites number a month's posts 00."""
    match = _DATED_NAME.fullmatch(name)
    if not match:
        return "", name
    try:
        day = date(int(match[1]), max(int(match[2]), 1), max(int(match[3]), 1))
    except ValueError:
        return "", name
    return day.isoformat(), match[4]


def _moment(
    keys: _Keys,
    place: addresses.Place,
    named_date: str,
    path: str,
    losses: list[Loss],
    zone: ZoneInfo,
) -> datetime | None:
    """When it was published: from a key, from an address it gives, from the file's name.

    A date that cannot be read is reported; the file is skipped unless its name has one too.
    """
    if not named_date:
        for part in reversed(place.folders):
            named_date = named_date or _date_and_name(part)[0]
    typed = keys.get("date")
    if typed is not None:
        try:
            return values.as_moment(typed, zone)
        except ValueError as error:
            if not named_date:
                raise _BadDate(str(error), keys.line("date")) from error
            losses.append(Loss("bad_date", path, keys.line("date"), str(error)))
    candidates = [named_date]
    for key in ("path", "url", "permalink"):
        match = _DATE_IN_PATH.search(values.as_text(keys.data.get(key)))
        if match:
            candidates.insert(0, "-".join(match.groups()))
    for candidate in filter(None, candidates):
        try:
            return values.as_moment(candidate, zone)
        except ValueError:
            continue
    return None


def _optional_moment(
    keys: _Keys, name: str, path: str, losses: list[Loss], zone: ZoneInfo
) -> datetime | None:
    typed = keys.get(name)
    if typed is None or isinstance(typed, bool):
        return None
    try:
        return values.as_moment(typed, zone)
    except ValueError as error:
        losses.append(Loss("bad_date", path, keys.line(name), str(error)))
        return None


def _is_page(source: Source, keys: _Keys, place: addresses.Place, moment: datetime | None) -> bool:
    if values.as_text(keys.get("type")).lower() == "page":
        return True
    if source.dialect in {"jekyll", "hexo"}:
        return not place.in_posts
    return moment is None and place.section.partition("/")[0] not in _BLOG_SECTIONS


def _grouping(source: Source, keys: _Keys) -> tuple[str, list[str]]:
    """The category (the first one named) and the tags, which take in further categories."""
    words = source.dialect == "jekyll"
    categories = values.as_list(keys.get("categories"), words=words)
    tags = values.as_list(keys.get("tags"), words=words)
    category = categories[0][:100] if categories else ""
    merged: dict[str, str] = {}
    for tag in [*tags, *categories[1:]]:
        merged.setdefault(tag[:100].casefold(), tag[:100])
    return category, list(merged.values())


def _language(keys: _Keys, place: addresses.Place) -> str:
    typed = values.as_text(keys.get("language"))
    return dialects.language_tag(typed) or dialects.language_tag(place.language)


def _web_address(value: Any) -> str:
    text = values.as_text(value)
    try:
        URLValidator(["http", "https"])(text)
    except ValidationError:
        return ""
    return text if len(text) <= 200 else ""


def _name_sections(source: Source, titles: dict[str, str]) -> None:
    """Sections become categories where a site has several: the shelf must not get lost.

    Only posts without a category of their own are concerned, and only sections with a title.
    """
    home = {post.path: addresses.section_of(source, post.path) for post in source.posts}
    used = {section for post in source.posts if not post.is_page for section in [home[post.path]]}
    if len({section for section, _language in used}) < 2:
        return
    for post in source.posts:
        section, language = home[post.path]
        title = titles.get(f"{language}/{section}".strip("/")) if section else ""
        if title and not post.category and not post.is_page:
            post.category = title[:100]
            prefix = f"/{language}" if language and language != source.default_language else ""
            source.sections.setdefault(f"{prefix}/{section}/", post.category)
