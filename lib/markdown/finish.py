"""From sanitised HTML to what is stored: one walk from tag to tag.

It puts in what the library knows of images, gives ids, wraps tables, takes the text, the headings
and the links out. It relies on the one canonical spelling of `allowed.sanitise`, and everything it
adds is either its own or escaped.
"""

import re
from collections.abc import Callable, Collection, Mapping
from html import escape, unescape
from urllib.parse import urljoin

from .allowed import VOID_TAGS
from .ids import Ids, heading_id
from .labels import label
from .parser import Job
from .prose import Prose
from .results import Film, Heading, ImageUse, Picture

# Spans only colour code; there are many, and nothing is to be done with them.
_TAG = re.compile(r'<(/?)(?!span\b)([a-z][a-z0-9]*)((?: [^\s=">/]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s=">/]+)="([^"]*)"')
_SPAN = re.compile(r"</?span[^>]*>")
_IMAGE = re.compile(r'<img((?: [^\s=">/]+="[^"]*")*)>')
_ANY_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [^\s=">/]+="[^"]*")+>')
_ADDRESS = re.compile(r' (href|src|srcset|poster|cite)="([^"]*)"')
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>\n?")
# Full width of the reading column on a large screen, of the window on a small one.
IMAGE_SIZES = "(min-width: 48rem) 44rem, 100vw"
WIDE_SIZES = "(min-width: 74rem) 55rem, 100vw"
_MEDIA = frozenset(("audio", "video"))


def host_of(url: str) -> str:
    """ "" for an address on this site, "other" for one elsewhere, as a browser understands it."""
    # Browsers drop tabs and line breaks, trim controls, and take a backslash for a slash.
    plain = re.sub(r"[\t\r\n]", "", url).strip("".join(map(chr, range(33)))).replace("\\", "/")
    return "other" if plain.startswith("//") or _SCHEME.match(plain) else ""


def image_sources(html: str) -> list[str]:
    """The addresses of all images in sanitised `html`, in order, each once."""
    found = dict.fromkeys(_parse(tag).get("src", "") for tag in _IMAGE.findall(html))
    found.pop("", None)
    return list(found)


def _parse(attributes: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}


def _write(name: str, attributes: Mapping[str, str]) -> str:
    return f"<{name}{''.join(f' {key}={_quote(value)}' for key, value in attributes.items())}>"


def _quote(value: str) -> str:
    return f'"{escape(value)}"'


class Finisher:
    """The walk over one text. Read its attributes after `walk`."""

    def __init__(self, job: Job, pictures: Mapping[str, Picture | Film]) -> None:
        self._job = job
        self._pictures = pictures
        self._insert = re.compile(re.escape(job.mark) + r"(\d+);")
        self._out: list[str] = []
        self._stack: list[str] = []
        self._ids = Ids()
        self._fragments: list[tuple[int, dict[str, str]]] = []
        self._open_headings: list[tuple[int, int, dict[str, str], int]] = []
        self._players: list[tuple[int, dict[str, str], list[str]]] = []
        self._shift = 0
        self._tables = 0
        self._sizes = IMAGE_SIZES
        self.prose = Prose()
        self.headings: list[Heading] = []
        self.links: dict[str, None] = {}
        self.images: dict[ImageUse, None] = {}
        self._open_tag: dict[str, Callable[[dict[str, str]], str]] = {
            "a": self._a,
            "figure": self._figure,
            "img": self._img,
            "pre": self._pre,
            "section": self._section,
            "table": self._table,
            "audio": self._media,
            "video": self._media,
            "source": self._source,
            "track": self._track,
        }

    def walk(self, html: str) -> str:
        """The finished form of sanitised `html`."""
        self._shift = int("<h1" in html)
        position = 0
        for tag in _TAG.finditer(html):
            if tag.start() > position:
                self._text(html[position : tag.start()])
            position = tag.end()
            if tag[1]:
                self._close(tag[2])
            else:
                self._open(tag[2], tag[3])
        self._text(html[position:])
        for index, attributes in self._fragments:
            attributes["href"] = "#" + self._ids.target(attributes["href"][1:])
            self._out[index] = _write("a", attributes)
        return _EMPTY_PARAGRAPH.sub("", "".join(self._out))

    def _text(self, text: str) -> None:
        marked = self._job.mark in text
        if not marked:
            self._out.append(text)
            self.prose.add(unescape(_SPAN.sub("", text) if "<" in text else text))
            return
        for index, part in enumerate(self._insert.split(text)):
            if index % 2 == 0:
                self._out.append(part.replace(self._job.mark, ""))
                self.prose.add(unescape(_SPAN.sub("", part)))
            elif part == "0":
                self.prose.fold()
            else:
                html, words = self._job.inserts[int(part)]
                self._out.append(html)
                self.prose.add(words)

    def _open(self, name: str, raw: str) -> None:
        attributes = _parse(raw) if raw else {}
        if self._job.mark in raw:
            ours = attributes.get("id", "").startswith(self._job.mark)
            attributes = {
                key: value.replace(self._job.mark, "")
                for key, value in attributes.items()
                if key in ("id", "href", "class") or self._job.mark not in value
            }
        else:
            ours = False
        classes = attributes.get("class", "")
        self.prose.open(name, classes)
        if name not in VOID_TAGS:
            self._stack.append(name)
        if name[0] == "h" and name[1:].isdigit():
            self._open_heading(int(name[1]), attributes)
            return
        if "id" in attributes and not ours:
            attributes["id"] = self._ids.give(attributes["id"])
        if "align" in attributes:
            attributes["class"] = f"align-{attributes.pop('align')}"
        special = self._open_tag.get(name)
        if special:
            self._out.append(special(attributes))
        else:
            self._out.append(_write(name, attributes) if attributes else f"<{name}>")

    def _close(self, name: str) -> None:
        if self._stack and self._stack[-1] == name:
            self._stack.pop()
        if name[0] == "h" and name[1:].isdigit() and self._open_headings:
            self._close_heading()
        elif name in _MEDIA:
            self._close_media(name)
        elif name == "figure":
            self._sizes = IMAGE_SIZES
            self._out.append("</figure>")
        elif name == "table":
            self._tables -= 1
            self._out.append("</table></div>" if not self._tables else "</table>")
        else:
            self._out.append(f"</{name}>")
        self.prose.close(name)

    # --- headings -----------------------------------------------------------------------------

    def _open_heading(self, level: int, attributes: dict[str, str]) -> None:
        level = min(level + self._shift, 6)
        self._open_headings.append((level, len(self._out), attributes, self.prose.position()))
        self._out.append("")

    def _close_heading(self) -> None:
        level, index, attributes, start = self._open_headings.pop()
        text = self.prose.text_since(start)
        wanted = attributes.pop("id", "") or heading_id(text)
        given = self._ids.give(wanted)
        self._out[index] = _write(f"h{level}", {"id": given} | attributes)
        self._out.append(f"</h{level}>")
        self.headings.append(Heading(level, given, text))

    # --- links and images ---------------------------------------------------------------------

    def _a(self, attributes: dict[str, str]) -> str:
        name = attributes.pop("name", "")
        if name and "id" not in attributes:
            attributes["id"] = self._ids.give(name)
        href = attributes.get("href")
        classes = attributes.get("class", "")
        if "footnote-backref" in classes:
            attributes["aria-label"] = label("back", self._job.language)
        if href is None or "footnote" in classes:
            return _write("a", attributes)
        self.links[href] = None
        if href.startswith("#") and len(href) > 1:
            self._fragments.append((len(self._out), attributes))
        elif _is_elsewhere(href):
            attributes["rel"] = "noopener"
        return _write("a", attributes)

    def _figure(self, attributes: dict[str, str]) -> str:
        if "wide" in attributes.get("class", "").split():
            self._sizes = WIDE_SIZES
        return _write("figure", attributes)

    def _img(self, attributes: dict[str, str]) -> str:
        source, alt = attributes.pop("src", ""), " ".join(attributes.pop("alt", "").split())
        if not source:
            self.prose.add(alt)
            return escape(alt, quote=False)
        picture = self._pictures.get(source)
        if isinstance(picture, Film):
            return self._film(picture, alt or picture.alt, attributes)
        self.images[ImageUse(source, alt)] = None
        if picture is None and host_of(source):
            return self._link_to_image(source, alt)
        shown = {
            "src": picture.src if picture else source,
            "alt": alt or (picture.alt if picture else ""),
        }
        shown |= _size(attributes, picture)
        if picture and picture.tint:
            shown["class"] = f"tint-{picture.tint}"
        shown |= {
            key: attributes[key] for key in ("id", "title", "lang", "dir") if key in attributes
        }
        image = _write("img", shown | {"loading": "lazy", "decoding": "async"})
        if picture is None or not picture.sources:
            return image
        sources = "".join(
            _write("source", {"type": mime, "srcset": srcset, "sizes": self._sizes})
            for mime, srcset in picture.sources
        )
        return f"<picture>{sources}{image}</picture>"

    def _link_to_image(self, source: str, alt: str) -> str:
        """The page of a reader asks no other host: a link stands where the image would."""
        words = alt or source.rstrip("/").rpartition("/")[2][:80]
        words = words or label("image", self._job.language)
        self.prose.add(words)
        inside = escape(words, quote=False)
        if "a" in self._stack:
            return f'<span class="external-image">{inside}</span>'
        return (
            _write("a", {"class": "external-image", "href": source, "rel": "noopener"})
            + f"{inside}</a>"
        )

    def _film(self, film: Film, words: str, attributes: dict[str, str]) -> str:
        """A player that fetches nothing but the poster until somebody starts it."""
        words = words or label("video", self._job.language)
        if "a" in self._stack:  # No player can be operated in there.
            self.prose.add(words)
            return escape(words, quote=False)
        shown = {"controls": "", "preload": "none", "playsinline": "", "poster": film.poster}
        shown |= _size(attributes, film) | {"aria-label": words}
        shown |= {key: attributes[key] for key in ("id", "lang", "dir") if key in attributes}
        sources = "".join(
            _write("source", {"src": src, "type": media_type}) for media_type, src in film.sources
        )
        tracks = "".join(
            _write(
                "track",
                {
                    "kind": "captions",
                    "src": track.src,
                    "srclang": track.language,
                    "label": track.label,
                },
            )
            for track in film.tracks
        )
        link = _write("a", {"href": film.src}) + escape(words, quote=False) + "</a>"
        return f"{_write('video', shown)}{sources}{tracks}{link}</video>"

    # --- blocks -------------------------------------------------------------------------------

    def _pre(self, attributes: dict[str, str]) -> str:
        # Wide code scrolls; the keyboard has to reach it.
        return _write("pre", attributes | {"tabindex": "0"})

    def _section(self, attributes: dict[str, str]) -> str:
        if attributes.get("class") == "footnotes":
            attributes["aria-label"] = label("footnotes", self._job.language)
        return _write("section", attributes)

    def _table(self, attributes: dict[str, str]) -> str:
        self._tables += 1
        table = _write("table", attributes)
        if self._tables > 1:
            return table
        words = escape(label("table", self._job.language))
        return f'<div class="table-scroll" tabindex="0" role="region" aria-label="{words}">{table}'

    def _media(self, attributes: dict[str, str]) -> str:
        """A placeholder: whether a player is shown is known when it closes."""
        if host_of(attributes.get("poster", "")):
            del attributes["poster"]
        self._players.append((len(self._out), attributes, []))
        self._keep_local(attributes)
        return ""

    def _source(self, attributes: dict[str, str]) -> str:
        return _write("source", attributes) if self._keep_local(attributes) else ""

    def _track(self, attributes: dict[str, str]) -> str:
        here = self._players and not host_of(attributes.get("src", ""))
        return _write("track", attributes) if here else ""

    def _keep_local(self, attributes: dict[str, str]) -> bool:
        """Note where the player's sound or film is; take an address elsewhere away."""
        if not self._players or "src" not in attributes:
            return False
        source = attributes["src"]
        self._players[-1][2].append(source)
        if host_of(source):
            del attributes["src"]
            return False
        return True

    def _close_media(self, name: str) -> None:
        index, attributes, sources = self._players.pop()
        if any(not host_of(source) for source in sources):
            self._out[index] = _write(name, attributes | {"controls": ""})
            self._out.append(f"</{name}>")
            return
        # Nothing of it is here: a link for each source, and what the author wrote for old browsers.
        self.links.update(dict.fromkeys(sources))
        if "a" not in self._stack:
            self._out[index] = " ".join(
                _write("a", {"class": "external-embed", "href": source, "rel": "noopener"})
                + f"{escape(source, quote=False)}</a>"
                for source in sources
            )


def _is_elsewhere(href: str) -> bool:
    plain = href.strip().lower()
    return plain.startswith(("http:", "https:", "//"))


def _size(attributes: Mapping[str, str], picture: Picture | Film | None) -> dict[str, str]:
    """The width and height to write: the picture's own, scaled when the author gave a width."""
    width = attributes.get("width", "")
    height = attributes.get("height", "")
    width = width if width.isdecimal() and len(width) < 6 else ""
    height = height if height.isdecimal() and len(height) < 6 else ""
    if picture is None:
        return {key: value for key, value in (("width", width), ("height", height)) if value}
    wide, high = picture.width, picture.height
    if width and 0 < int(width) < wide:
        wide, high = int(width), max(1, round(high * int(width) / wide))
    return {"width": str(wide), "height": str(high)}


def absolutise(html: str, base_url: str) -> str:
    """Sanitised `html` with every relative href, src, srcset, poster and cite made absolute.

    `base_url` is the absolute address of the page that the text belongs to; `#x` becomes
    `base_url#x`. Addresses that cannot be parsed stay as they are.
    """

    def absolute(url: str) -> str:
        try:
            return urljoin(base_url, url)
        except ValueError:
            return url

    def attribute(found: re.Match) -> str:
        name, value = found[1], unescape(found[2])
        if name == "srcset":
            parts = (part.strip().partition(" ") for part in value.split(", "))
            value = ", ".join(f"{absolute(url)} {size}".strip() for url, _, size in parts)
        else:
            value = absolute(value)
        return f" {name}={_quote(value)}"

    return _ANY_TAG.sub(lambda tag: _ADDRESS.sub(attribute, tag[0]), html)


def find(
    html: str, find_pictures: Callable[[Collection[str]], Mapping[str, Picture | Film]] | None
) -> Mapping[str, Picture | Film]:
    """What the library knows of the images in sanitised `html`; it is asked at most once."""
    sources = image_sources(html) if find_pictures else []
    return find_pictures(sources) if sources else {}
