"""The allow-list: what HTML may come out of a text. Applied by nh3 after rendering, always."""

# ruff: noqa: SIM905 - names read better as one text than as a column of strings

import nh3

from .code import CODE_CLASSES

VOID_TAGS = frozenset(("br", "hr", "img", "source", "track", "wbr", "col", "input", "embed"))

TAGS = frozenset(
    "a abbr audio b bdi bdo blockquote br caption cite code col colgroup data dd del details "
    "dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark meter ol p "
    "pre progress q rp rt ruby s samp section small source span strong sub summary sup table "
    "tbody td tfoot th thead time tr track u ul var video wbr".split()
)
# Not text for a reader: removed with all that is inside.
DROPPED_WITH_CONTENT = frozenset(("script", "style"))
ADMONITIONS = ("note", "tip", "important", "warning", "caution")

_ATTRIBUTES = {
    "*": {"id", "lang", "dir", "title"},
    "a": {"href", "name", "hreflang"},
    "audio": {"src", "loop", "muted", "preload"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "meter": {"value", "min", "max", "low", "high", "optimum"},
    "ol": {"start", "reversed"},
    "pre": {"data-language"},
    "progress": {"value", "max"},
    "q": {"cite"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label", "default"},
    "video": {"src", "poster", "width", "height", "loop", "muted", "playsinline", "preload"},
}
_ALIGNMENTS = {"align": {"left", "center", "right"}}
_ATTRIBUTE_VALUES = {
    "col": _ALIGNMENTS,
    "td": _ALIGNMENTS,
    "th": _ALIGNMENTS,
    "ol": {"type": {"1", "a", "A", "i", "I"}},
    "div": {"role": {"note"}},
}
_CLASSES = {
    "span": set(CODE_CLASSES),
    "pre": {"code"},
    "a": {"footnote-ref", "footnote-backref", "external-embed", "external-image"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "ul": {"contains-task-list"},
    "ol": {"contains-task-list"},
    "li": {"task-list-item"},
    "p": {"admonition-title"},
    "div": {"admonition", "math-block", *(f"admonition-{kind}" for kind in ADMONITIONS)},
    "figure": {"captioned", "wide"},
}
URL_SCHEMES = frozenset(("http", "https", "mailto", "tel", "xmpp", "ftp"))

_cleaner = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(DROPPED_WITH_CONTENT),
    attributes=_ATTRIBUTES,
    tag_attribute_values=_ATTRIBUTE_VALUES,
    allowed_classes=_CLASSES,
    url_schemes=set(URL_SCHEMES),
    link_rel=None,
)


def sanitise(html: str) -> str:
    """`html` parsed as a browser would, without all that is not in the allow-list.

    Comes back well-formed and in one canonical spelling: every attribute is ` name="value"` with
    `&`, `<`, `>` and `"` escaped, so that the steps after this one may go from tag to tag.
    """
    return _cleaner.clean(html)
