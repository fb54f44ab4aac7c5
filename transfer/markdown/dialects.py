"""How Jekyll, Hugo, Zola and Hexo lay a site out: where things are, and where they were served."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf.locale import LANG_INFO

from lib.text import slugify
from transfer.markdown.values import as_text

MARKDOWN_SUFFIXES = {".md", ".markdown", ".mdown", ".mkd"}
MAX_CONFIG = 256_000  # bytes
SAMPLE = 60  # files looked at to tell Zola from Hugo

_CONFIG_NAMES = {
    "jekyll": ["_config.yml", "_config.yaml", "_config.toml"],
    "hexo": ["_config.yml", "_config.yaml", "_config.json"],
    "zola": ["zola.toml", "config.toml"],
    "hugo": [
        *("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"),
        *("config.toml", "config.yaml", "config.yml", "config.json"),
        *("config/_default/hugo.toml", "config/_default/config.toml"),
        *("config/_default/hugo.yaml", "config/_default/config.yaml"),
    ],
}
_LANGUAGES = {
    "zh": "zh-hans",
    "zh-cn": "zh-hans",
    "zh-sg": "zh-hans",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "no": "nb",
}
_KNOWN_LANGUAGES = {code.lower() for code in LANG_INFO} | set(_LANGUAGES) | {"zh-hans", "zh-hant"}
# Generated, installed or hidden; never content.
_IGNORED_FOLDERS = {"node_modules", "_site", "public", "themes", "vendor", "layouts", "_layouts"}
_ZOLA_SIGNS = re.compile(r"^(?:path|template|in_search_index)\s*=|^\[(?:extra|taxonomies)\]", re.M)
_PERMALINK_PART = re.compile(r":([a-zA-Z_]+)")
_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}


def markdown_files(root: Path) -> Iterator[Path]:
    """The Markdown files under `root` in order of name; hidden and generated folders left out.

    Folders behind symbolic links are not entered.
    """
    for entry in sorted(root.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in _IGNORED_FOLDERS:
                yield from markdown_files(entry)
        elif entry.suffix.lower() in MARKDOWN_SUFFIXES:
            yield entry


def recognise(folder: Path) -> tuple[str, Path]:
    """The dialect of a site in `folder`, and the folder its content begins in.

    A folder that looks like none of the four is read as Hugo's: front matter and folders.
    """
    if (folder / "source" / "_posts").is_dir():
        return "hexo", folder / "source"
    if (folder / "_posts").is_dir() and (folder.parent / "scaffolds").is_dir():
        return "hexo", folder
    jekyll = [folder, *(entry for entry in sorted(folder.iterdir()) if entry.is_dir())]
    for candidate in jekyll:
        if (candidate / "_posts").is_dir() and candidate.name != "content":
            return "jekyll", candidate
    content = folder / "content" if (folder / "content").is_dir() else folder
    for number, path in enumerate(markdown_files(content)):
        if number == SAMPLE:
            break
        head = path.read_bytes()[:4_000].decode("utf-8", "replace").lstrip("\ufeff \n\r")
        if head.startswith("+++") and _ZOLA_SIGNS.search(head):
            return "zola", content
    return "hugo", content


def read_config(folder: Path, dialect: str) -> dict[str, Any]:
    """The settings of the old site with lower-case keys; empty when there are none to read."""
    for name in _CONFIG_NAMES[dialect]:
        path = folder / name
        if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_CONFIG:
            continue
        text = path.read_text("utf-8", "replace")
        try:
            if path.suffix == ".toml":
                data = tomllib.loads(text)
            elif path.suffix == ".json":
                data = json.loads(text)
            else:
                data = yaml.safe_load(text)
        except (ValueError, yaml.YAMLError, RecursionError):
            return {}
        if isinstance(data, dict):
            return {str(key).lower(): value for key, value in data.items()}
    return {}


def language_tag(code: str) -> str:
    """A BCP 47 tag for what old sites call a language ("zh_CN" is "zh-hans"); "" if it is none."""
    code = code.strip().lower().replace("_", "-")
    if code in _LANGUAGES:
        return _LANGUAGES[code]
    if code in _KNOWN_LANGUAGES or re.fullmatch(r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2}|-\d{3})?", code):
        return code
    return ""


def language_suffix(stem: str) -> tuple[str, str]:
    """("post", "fr") for "post.fr": the language a translation names at the end of its name."""
    name, dot, code = stem.rpartition(".")
    if dot and name and code.lower() in _KNOWN_LANGUAGES:
        return name, code
    return stem, ""


def language_folders(content: Path) -> set[str]:
    """The folders right under `content` that are languages: `en` or two that look like some.

    A single folder named `it` or `no` may as well be a section.
    """
    if not content.is_dir():
        return set()
    names = {
        entry.name
        for entry in content.iterdir()
        if entry.is_dir() and entry.name.lower().replace("_", "-") in _KNOWN_LANGUAGES
    }
    return names if "en" in names or len(names) > 1 else set()


def hugo_urlize(text: str) -> str:
    """The last part of an address as Hugo makes it of a title: dots stay, case goes."""
    text = re.sub(r"[^\w\s.~/-]", "", text.strip().lower())
    return re.sub(r"\s+", "-", text).strip("-")


def permalinks(
    dialect: str, config: dict[str, Any], section: str, *, from_jekyll: bool
) -> list[str]:
    """The patterns under which posts of `section` were served, the likeliest first.

    From the site's configuration; without one, the generator's defaults. A Hugo site that still
    has `_posts` came `from_jekyll`, and such sites keep their dated addresses.
    """
    configured = config.get("permalinks" if dialect == "hugo" else "permalink")
    if dialect == "hugo":
        if isinstance(configured, dict):
            pages = configured.get("page")
            for table in (pages if isinstance(pages, dict) else {}, configured):
                if as_text(table.get(section)):
                    return [as_text(table[section])]
            return []
        dated = "/:section/:year/:month/:day/"
        return [f"{dated}:slug/", f"{dated}:title/"] if from_jekyll else []
    if dialect == "jekyll":
        style = as_text(configured)
        if style:
            return [_JEKYLL_STYLES.get(style, style)]
        return [_JEKYLL_STYLES["date"], _JEKYLL_STYLES["pretty"]]
    if dialect == "hexo":
        return [as_text(configured) or "/:year/:month/:day/:title/"]
    return []


def fill_permalink(
    pattern: str,
    *,
    moment: datetime | None,
    slug: str,
    title: str,
    section: str,
    categories: Iterable[str],
) -> str:
    """The address that `pattern` gives; "" when it wants a date and there is none.

    `moment` is in the time zone the old site lived in.
    """
    path_of_categories = "/".join(filter(None, (slugify(name) for name in categories)))
    words = {
        "title": slug,
        "slug": slug,
        "name": slug,
        "post_title": slug,
        "filename": slug,
        "slugorfilename": slug,
        "contentbasename": slug,
        "slugorcontentbasename": slug,
        "categories": path_of_categories,
        "category": path_of_categories,
        "path": slug,
        "section": section,
        "sections": section,
        "output_ext": ".html",
    }
    if title:
        words["title"] = title
    if moment:
        words |= {
            "year": f"{moment:%Y}",
            "month": f"{moment:%m}",
            "day": f"{moment:%d}",
            "i_month": str(moment.month),
            "i_day": str(moment.day),
            "hour": f"{moment:%H}",
            "short_year": f"{moment:%y}",
            "y_day": f"{moment:%j}",
            "minute": f"{moment:%M}",
            "week": f"{moment:%V}",
            "short_day": f"{moment:%a}",
            "second": f"{moment:%S}",
            "monthname": f"{moment:%B}".lower(),
            "yearday": f"{moment:%j}",
        }
    if any(name not in words for name in _PERMALINK_PART.findall(pattern)):
        return ""
    path = _PERMALINK_PART.sub(lambda part: words[part[1]], pattern)
    return "/" + re.sub(r"/{2,}", "/", path).lstrip("/")
