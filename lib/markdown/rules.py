"""Our own rules for markdown-it: what GitHub, Hugo and MkDocs authors expect beyond CommonMark."""

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from .allowed import ADMONITIONS

# Other dialects' names for the five kinds of GitHub.
_KINDS = {kind: kind for kind in ADMONITIONS} | {
    "info": "note", "abstract": "note", "summary": "note", "todo": "note", "quote": "note",
    "example": "note", "seealso": "note", "question": "note", "hint": "tip", "success": "tip",
    "attention": "important", "danger": "caution", "error": "caution", "failure": "caution",
    "bug": "caution",
}  # fmt: skip
_HEADING_ID = re.compile(r"\s*\{:?\s*#([^\s{}#]{1,100})[^{}]{0,100}\}\s*$")
_WIDE = re.compile(r"\s*\{:?\s*\.wide\s*\}\s*")


def _rule_called(ruler, name: str):
    return next(rule.fn for rule in ruler.__rules__ if rule.name == name)


def use_math(md: MarkdownIt) -> None:
    """`$x$` and `$$x$$`, but not "$5 and $10" nor "$HOME/$PATH"."""
    md.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    rule = _rule_called(md.inline.ruler, "math_inline")

    def not_in_a_word(state: StateInline, silent: bool) -> bool:
        start = state.pos
        if state.src[start] != "$" or (start and _is_word(state.src[start - 1])):
            return False
        count = len(state.tokens)
        pending = state.pending
        if not rule(state, silent):
            return False
        if state.pos > state.posMax or _is_word(state.src[state.pos : state.pos + 1]):
            del state.tokens[count:], state.tokens_meta[count:]
            state.pending = pending
            state.pos = start
            return False
        return True

    md.inline.ruler.at("math_inline", not_in_a_word)


def _is_word(char: str) -> bool:
    # Not isalnum(): a formula stands directly beside ideographs.
    return char.isascii() and char.isalnum()


def use_admonitions(md: MarkdownIt) -> None:
    """`> [!NOTE]`, `::: note Title` and `!!! note "Title"`, one kind of token for all."""
    md.options["alerts"] = True
    container_plugin(md, "admonition", validate=lambda params, *_: bool(_kind_of(params)))
    md.use(admon_plugin)
    rule = _rule_called(md.block.ruler, "admonition")

    def known(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
        if not line.startswith(("!!!", "???")) or not _kind_of(line.lstrip("!?+")):
            return False
        return rule(state, start, end, silent)

    md.block.ruler.at(
        "admonition", known, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.after("block", "admonition_titles", _unify_admonitions)


def _kind_of(params: str) -> str:
    first = params.strip().split(maxsplit=1)
    return _KINDS.get(first[0].lower().strip("{}."), "") if first else ""


def _unify_admonitions(state: StateCore) -> None:
    """Give the three syntaxes one shape: admonition_open with kind and title, no title tokens."""
    kept: list[Token] = []
    in_title = False
    for token in state.tokens:
        if token.type in ("alert_title_open", "admonition_title_open"):
            in_title = True
        elif token.type in ("alert_title_close", "admonition_title_close"):
            in_title = False
        elif not in_title:
            if token.type in ("alert_open", "container_admonition_open", "admonition_open"):
                _name_admonition(token)
            elif token.type in ("alert_close", "container_admonition_close"):
                token.type = "admonition_close"
            kept.append(token)
    state.tokens[:] = kept


def _name_admonition(token: Token) -> None:
    kind = _kind_of(token.info)
    title = token.info.strip().partition(" ")[2].strip() if token.type != "alert_open" else ""
    token.type = "admonition_open"
    token.meta = {"kind": kind, "title": title.strip('"').strip()}


def use_footnotes(md: MarkdownIt) -> None:
    """`[^1]`, not the inline `^[...]` of Pandoc: prose with a caret before a link is commoner."""
    md.use(footnote_plugin, inline=False)


def use_headings(md: MarkdownIt) -> None:
    """`# Title {#id}` in the manner of Hugo, Zola and kramdown."""

    def take_ids(state: StateCore) -> None:
        for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
            if opening.type == "heading_open" and (
                found := _HEADING_ID.search(inline.content[-250:])
            ):
                inline.content = inline.content[: -len(found[0])]
                opening.attrs["id"] = found[1]

    md.core.ruler.after("block", "heading_ids", take_ids)


def use_figures(md: MarkdownIt) -> None:
    """An image alone in its paragraph becomes a figure when it has a title, which is the caption,
    or `{.wide}` behind it, in the manner of Pandoc and kramdown."""

    def make_figures(state: StateCore) -> None:
        for index, token in enumerate(state.tokens):
            if token.type != "inline" or not token.children:
                continue
            last = token.children[-1]
            is_wide = last.type == "text" and _WIDE.fullmatch(last.content) is not None
            children = token.children[:-1] if is_wide else token.children
            opening, closing = state.tokens[index - 1], state.tokens[index + 1]
            if opening.type != "paragraph_open" or opening.hidden:
                continue
            image = _lone_image(children)
            if image is not None and (is_wide or image.attrs.get("title")):
                opening.tag = closing.tag = "figure"
                caption = image.attrs.pop("title", "")
                classes = [name for name, has in (("captioned", caption), ("wide", is_wide)) if has]
                opening.attrs["class"] = " ".join(classes)
                token.children = [*children, *_caption(str(caption))]

    md.core.ruler.push("figures", make_figures)


def _lone_image(children: list[Token]) -> Token | None:
    """The only image, bare or in a link, when there is nothing else."""
    if len(children) == 3 and children[0].type == "link_open":
        children = children[1:2]
    return children[0] if len(children) == 1 and children[0].type == "image" else None


def _caption(text: str) -> list[Token]:
    if not text:
        return []
    return [
        Token("figcaption_open", "figcaption", 1),
        Token("text", "", 0, content=text),
        Token("figcaption_close", "figcaption", -1),
    ]


def use_definition_lists(md: MarkdownIt) -> None:
    """Pandoc's and PHP Markdown Extra's `Term` and `: definition`."""
    md.use(deflist_plugin)


def use_unspaced_lines(md: MarkdownIt) -> None:
    """Join lines between two characters of Chinese or Japanese: no space belongs there.

    A browser shows a line feed as a space. CSS Text 4, "Segment Break Transformation Rules": it
    goes where both sides are wide and neither is Hangul, which has spaces.
    """

    def join(state: StateCore) -> None:
        for token in state.tokens:
            children = token.children or []
            for place, child in enumerate(children):
                if (
                    child.type == "softbreak"
                    and _is_unspaced(_nearest(reversed(children[:place]))[-1:])
                    and _is_unspaced(_nearest(iter(children[place + 1 :]))[:1])
                ):
                    child.type, child.tag, child.content = "text", "", ""

    md.core.ruler.push("unspaced_lines", join)


def _nearest(tokens: Iterator[Token]) -> str:
    """The text of the first of `tokens` that is not just the begin or end of emphasis or a link."""
    for token in tokens:
        if token.type == "text" and not token.content:
            continue
        if token.nesting == 0:
            return token.content if token.type == "text" else ""
    return ""


def _is_unspaced(character: str) -> bool:
    if not character or unicodedata.east_asian_width(character) not in ("W", "F"):
        return False
    # Hangul is written with spaces, and two emoji in two lines are two.
    return unicodedata.category(character) != "So" and not "\uac00" <= character <= "\ud7a3"
