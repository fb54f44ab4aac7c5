"""Shortcodes and tags of the old generators: those with a plain meaning become Markdown.

The rest stays as visible text and is reported with its name. What is found where is told by the
dialect; what it means is in `meanings`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from transfer.markdown import meanings
from transfer.markdown.code import Spans, code_spans
from transfer.markdown.meanings import Call
from transfer.markdown.source import Loss

MAX_DEPTH = 4  # shortcodes within shortcodes
MAX_SHORTCODES = 5_000  # openings in one file; with more, all stay as they are

_HUGO = re.compile(
    r"\{\{(?P<open>[<%])(?P<escaped>/\*)?\s*(?P<close>/)?\s*(?P<name>[\w./-]+)"
    r"(?P<args>(?:(?!\{\{[<%]).){0,2000}?)"
    r"\s*/?(?:\*/)?[>%]\}\}",
    re.DOTALL,
)
_ZOLA = re.compile(
    r"(?P<open>\{\{|\{%)(?P<escaped>/\*)?-?\s*(?P<name>[A-Za-z_][\w:]*)\s*"
    r"\((?P<args>(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|`[^`]{0,2000}`|[^()\"'`]){0,2000})\)"
    r"\s*-?(?:\*/)?(?:\}\}|%\})"
    r"|(?P<end>\{%-?\s*end\s*-?%\})",
    re.DOTALL,
)
_LIQUID = re.compile(r"\{%-?\s*(?P<name>\w+)(?P<args>(?:[^%]|%(?!\})){0,2000}?)-?%\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{-?\s*(?P<inner>[^{}]*?)\s*-?\}\}", re.DOTALL)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}")
_END_RAW = re.compile(r"\{%-?\s*endraw\s*-?%\}")
_LITERAL = re.compile(r"(?:\"([^\"]*)\"|'([^']*)')((?:\s*\|\s*(?:relative_url|absolute_url))*)")
_SITE_VALUE = re.compile(r"(?:site|config)\.(\w+)")


@dataclass
class _Tag:
    """One shortcode in the text: where it is, what it says."""

    start: int
    end: int
    name: str
    args: str
    closing: bool = False
    inline: bool = False  # its name alone tells it has no end


def translate(
    body: str, dialect: str, *, path: str, first_line: int, config: Mapping[str, Any]
) -> tuple[str, list[Loss]]:
    """`body` with the shortcodes of `dialect` turned into Markdown, and what was left as it is.

    Lines are counted from `first_line`, the line of the file on which the body begins; `config`
    gives the values of `site.…`.
    """
    reader = {"hugo": _hugo, "zola": _zola, "jekyll": _jekyll, "hexo": _hexo}[dialect]
    losses: list[Loss] = []

    def lose(name: str, offset: int, text: str) -> None:
        line = first_line + body.count("\n", 0, offset)
        losses.append(Loss("shortcode", path, line, " ".join(text.split())[:120], name))

    if body.count("{{") + body.count("{%") > MAX_SHORTCODES:
        lose("too_many", 0, f"More than {MAX_SHORTCODES:,}: none was read.")
        return body, losses
    return reader(body, lose, config), losses


_Lose = Callable[[str, int, str], None]


def _hugo(body: str, lose: _Lose, config: Mapping[str, Any]) -> str:
    if "{{<" not in body and "{{%" not in body:
        return body
    tags, escaped = [], []
    for match in _HUGO.finditer(body):
        if match["escaped"]:
            escaped.append(match.span())
        else:
            closing = bool(match["close"])
            tags.append(_Tag(*match.span(), match["name"], match["args"], closing))
    return _replace(body, tags, lose, style="hugo", literals=escaped)


def _zola(body: str, lose: _Lose, config: Mapping[str, Any]) -> str:
    if "{{" not in body and "{%" not in body:
        return body
    tags, escaped = [], []
    for match in _ZOLA.finditer(body):
        if match["end"]:
            tags.append(_Tag(*match.span(), "", "", closing=True))
        elif match["escaped"]:
            escaped.append(match.span())
        else:
            inline = match["open"] == "{{"
            tags.append(_Tag(*match.span(), match["name"], match["args"], inline=inline))
    return _replace(body, tags, lose, style="zola", literals=escaped)


def _jekyll(body: str, lose: _Lose, config: Mapping[str, Any]) -> str:
    """Liquid runs before Markdown, so it counts within code too; `raw` is what protects it."""
    return _liquid(body, lose, config, protected=Spans([]))


def _hexo(body: str, lose: _Lose, config: Mapping[str, Any]) -> str:
    """Like Jekyll's, but fenced code and code spans are left alone."""
    return _liquid(body, lose, config, protected=code_spans(body))


def _liquid(body: str, lose: _Lose, config: Mapping[str, Any], protected: Spans) -> str:
    if "{{" not in body and "{%" not in body:
        return body
    raw = _raw_blocks(body, protected)
    closed = Spans([(tag.start, tag.end) for tag in raw])
    tags = list(raw)
    for match in _LIQUID.finditer(body):
        name = match["name"]
        closing = name.startswith("end") and len(name) > 3
        tags.append(
            _Tag(*match.span(), name[3:] if closing else name, match["args"].strip(), closing)
        )
    for match in _EXPRESSION.finditer(body):
        tags.append(_Tag(*match.span(), "{{", match["inner"], inline=True))
    seen = [
        tag
        for tag in tags
        if not protected.cover(tag.start) and (tag in raw or not closed.cover(tag.start))
    ]
    seen.sort(key=lambda tag: tag.start)
    return _replace(body, seen, lose, style="liquid", literals=[], config=config)


