"""Markdown to HTML that nobody has sanitised yet: markdown-it, set up twice, and its limits."""

import re
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, paragraph, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from . import rules
from .autolinks import use_autolinks
from .code import Highlighter, language_of
from .labels import label
from .maths import to_mathml
from .rawhtml import RawHtml

# Deeper lists and quotes than these have no reader; the work grows with depth times lines.
MAX_BLOCK_NESTING = 32
MAX_INLINE_NESTING = 40
# Measured on the slowest constructs (an item, a row or a paragraph on each line; nothing but
# brackets) so that a megabyte of either stays below two seconds. A long book has 10,000 lines.
MAX_LINES = 15_000
MAX_SPECIAL_CHARACTERS = 100_000
MAX_TEX_PER_TEXT = 20_000
MAX_TABLE_BARS = 30_000
MAX_TABLE_COLUMNS = 200
# Work of these beside that of another special character, measured.
_EXTRA_COSTS = (("[", 3), ("://", 12), ("www.", 12), ("@", 2))

# What is not safe in an attribute or ambiguous to a browser; letters of all scripts stay as typed.
_UNSAFE_IN_URL = re.compile('[\x00-\x20"<>\\\\^`{|}\x7f-\xa0\u2028\u2029]')


class _Renderer(RendererHTML):
    """The spec's spelling where markdown-it differs from it, and GFM's elements."""

    def blockquote_open(self, tokens, idx, options, env):
        html = self.renderToken(tokens, idx, options, env)
        return html if html.endswith("\n") else html + "\n"

    def s_open(self, tokens, idx, options, env):
        return "<del>"

    def s_close(self, tokens, idx, options, env):
        return "</del>"

    def th_open(self, tokens, idx, options, env):
        token = tokens[idx]
        align = str(token.attrs.get("style", "")).removeprefix("text-align:")
        return f'<{token.tag} align="{align}">' if align else f"<{token.tag}>"

    td_open = th_open

    def list_item_open(self, tokens, idx, options, env):
        token = tokens[idx]
        if not token.meta or "checked" not in token.meta:
            return self.renderToken(tokens, idx, options, env)
        checked = 'checked="" ' if token.meta["checked"] else ""
        token.attrs.pop("class", None)
        html = self.renderToken(tokens, idx, options, env)
        # A list with space between its items has the paragraph before the box.
        return f'{html}<input {checked}disabled="" type="checkbox"> '

    def bullet_list_open(self, tokens, idx, options, env):
        tokens[idx].attrs.pop("class", None)
        return self.renderToken(tokens, idx, options, env)

    ordered_list_open = bullet_list_open


def _build(autolinks: bool) -> MarkdownIt:
    md = MarkdownIt("gfm-like2", {"linkify": False, "alerts": False}, renderer_cls=_Renderer)
    md.disable("linkify")
    md.options["maxNesting"] = MAX_BLOCK_NESTING
    md.core.ruler.before("normalize", "limit_lines", _limit_lines)
    md.core.ruler.after("block", "lines_beyond", _append_lines_beyond)
    md.block.ruler.before("table", "too_deep", _paragraph_when_deep)
    md.block.ruler.at("table", _table_within_limits, {"alt": ["paragraph", "reference"]})
    md.core.ruler.at("inline", _parse_inline_within_limits)
    if autolinks:
        use_autolinks(md)
    return md


def to_html(source: str, *, autolinks: bool = False) -> str:
    """`source` as CommonMark with GFM tables, strikethrough and task lists; not sanitised.

    GFM's bare addresses contradict four examples of the CommonMark spec: `autolinks` adds them.
    """
    return (_WITH_AUTOLINKS if autolinks else _PLAIN).render(source)


# --- limits -----------------------------------------------------------------------------------


def _limit_lines(state: StateCore) -> None:
    """Put lines past the limit aside: they are shown as they were typed."""
    if state.src.count("\n") + state.src.count("\r") > MAX_LINES:
        lines = re.split(r"\r\n|\n|\r", state.src)
        state.src = "\n".join(lines[:MAX_LINES])
        state.env["lines_beyond"] = "\n".join(lines[MAX_LINES:])
    state.env["tables"] = state.src.count("|") <= MAX_TABLE_BARS


