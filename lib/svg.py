"""SVG drawings: parsed without entities, kept as far as an allow-list goes.

An SVG is a program as much as a picture. What is stored draws and does nothing else: no script,
no handler, no foreign markup, no address but its own parts (and pixels inlined as data:).
"""

import math
import re
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lib.image_errors import Damaged, NotAnImage, TooBig

MAX_BYTES = 2_000_000
MAX_DEPTH = 100
MAX_SIDE = 10_000  # pixels
DEFAULT_SIZE = (300, 150)  # CSS pixels, what browsers take (CSS 2.2, 10.3.2)

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"


def _name_namespaces() -> None:
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)


_ELEMENT_NAMES = (
    "svg g a defs symbol use title desc switch style image "
    "path rect circle ellipse line polyline polygon text tspan textPath "
    "linearGradient radialGradient stop pattern clipPath mask marker "
    "filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix "
    "feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB "
    "feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight "
    "feSpecularLighting feSpotLight feTile feTurbulence"
)
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
# A document type that only names the standard is common in drawings by older programs.
_PLAIN_DOCTYPE = re.compile(rb"<!DOCTYPE\s+svg(\s+PUBLIC\s+\"[^\"<>]*\")?(\s+\"[^\"<>]*\")?\s*>")
_URL = re.compile(r"url\s*\(\s*['\"]?\s*([^)'\"]*)", re.IGNORECASE)
_INLINE_PIXELS = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*\Z")
# CSS pixels in a unit (CSS Values 3, 6.2); em and ex for the usual font of 16 pixels.
_UNITS = {"px": 1, "pt": 4 / 3, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
_UNITS |= {"em": 16, "ex": 8}


def looks_like_svg(data: bytes) -> bool:
    """Whether `data` is XML that mentions <svg> early: worth parsing, no more than that."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and b"<svg" in head


def size(data: bytes) -> tuple[int, int]:
    """Width and height in CSS pixels, from the attributes or else the viewBox.

    Raises NotAnImage, TooBig or Damaged.
    """
    return _size(_parsed(data))


def clean(data: bytes) -> bytes:
    """The drawing, as UTF-8, with what the allow-list names. Raises like `size`."""
    root = _parsed(data)
    width, height = _size(root)
    _clean(root)
    if "viewBox" not in root.attrib:
        root.set("viewBox", f"0 0 {width} {height}")
    root.set("width", str(width))
    root.set("height", str(height))
    _name_namespaces()  # Other libraries, such as makers of QR codes, name them for all, too.
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _parsed(data: bytes) -> ElementTree.Element:
    if len(data) > MAX_BYTES:
        raise TooBig(f"an SVG of {len(data):,} bytes, at most {MAX_BYTES:,} are allowed")
    try:
        root = fromstring(_PLAIN_DOCTYPE.sub(b"", data, count=1), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Damaged(f"it declares a document type or entities: {error}") from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Damaged(f"it is no well-formed XML: {error}") from error
    if root.tag not in {"svg", f"{{{SVG}}}svg"}:
        raise NotAnImage("XML, but not SVG")
    level, depth = [root], 0
    while level := [child for element in level for child in element]:
        depth += 1
        if depth > MAX_DEPTH:
            raise Damaged(f"more than {MAX_DEPTH} elements inside each other")
    return root


def _clean(element: ElementTree.Element) -> None:
    """Drop what is not allowed from `element` and all below it."""
    # Without a namespace a browser would not draw it at all.
    element.tag = f"{{{SVG}}}{_local(element)}"
    for name, value in list(element.attrib.items()):
        if not _is_allowed(name, value):
            del element.attrib[name]
    for child in list(element):
        if _local(child) in _ELEMENTS and _css_is_local(child):
            _clean(child)
        else:
            element.remove(child)


def _local(element: ElementTree.Element) -> str:
    """The element's name in SVG, or nothing when it belongs to another vocabulary."""
    tag = str(element.tag)
    return tag.removeprefix(f"{{{SVG}}}") if tag.startswith(f"{{{SVG}}}") or "{" not in tag else ""


def _css_is_local(element: ElementTree.Element) -> bool:
    if _local(element) != "style":
        return True
    css = "".join(element.itertext())
    return not len(element) and "@import" not in css.lower() and _is_harmless(css)


def _is_allowed(name: str, value: str) -> bool:
    space, _, local = name.rpartition("}")
    if space not in {"", f"{{{XLINK}", f"{{{XML}"} or local.lower().startswith("on"):
        return False
    if space == f"{{{XML}":
        return local in {"space", "lang"}
    if local == "href":
        return value.startswith("#") or bool(_INLINE_PIXELS.match(value))
    return space == "" and _is_harmless(value)


def _is_harmless(value: str) -> bool:
    """No escape that hides a word, no script, and only addresses of the drawing's own parts."""
    if "\\" in value or "javascript:" in re.sub(r"\s+", "", value.lower()):
        return False
    if re.search(r"(image|image-set|src)\s*\(", value, re.IGNORECASE):
        return False
    return all(target.strip().startswith("#") for target in _URL.findall(value))


def _size(root: ElementTree.Element) -> tuple[int, int]:
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = _view_box(root.get("viewBox"))
    ratio = box[0] / box[1] if box else 0
    if width and height:
        pass
    elif width and ratio:
        height = width / ratio
    elif height and ratio:
        width = height * ratio
    elif box:
        width, height = box
    else:
        width, height = width or DEFAULT_SIZE[0], height or DEFAULT_SIZE[1]
    shrink = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _length(text: str | None) -> float:
    """CSS pixels, or 0 when there is none, it is relative, or no number."""
    match = _LENGTH.match(text or "")
    return float(match[1]) * _UNITS[match[2] or "px"] if match else 0


def _view_box(text: str | None) -> tuple[float, float] | None:
    """Width and height of a viewBox, when both are positive."""
    try:
        _, _, width, height = (float(part) for part in re.split(r"[\s,]+", (text or "").strip()))
    except ValueError:
        return None
    sound = math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0
    return (width, height) if sound else None