def _raw_blocks(body: str, protected: Spans) -> list[_Tag]:
    """What stands between `raw` and `endraw`, as tags whose argument is the text itself."""
    tags: list[_Tag] = []
    position = 0
    while opening := _RAW.search(body, position):
        position = opening.end()
        if protected.cover(opening.start()):
            continue
        closing = _END_RAW.search(body, position)
        if closing is None:
            break
        inner = body[opening.end() : closing.start()]
        tags.append(_Tag(opening.start(), closing.end(), "raw", inner, inline=True))
        position = closing.end()
    return tags


def _replace(
    body: str,
    tags: list[_Tag],
    lose: _Lose,
    *,
    style: str,
    literals: list[tuple[int, int]],
    config: Mapping[str, Any] | None = None,
) -> str:
    """Rebuild `body` from the inside out: each tag, with its end where it has one."""
    edits: list[tuple[int, int, str]] = [
        (start, end, body[start:end].replace("/*", "", 1).replace("*/", "", 1))
        for start, end in literals
    ]
    edits += _translated(body, 0, len(body), tags, lose, style, config or {}, depth=0)
    return _apply(body, 0, len(body), edits)


def _apply(body: str, start: int, end: int, edits: list[tuple[int, int, str]]) -> str:
    parts, position = [], start
    for first, last, text in sorted(edits):
        if first < position or last > end:
            continue
        parts += [body[position:first], text]
        position = last
    return "".join([*parts, body[position:end]])


def _translated(
    body: str,
    start: int,
    end: int,
    tags: list[_Tag],
    lose: _Lose,
    style: str,
    config: Mapping[str, Any],
    depth: int,
) -> list[tuple[int, int, str]]:
    """The edits for the tags between two offsets."""
    edits = []
    position = 0
    inside = [tag for tag in tags if start <= tag.start and tag.end <= end]
    while position < len(inside):
        tag = inside[position]
        position += 1
        if tag.closing:
            lose(tag.name or "end", tag.start, body[tag.start : tag.end])
            continue
        if tag.name == "{{":
            text = _expression(tag.args, config)
        elif tag.name == "raw" and tag.inline:
            text = tag.args
        else:
            closing = None if tag.inline else _closing(inside, position, style)
            last = inside[closing].end if closing is not None else tag.end
            inner = None
            kept: list[tuple[str, int, str]] = []
            if closing is not None:
                first, stop = tag.end, inside[closing].start
                within = []
                if depth < MAX_DEPTH:
                    # What is lost within counts only if this one is understood.
                    lose_later = partial(_collect, kept)
                    within = _translated(
                        body, first, stop, tags, lose_later, style, config, depth + 1
                    )
                inner = _apply(body, first, stop, within)
            text = meanings.of(Call(tag.name, tag.args, inner, style))
            if text is not None:
                for loss in kept:
                    lose(*loss)
                edits.append((tag.start, last, _placed(body, tag.start, last, text)))
                position = closing + 1 if closing is not None else position
                continue
            if closing is not None:
                # Its end is no loss of its own; what is between is looked at in turn.
                inside.pop(closing)
        if text is None:
            name = "expression" if tag.name == "{{" else tag.name
            lose(name, tag.start, body[tag.start : tag.end])
        else:
            edits.append((tag.start, tag.end, text))
    return edits


def _collect(kept: list[tuple[str, int, str]], *loss) -> None:
    kept.append(loss)


def _closing(tags: list[_Tag], position: int, style: str) -> int | None:
    """The index of the tag that ends the one before `position`, nested ones passed over."""
    name, depth = tags[position - 1].name, 1
    for index in range(position, len(tags)):
        tag = tags[index]
        if style == "zola":
            depth += 0 if tag.inline else -1 if tag.closing else 1
        elif tag.name == name:
            depth += -1 if tag.closing else 1
        if depth == 0:
            return index
    return None


def _placed(body: str, start: int, end: int, text: meanings.Markdown) -> str:
    """Blocks get lines of their own between blank ones, at the indent of the line they were on."""
    if not text.is_block:
        return text.source
    line_start = body.rfind("\n", 0, start) + 1
    line_end = body.find("\n", end)
    line_end = line_end if line_end >= 0 else len(body)
    before, after = body[line_start:start], body[end:line_end]
    indent = "" if before.strip() else before
    block = text.source.replace("\n", "\n" + indent)
    above = body[: max(line_start - 1, 0)].rpartition("\n")[2]
    below = body[line_end + 1 :].partition("\n")[0]
    if before.strip():
        block = "\n\n" + block
    elif above.strip():
        block = "\n" + indent + block
    if after.strip():
        block += "\n\n"
    elif below.strip():
        block += "\n"
    return block


def _expression(inner: str, config: Mapping[str, Any]) -> str | None:
    """The value of `{{ "text" | relative_url }}` and of `{{ site.key }}`; None if unknown."""
    literal = _LITERAL.fullmatch(inner)
    if literal:
        return literal[1] or literal[2] or ""
    value = _SITE_VALUE.fullmatch(inner)
    if value and value[1] in {"baseurl", "root"} and value[1] not in config:
        return ""
    if value and isinstance(config.get(value[1]), str):
        return config[value[1]]
    return None
