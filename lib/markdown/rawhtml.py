"""The HTML that an author types, made plain before the sanitiser sees it.

This is for authors' comfort and for bounded work, not for safety: nh3 comes after it, always.
Comfort: `Vec<T>` stays readable, an iframe becomes a link. Bounded work: an HTML parser repeats
every formatting element left open in each following block, so a few hundred of them would turn a
megabyte into gigabytes; elements left open are counted, and past the limit a tag is shown as text.
"""

# ruff: noqa: SIM905 - names read better as one text than as a column of strings

import re
from html import escape, unescape

from .allowed import DROPPED_WITH_CONTENT, TAGS, VOID_TAGS
from .maths import MATH_TAGS

MAX_OPEN_ELEMENTS = 64
MAX_OPEN_FORMATTING = 12

# Elements that the HTML parser closes by itself: leaving them open is usual and costs nothing.
_SELF_CLOSING = VOID_TAGS | {"p", "li", "dt", "dd", "rt", "rp", "colgroup"}
# The list of active formatting elements: WHATWG HTML, "13.2.4.3".
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
# HTML that we do not take. The tag goes, its text stays.
_KNOWN_AND_REFUSED = (
    frozenset(
        "applet area article base basefont bgsound body button canvas center datalist dialog dir "
        "fieldset font footer form frame frameset head header hgroup html input label legend link "
        "main map marquee math menu meta nav nobr noembed noframes noscript object optgroup option "
        "output param plaintext portal search select slot style svg template textarea title xmp "
        "big tt strike acronym address aside semantics annotation annotation-xml mglyph "
        "malignmark "
        "maction path g circle ellipse rect line polygon polyline defs use symbol text tspan image "
        "foreignobject animate animatetransform set stop lineargradient radialgradient".split()
    )
    | MATH_TAGS
)
_EMBEDS = frozenset(("iframe", "embed"))

# CommonMark's open and closing tags; with this strict grammar every parser agrees where a tag ends.
# Possessive, with the number of attributes and the length of values limited: linear.
_TAG = re.compile(
    r"<(?:/([a-zA-Z][a-zA-Z0-9-]*+)\s*+"
    r"|([a-zA-Z][a-zA-Z0-9-]*+)"
    r"((?:\s++[a-zA-Z_:@][\w.:@-]*+"
    r"(?:\s*+=\s*+(?:[^\s\"'=<>`]++|'[^']{0,4000}+'|\"[^\"]{0,4000}+\"))?+){0,40}+)"
    r"\s*+/?+)>"
)
_ATTRIBUTE = re.compile(r"([\w.:@-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))")
_MORE = re.compile(r"<!--\s*more\s*-->", re.IGNORECASE)


class RawHtml:
    """Filters the raw HTML of one text, in order; knows which elements are open."""

    def __init__(self, more_mark: str) -> None:
        self._more_mark = more_mark
        self._open: list[str] = []
        self._open_formatting = 0

    def filter(self, content: str) -> str:
        """`content` with comments gone and every `<` either a plain known tag or escaped."""
        parts: list[str] = []
        position = 0
        while (start := content.find("<", position)) >= 0:
            parts.append(content[position:start])
            if content.startswith("<!--", start):
                end = content.find("-->", start + 2)
                if end < 0:
                    parts.append(escape(content[start:], quote=False))
                    return "".join(parts)
                comment = content[start : end + 3]
                parts.append(self._more_mark if _MORE.fullmatch(comment) else "")
                position = end + 3
            elif tag := _TAG.match(content, start):
                parts.append(self._tag(tag))
                position = tag.end()
            else:
                parts.append("&lt;")
                position = start + 1
        parts.append(content[position:])
        return "".join(parts)

    def _tag(self, tag: re.Match) -> str:
        name = (tag[1] or tag[2]).lower()
        if name in _EMBEDS:
            return _link_to_embed(tag[3]) if tag[2] else ""
        if name not in TAGS and name not in DROPPED_WITH_CONTENT:
            return "" if name in _KNOWN_AND_REFUSED else escape(tag[0], quote=False)
        # Angle brackets in values are escaped, so that the next step cannot take them for tags.
        plain = "<" + tag[0][1:-1].replace("<", "&lt;").replace(">", "&gt;") + ">"
        if name in _SELF_CLOSING:
            return plain
        if tag[1]:
            if self._open and self._open[-1] == name:
                self._open.pop()
                self._open_formatting -= name in _FORMATTING
            return plain
        if len(self._open) >= MAX_OPEN_ELEMENTS or (
            name in _FORMATTING and self._open_formatting >= MAX_OPEN_FORMATTING
        ):
            return escape(tag[0], quote=False)
        self._open.append(name)
        self._open_formatting += name in _FORMATTING
        return plain


def _link_to_embed(attributes: str) -> str:
    """A link in the place of a frame: pages ask no other host for anything."""
    found = {
        name.lower(): unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(attributes)
    }
    address = found.get("src", "").strip()
    if not address:
        return ""
    text = found.get("title", "").strip() or address
    return f'<a class="external-embed" href="{escape(address)}">{escape(text, quote=False)}</a>'
