"""The links and images in a Markdown text: where they are, and the text with others in place."""

import re
from collections.abc import Callable
from html import unescape
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from transfer.markdown.code import code_spans

MAX_USES = 10_000  # links looked at in one file

_DESTINATION = re.compile(
    r"[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))+))"
)
_DEFINITION = re.compile(
    r"^[ \t>]*\[(?!\^)((?:[^\[\]\\\n]|\\.){1,999})\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|(\S+))", re.M
)
_PICTURED = re.compile(r"!\[([^\[\]]*)\](?:\[([^\[\]]*)\])?")
_TAG = re.compile(r"<(a|img|source|video|audio|iframe)\b([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(src|href|poster)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE
)
_LOST_TAG = re.compile(
    r"<(script|style|iframe|object|embed|form|svg|canvas)\b[^<>]{0,500}>", re.IGNORECASE
)
_BACKSLASH = re.compile(r"\\([!-/:-@\[-`{-~])")


class Use(NamedTuple):
    """A link or image: what it leads to, decoded, and where the address stands in the text."""

    address: str
    is_image: bool
    start: int
    end: int
    is_html: bool = False


def find(text: str) -> list[Use]:
    """All links and images of `text` outside code and comments, in order."""
    hidden = code_spans(text, comments=True)
    uses: list[Use] = []
    position = text.find("](")
    while position >= 0 and len(uses) < MAX_USES:
        match = _DESTINATION.match(text, position + 2)
        if match and not hidden.cover(position):
            group = 1 if match[1] is not None else 2
            start, end = match.span(group)
            address = unescape(_BACKSLASH.sub(r"\1", match[group]))
            uses.append(Use(address, _is_image(text, position), start, end))
        position = text.find("](", position + 2)
    pictured = {(match[2] or match[1]).casefold() for match in _PICTURED.finditer(text)}
    for match in _DEFINITION.finditer(text):
        if hidden.cover(match.start(1)) or len(uses) >= MAX_USES:
            continue
        group = 2 if match[2] is not None else 3
        address = unescape(_BACKSLASH.sub(r"\1", match[group]))
        is_image = looks_like_image(address) or match[1].casefold() in pictured
        uses.append(Use(address, is_image, *match.span(group)))
    for match in _TAG.finditer(text):
        if hidden.cover(match.start()) or len(uses) >= MAX_USES:
            continue
        for attribute in _ATTRIBUTE.finditer(match[2]):
            group = next(number for number in (2, 3, 4) if attribute[number] is not None)
            start, end = (match.start(2) + offset for offset in attribute.span(group))
            is_image = match[1].lower() == "img" or attribute[1].lower() == "poster"
            uses.append(Use(unescape(attribute[group]).strip(), is_image, start, end, True))
    return sorted(uses, key=lambda use: use.start)


def _is_image(text: str, closing: int) -> bool:
    """Whether the bracket at `closing` ends `![…`; looks back at most 1,000 characters."""
    depth = 0
    for offset in range(closing, max(closing - 1_000, -1), -1):
        if text[offset] == "]":
            depth += 1
        elif text[offset] == "[":
            depth -= 1
            if depth == 0:
                return offset > 0 and text[offset - 1] == "!"
    return False


def looks_like_image(address: str) -> bool:
    """Whether the path ends like an image's."""
    path = urlsplit(address).path.lower()
    return path.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".bmp"))


def replace(text: str, uses: list[Use], answer: Callable[[Use], str | None]) -> str:
    """`text` with the addresses that `answer` gives; None keeps one byte for byte."""
    parts, position = [], 0
    for use in uses:
        new = answer(use)
        if new is None or use.start < position:
            continue
        parts += [text[position : use.start], new]
        position = use.end
    return "".join([*parts, text[position:]])


def lost_elements(text: str) -> list[tuple[str, int]]:
    """HTML whose content a page does not keep, as (element, offset), outside code and comments."""
    if "<" not in text:
        return []
    hidden = code_spans(text, comments=True)
    return [
        (match[1].lower(), match.start())
        for match in _LOST_TAG.finditer(text)
        if not hidden.cover(match.start())
    ]


class Asked(NamedTuple):
    """Something a rendered page asks its own site for."""

    path: str  # as a browser sends it, without query and fragment
    address: str  # as it stands in the page
    is_image: bool


_RENDERED_TAG = re.compile(r"<(a|img|source|video|audio)\b([^<>]*)>")


def asked_by(html: str, page: str) -> list[Asked]:
    """What the sanitised `html` of the page at path `page` asks the site for, each once."""
    found: dict[str, Asked] = {}
    for match in _RENDERED_TAG.finditer(html):
        for attribute in _ATTRIBUTE.finditer(match[2]):
            address = unescape(attribute[2] or attribute[3] or attribute[4] or "")
            try:
                parts = urlsplit(urljoin(page, address))
            except ValueError:
                continue
            if address.startswith("#") or parts.scheme or parts.netloc or not parts.path:
                continue
            found.setdefault(parts.path, Asked(parts.path, address, match[1] == "img"))
    return list(found.values())
