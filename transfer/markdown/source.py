"""What is read from a folder of Markdown, before anything is stored."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple


class Loss(NamedTuple):
    """Something of a file that does not arrive as it was.

    `kind` is a short fixed word, `path` the file within the folder, `line` counts from 1 (0: the
    file as a whole). `name` groups losses of a kind (the key, the shortcode); `target` is the
    address that a missing image or dead link asks for.
    """

    kind: str
    path: str
    line: int
    detail: str = ""
    name: str = ""
    target: str = ""


class Skipped(NamedTuple):
    """A file that gives no post or page; `kind` says why in a word, `detail` in a sentence."""

    kind: str
    path: str
    line: int
    detail: str = ""


@dataclass(slots=True)
class SourcePost:
    """One post or page as its file describes it. Times are aware and in UTC."""

    path: str  # within the folder, with /
    is_page: bool
    title: str
    slug: str  # the last part of its old address: not yet one of ours
    body: str  # Markdown as in the file, line feeds only
    body_line: int
    digest: str  # SHA-256 of the file
    language: str = ""  # a BCP 47 tag; "" when the file says nothing
    translation_key: str = ""  # the same for what says the same in other languages
    subtitle: str = ""
    description: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    unpublish_at: datetime | None = None
    draft: bool = False
    featured: bool = False
    authors: list[str] = field(default_factory=list)
    category: str = ""
    tags: list[str] = field(default_factory=list)
    series: str = ""
    part: int | None = None
    weight: int | None = None
    cover: str = ""  # as typed: a path, relative or from the root
    cover_alt: str = ""
    canonical_url: str = ""
    photos: list[str] = field(default_factory=list)  # Hexo's gallery, shown under the text
    addresses: list[str] = field(default_factory=list)  # the first is its main former path
    losses: list[Loss] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """A folder that was read."""

    folder: Path
    dialect: str  # "jekyll", "hugo", "zola", "hexo"
    content: Path  # where the files of the posts begin
    statics: list[Path]  # folders whose files the old site served from its root
    config: dict[str, Any]
    posts: list[SourcePost] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    language_folders: set[str] = field(default_factory=set)  # right under `content`
    default_language: str = "en"
    # Former address of a section to the name of the category made of it.
    sections: dict[str, str] = field(default_factory=dict)

    @property
    def found(self) -> int:
        """The number of Markdown files looked at."""
        return len(self.posts) + len(self.skipped)
