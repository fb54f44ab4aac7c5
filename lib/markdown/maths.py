"""TeX to MathML: converted by latex2mathml, then rebuilt from an allow-list of our own."""

# ruff: noqa: SIM905 - names read better as one text than as a column of strings

import re
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MAX_TEX_CHARACTERS = 2_000
MAX_TEX_DEPTH = 30
MAX_MATHML_DEPTH = 100

MATH_TAGS = frozenset(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom merror "
    "menclose msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable "
    "mtr mtd".split()
)
_ATTRIBUTES = frozenset(
    "display displaystyle scriptlevel mathvariant mathcolor mathbackground stretchy fence "
    "separator largeop movablelimits symmetric accent accentunder form lspace rspace minsize "
    "maxsize width height depth voffset linethickness rowspacing columnspacing rowlines "
    "columnlines columnalign rowalign columnspan notation open close".split()
)
_VALUE = re.compile(r"[\w #.,()+\-%|\[\]{}⟨⟩‖]*")
_COMMENT = re.compile(r"(?<!\\)%.*")


@lru_cache(maxsize=512)
def to_mathml(tex: str, *, block: bool) -> str | None:
    """MathML for `tex`, or None when it is too long, too deep or broken.

    The text in it is escaped, and it holds only the elements in MATH_TAGS and harmless attributes.
    """
    if len(tex) > MAX_TEX_CHARACTERS or _depth(tex) > MAX_TEX_DEPTH:
        return None
    try:
        tree = Converter(display="block" if block else "inline").convert_to_element(
            _COMMENT.sub("", tex)
        )
        return _serialise(tree)
    except Exception:
        # The converter raises whatever its parser stumbles over (IndexError, KeyError and many
        # of its own). An author's typing error must not stop a save: the source is shown.
        return None


def _depth(tex: str) -> int:
    """The deepest nesting of braces and \\left, \\begin: the converter recurses that far."""
    depth = deepest = 0
    for token in re.findall(r"\\(?:left|begin|right|end)\b|[\^_]|[{}]", tex):
        if token in ("{", "\\left", "\\begin"):
            depth += 1
        elif token in ("}", "\\right", "\\end"):
            depth -= 1
        deepest = max(deepest, depth)
    return deepest


def _serialise(element: Element, depth: int = 0) -> str:
    if element.tag not in MATH_TAGS or depth > MAX_MATHML_DEPTH:
        raise ValueError(element.tag)
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    # The library writes entities into the text and relies on un-escaping later: undo, then escape.
    inside = escape(unescape(element.text or ""), quote=False)
    for child in element:
        inside += _serialise(child, depth + 1) + escape(unescape(child.tail or ""), quote=False)
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"