def _append_lines_beyond(state: StateCore) -> None:
    if beyond := state.env.get("lines_beyond"):
        state.tokens.append(Token("code_block", "code", 0, content=beyond, block=True))


def _paragraph_when_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """At the deepest level nothing nests any more: markdown-it alone would drop the rest."""
    if silent or state.level < MAX_BLOCK_NESTING - 2:
        return False
    return paragraph(state, start, end, silent)


def _table_within_limits(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not state.env["tables"] or start + 2 > end:
        return False
    divider = (
        state.src[state.bMarks[start + 1] : state.eMarks[start + 1]] if start + 1 < end else ""
    )
    return divider.count("|") <= MAX_TABLE_COLUMNS and table(state, start, end, silent)


def _parse_inline_within_limits(state: StateCore) -> None:
    """Parse paragraphs until the budget of special characters is spent; the rest stays text."""
    md = state.md
    budget = MAX_SPECIAL_CHARACTERS
    for token in state.tokens:
        if token.type != "inline":
            continue
        content = token.content
        specials = len(content) and len(md.inline.terminator_re.findall(content))
        budget -= specials
        if specials:
            budget -= sum(content.count(text) * cost for text, cost in _EXTRA_COSTS)
        if budget < 0 and specials:
            token.children = [Token("text", "", 0, content=content)]
        else:
            token.children = []
            md.inline.parse(content, md, state.env, token.children)
            if specials > MAX_INLINE_NESTING:
                _flatten(token.children)


def _flatten(children: list[Token]) -> None:
    """Drop emphasis and links nested deeper than the limit, keeping their text."""
    depth = 0
    kept = []
    for token in children:
        if token.nesting > 0:
            depth += 1
        if token.nesting == 0 or depth <= MAX_INLINE_NESTING:
            kept.append(token)
        if token.nesting < 0:
            depth -= 1
    children[:] = kept


_PLAIN = _build(autolinks=False)
_WITH_AUTOLINKS = _build(autolinks=True)


# --- the whole language -----------------------------------------------------------------------


class Job:
    """What one call of `render` needs on the way from tokens to sanitised HTML.

    `mark` is a word that the author cannot guess. What we write ourselves carries it through the
    sanitiser: our ids as a prefix, and formulas, check boxes and the fold as `mark` + number + `;`.
    """

    def __init__(self, mark: str, language: str) -> None:
        self.mark = mark
        self.language = language
        self.inserts: list[tuple[str, str]] = []  # (html, text)
        self.raw = RawHtml(self.insert("", ""))
        self.code = Highlighter()
        self.tex_left = MAX_TEX_PER_TEXT

    def insert(self, html: str, text: str) -> str:
        """Keep `html` aside and answer the mark that stands for it; 0 is the fold."""
        self.inserts.append((html, text))
        return f"{self.mark}{len(self.inserts) - 1};"


class _FullRenderer(_Renderer):
    """Everything that an article can hold. `env["job"]` is the Job."""

    def list_item_open(self, tokens, idx, options, env):
        token = tokens[idx]
        if not token.meta or "checked" not in token.meta:
            return self.renderToken(tokens, idx, options, env)
        job: Job = env["job"]
        done = token.meta["checked"]
        words = escape(label("done" if done else "open", job.language))
        checked = ' checked=""' if done else ""
        box = f'<input type="checkbox" disabled=""{checked} aria-label="{words}">'
        return f'<li class="task-list-item">{job.insert(box, "")} '

    def bullet_list_open(self, tokens, idx, options, env):
        return self.renderToken(tokens, idx, options, env)

    ordered_list_open = bullet_list_open

    def fence(self, tokens, idx, options, env):
        token = tokens[idx]
        language = language_of(token.info)
        body = env["job"].code.highlight(token.content, language)
        shown = f' data-language="{escape(language)}"' if language else ""
        # HTML drops a first line break in pre: one that is meant needs another.
        lead = "\n" if body.startswith("\n") else ""
        return f'<pre class="code"{shown}><code>{lead}{body}</code></pre>\n'

    def code_block(self, tokens, idx, options, env):
        return f'<pre class="code"><code>{escape(tokens[idx].content, quote=False)}</code></pre>\n'

    def html_block(self, tokens, idx, options, env):
        return env["job"].raw.filter(tokens[idx].content)

    html_inline = html_block

    def math_inline(self, tokens, idx, options, env):
        return _math(tokens[idx], env["job"], block=False)

    def math_inline_double(self, tokens, idx, options, env):
        return _math(tokens[idx], env["job"], block=True)

    def math_block(self, tokens, idx, options, env):
        return f'<div class="math-block">{_math(tokens[idx], env["job"], block=True)}</div>\n'

    def admonition_open(self, tokens, idx, options, env):
        kind = tokens[idx].meta["kind"]
        title = tokens[idx].meta["title"] or label(kind, env["job"].language)
        return (
            f'<div class="admonition admonition-{kind}" role="note">\n'
            f'<p class="admonition-title">{escape(title, quote=False)}</p>\n'
        )

    def admonition_close(self, tokens, idx, options, env):
        return "</div>\n"

    def footnote_ref(self, tokens, idx, options, env):
        mark, meta = env["job"].mark, tokens[idx].meta
        number = meta["id"] + 1
        return (
            f'<sup class="footnote-ref"><a class="footnote-ref" href="#{mark}fn{number}" '
            f'id="{mark}fnref{_occurrence(meta)}">{number}</a></sup>'
        )

    def footnote_block_open(self, tokens, idx, options, env):
        return '<section class="footnotes">\n<ol>\n'

    def footnote_block_close(self, tokens, idx, options, env):
        return "</ol>\n</section>\n"

    def footnote_open(self, tokens, idx, options, env):
        return f'<li id="{env["job"].mark}fn{tokens[idx].meta["id"] + 1}">'

    def footnote_anchor(self, tokens, idx, options, env):
        mark = env["job"].mark
        # U+FE0E: the arrow as text, not as a picture.
        return (
            f' <a class="footnote-backref" href="#{mark}fnref{_occurrence(tokens[idx].meta)}">'
            "\u21a9\ufe0e</a>"
        )


def _occurrence(meta: dict) -> str:
    number = meta["id"] + 1
    return f"{number}-{meta['subId'] + 1}" if meta.get("subId") else str(number)


def _math(token: Token, job: Job, *, block: bool) -> str:
    tex = token.content.strip()
    job.tex_left -= len(tex)
    mathml = to_mathml(tex, block=block) if job.tex_left >= 0 else None
    if mathml is None:
        return f"<code>{escape(token.markup + tex + token.markup, quote=False)}</code>"
    return job.insert(mathml, tex)


def _keep_letters(url: str) -> str:
    """`url` with what would break an attribute or fool a browser percent-encoded."""
    return _UNSAFE_IN_URL.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url
    )


def _build_full() -> MarkdownIt:
    md = _build(autolinks=True)
    md.renderer = _FullRenderer(md)
    md.normalizeLink = _keep_letters
    rules.use_footnotes(md)
    rules.use_definition_lists(md)
    rules.use_math(md)
    rules.use_admonitions(md)
    rules.use_headings(md)
    rules.use_figures(md)
    rules.use_unspaced_lines(md)
    # The plug-ins have put their own renderers in; ours are methods of the class.
    md.renderer = _FullRenderer(md)
    return md


_FULL = _build_full()
# The rule chains are built at the first call: have it now, before there are threads.
for _md in (_PLAIN, _WITH_AUTOLINKS):
    _md.render("a")


def to_unsafe_html(source: str, job: Job) -> str:
    """`source` in our whole language as HTML that still has to be sanitised and finished."""
    return _FULL.render(source, {"job": job})
