"""What the links and images of imported posts lead to: another post, a file, nowhere."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from blog.models.address import path_key
from transfer.markdown import links
from transfer.markdown.dialects import MARKDOWN_SUFFIXES
from transfer.markdown.source import Source, SourcePost

MAX_IMAGE = 25_000_000  # bytes of one file read from the folder

_DATED_TAIL = re.compile(r"(\d{4}/\d{1,2}/\d{1,2}/[^/]+?)(?:\.html?)?$")


class Target(NamedTuple):
    """Where an address leads. At most one of `post`, `file` and `fallback` is given.

    `rest` is the query and fragment to keep; `is_external` is true for another host and for
    addresses that are no paths. `fallback` is the path to write for a reference to a file that
    the import does not have.
    """

    post: SourcePost | None = None
    file: Path | None = None
    rest: str = ""
    is_external: bool = False
    fallback: str = ""


class Resolver:
    """Knows every file, former address and picture of a source."""

    def __init__(self, source: Source, site: str = "") -> None:
        """`site` is the old site's address: links that begin with it are its own."""
        self._source = source
        self._host = urlsplit(site).netloc.lower()
        self._by_file: dict[str, SourcePost] = {}
        self._by_name: dict[str, SourcePost | None] = {}
        self._by_address: dict[str, SourcePost] = {}
        self._by_tail: dict[str, SourcePost | None] = {}
        self._stems: dict[Path, dict[str, Path]] = {}
        for post in source.posts:
            self._by_file[post.path] = post
            for name in _names(source, post):
                _once(self._by_name, name, post)
            for address in post.addresses:
                key = path_key(address)
                self._by_address.setdefault(key, post)
                tail = _DATED_TAIL.search(key)
                if tail:
                    _once(self._by_tail, tail[1], post)

    def target(self, use: links.Use, post: SourcePost) -> Target:
        """What `use` in the text of `post` leads to; an empty Target when that is not here."""
        try:
            parts = urlsplit(use.address.strip())
        except ValueError:
            return Target(is_external=True)
        own_host = bool(self._host) and parts.netloc.lower() == self._host
        if (parts.scheme or parts.netloc) and not own_host:
            return Target(is_external=True)
        path = unquote(parts.path)
        rest = (f"?{parts.query}" if parts.query else "") + (
            f"#{parts.fragment}" if parts.fragment else ""
        )
        if not path or "\0" in path or len(path) > 2_000:
            return Target(is_external=not path)
        if path.startswith("@/"):
            return self._reference(path[2:], rest, post)
        if path.startswith("/") or own_host:
            return self._from_root("/" + path.lstrip("/"), rest)
        return self._relative(path, rest, use, post)

    def _reference(self, path: str, rest: str, post: SourcePost) -> Target:
        """A file named by its place in the content, as `@/`, `ref`, `post_url` and `link` do."""
        content = self._source.content.relative_to(self._source.folder).as_posix()
        folder = Path(post.path).parent.as_posix()
        for place in (content, folder, "."):
            found = self._file_of_post(f"{place}/{path}")
            if found:
                return Target(post=found, rest=rest)
        found = self._by_name.get(_name_key(path))
        if found:
            return Target(post=found, rest=rest)
        plain = "/".join(part.lstrip("_") for part in path.split("/"))
        suffix = Path(plain).suffix.lower()
        if suffix in MARKDOWN_SUFFIXES:
            plain = plain[: -len(suffix)] + "/"
        return Target(fallback="/" + quote(plain), rest=rest)

    def _from_root(self, path: str, rest: str) -> Target:
        found = self._at_address(path)
        if found:
            return Target(post=found, rest=rest)
        for folder in self._source.statics:
            file = self._picture(folder, path.lstrip("/"))
            if file:
                return Target(file=file)
        return self._in_bundle_at(path)

    def _relative(self, path: str, rest: str, use: links.Use, post: SourcePost) -> Target:
        folder = (self._source.folder / post.path).parent
        found = self._file_of_post(f"{Path(post.path).parent.as_posix()}/{path}")
        if found:
            return Target(post=found, rest=rest)
        # Hexo keeps the files of a post in a folder of its name.
        for place in (folder, folder / Path(post.path).stem):
            file = self._picture(place, path)
            if file:
                return Target(file=file)
        if use.is_image and "." not in path.rpartition("/")[2]:
            file = self._by_stem(folder).get(path.lower())
            if file:
                return Target(file=file)
        for address in post.addresses[:1]:
            joined = unquote(urlsplit(urljoin(address.rstrip("/") + "/", quote(path))).path)
            target = self._from_root(joined, rest)
            if target != Target():
                return target
        return Target()

    def _at_address(self, path: str) -> SourcePost | None:
        key = path_key(path)
        found = self._by_address.get(key)
        if found is None:
            # The folders above the date depend on settings that did not come with the files.
            tail = _DATED_TAIL.search(key)
            found = self._by_tail.get(tail[1]) if tail else None
        return found

    def _in_bundle_at(self, path: str) -> Target:
        """A file of a bundle, named by the former address of its post."""
        above, _, name = path.rpartition("/")
        owner = self._at_address(above) if above and name else None
        if owner:
            file = self._picture((self._source.folder / owner.path).parent, name)
            if file:
                return Target(file=file)
        return Target()

    def _file_of_post(self, path: str) -> SourcePost | None:
        parts: list[str] = []
        for part in path.split("/"):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        plain = "/".join(parts)
        for candidate in (plain, f"{plain}.md", f"{plain}/index.md"):
            if candidate in self._by_file:
                return self._by_file[candidate]
        return None

    def _picture(self, folder: Path, path: str) -> Path | None:
        """The image file at `path` under `folder`, if it is one and within the source."""
        if not links.looks_like_image(path):
            return None
        try:
            file = (folder / path).resolve()
            if file.is_relative_to(self._source.folder) and file.is_file():
                return file if file.stat().st_size <= MAX_IMAGE else None
        except OSError:
            return None
        return None

    def _by_stem(self, folder: Path) -> dict[str, Path]:
        if folder not in self._stems:
            files = sorted(folder.iterdir())
            self._stems[folder] = {
                file.stem.lower(): file
                for file in files
                if links.looks_like_image(file.name) and self._picture(folder, file.name)
            }
        return self._stems[folder]


def _names(source: Source, post: SourcePost) -> list[str]:
    path = Path(post.path)
    name = path.parent.name if path.stem.partition(".")[0] == "index" else path.stem
    return list(dict.fromkeys([_name_key(name), _name_key(post.slug)]))


def _name_key(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2].casefold()
    for suffix in MARKDOWN_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _once(table: dict[str, SourcePost | None], key: str, post: SourcePost) -> None:
    """What two posts share names neither, unless they are translations: then the first one."""
    known = table.get(key, post)
    same_language = known is not None and known.language == post.language
    table[key] = known if known is post or not same_language else None
