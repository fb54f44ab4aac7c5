"""What a browser would make of our output: parsed by html5lib, an implementation we do not use."""

from collections.abc import Iterator

import html5lib

from lib.markdown.allowed import TAGS
from lib.markdown.finish import host_of
from lib.markdown.maths import MATH_TAGS

_XHTML = "{http://www.w3.org/1999/xhtml}"
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_ASKS_A_HOST = (
    "src",
    "poster",
    "srcset",
    "data",
    "background",
    "action",
    "formaction",
    "xlink:href",
)
_OURS = frozenset(("picture", "source", "input"))


def elements(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of each element; MathML names begin with "math:"."""
    for element in html5lib.parseFragment(html).iter():
        if not isinstance(element.tag, str):
            raise AssertionError(f"a comment or instruction survived: {element!r}")
        name = element.tag.replace(_XHTML, "").replace(_MATHML, "math:")
        if name != "DOCUMENT_FRAGMENT":
            yield name, dict(element.attrib)


def problems(html: str) -> list[str]:
    """All that a reader's page must not hold, found in `html`."""
    found = []
    for name, attributes in elements(html):
        allowed = name[5:] in MATH_TAGS if name.startswith("math:") else name in TAGS | _OURS
        if not allowed:
            found.append(f"element {name}")
        if name == "input" and (attributes.get("type"), attributes.get("disabled")) != (
            "checkbox",
            "",
        ):
            found.append("a field of a form")
        for key, value in attributes.items():
            if not isinstance(key, str) or key.startswith("on") or key in ("style", "srcdoc"):
                found.append(f"attribute {key}")
            plain = "".join(value.split()).lower()
            if key == "href" and plain.startswith(("javascript:", "data:", "vbscript:", "file:")):
                found.append(f"{key}={value}")
            if key in _ASKS_A_HOST and host_of(value):
                found.append(f"a request to another host: {key}={value}")
    return found
