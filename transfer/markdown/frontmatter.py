"""The block of settings at the head of a Markdown file: YAML, TOML or JSON, told from the text."""

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

import yaml

MAX_FRONT_MATTER = 64_000  # characters; the longest in the blogs we know has 2,000
MAX_YAML_ALIASES = 20  # merged aliases multiply: ten levels of ten would be 10^10 nodes

_LEADING_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_YAML_FENCE = re.compile(r"-{3,}[ \t]*")
_KEY_LINE = re.compile(r"[A-Za-z_][\w-]*:(?:[ \t]|$)")
_YAML_ALIAS = re.compile(r"(?:^|[\s\[,{:])\*[\w-]", re.MULTILINE)
_TOML_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


class FrontMatterError(ValueError):
    """Front matter that cannot be read; `line` is the line of the file, counted from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What `split` found.

    `form` is "yaml", "toml", "json" or "" (none). Keys are lower case, as Hugo reads them.
    `body` is the Markdown behind it and `body_line` the line of the file it begins on.
    """

    form: str
    data: dict[str, Any]
    body: str
    body_line: int
    source: str = ""
    source_line: int = 1

    def line_of(self, key: str) -> int:
        """The line of the file on which `key` stands; the first of the block if unseen."""
        pattern = re.compile(rf"[\s\"'{{\[]*{re.escape(key)}[\"'\]]*\s*[:=]", re.IGNORECASE)
        for number, line in enumerate(self.source.split("\n"), self.source_line):
            if pattern.match(line):
                return number
        return self.source_line


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """The safe loader, with times left as text: 2015-02-30 is our error, with its line."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in _Loader.yaml_implicit_resolvers.items()
}


def split(text: str) -> FrontMatter:
    """Part `text` (decoded, line feeds only) into front matter and body.

    Knows `---` (YAML), `+++` (TOML), `{` (JSON), Hexo's YAML without an opening line and its
    `;;;`; blank lines and HTML comments may stand before. Raises FrontMatterError.
    """
    text = text.removeprefix("\ufeff")
    for start in _starts(text):
        found = _read_at(text, start)
        if found is not None:
            return found
    return FrontMatter("", {}, text, 1)


def _starts(text: str) -> list[int]:
    """Where front matter may begin: at the first text, or behind leading comments."""
    starts = [len(text) - len(text.lstrip())]
    comment = _LEADING_COMMENT.match(text)
    while comment:
        rest = text[comment.end() :]
        starts.append(comment.end() + len(rest) - len(rest.lstrip()))
        comment = _LEADING_COMMENT.match(text, comment.end())
    return starts


def _read_at(text: str, start: int) -> FrontMatter | None:
    first_line = text.count("\n", 0, start) + 1
    rest = text[start:]
    opening, _, after = rest.partition("\n")
    if opening.rstrip() == "+++":
        return _fenced(after, first_line + 1, re.compile(r"\+{3}[ \t]*"), "toml")
    if _YAML_FENCE.fullmatch(opening) and opening.startswith("---"):
        return _fenced(after, first_line + 1, re.compile(r"(?:-{3,}|\.{3})[ \t]*"), "yaml")
    if opening.rstrip() == ";;;":
        return _fenced(after, first_line + 1, re.compile(r";{3}[ \t]*"), "json")
    if rest.startswith("{") and not rest.startswith(("{{", "{%")):
        return _json_object(rest, first_line)
    if _KEY_LINE.match(opening):
        return _unopened(rest, first_line)
    return None


def _fenced(rest: str, line: int, closing: re.Pattern[str], form: str) -> FrontMatter | None:
    """The block that ends at the first line that is `closing`."""
    lines = rest.split("\n")
    for index, candidate in enumerate(lines):
        if closing.fullmatch(candidate):
            source = "\n".join(lines[:index])
            body = "\n".join(lines[index + 1 :])
            return _front_matter(form, source, line, body, line + index + 1)
    if form == "yaml":
        # A thematic break opens many a plain file; it is front matter only when it is closed.
        if lines and _KEY_LINE.match(lines[0]):
            raise FrontMatterError("The front matter is never closed with ---.", line - 1)
        return None
    raise FrontMatterError("The front matter is never closed.", line - 1)


def _unopened(rest: str, line: int) -> FrontMatter | None:
    """Hexo's way: settings from the first line, closed by `---`.

    Without a closing line it takes a title and a date, up to the first blank line: then somebody
    forgot both lines. Anything less is text.
    """
    lines = rest.split("\n")
    for index, candidate in enumerate(lines):
        if _YAML_FENCE.fullmatch(candidate) and candidate.startswith("---"):
            source = "\n".join(lines[:index])
            if not all(lines[:index]):
                break
            return _front_matter(
                "yaml", source, line, "\n".join(lines[index + 1 :]), line + index + 1
            )
    block = lines[: lines.index("")] if "" in lines else lines
    names = {match[0].rstrip(": \t") for match in map(_KEY_LINE.match, block) if match}
    if len(names) == len(block) and {"title", "date"} <= names:
        body = "\n".join(lines[len(block) :])
        return _front_matter("yaml", "\n".join(block), line, body, line + len(block))
    return None


def _json_object(rest: str, line: int) -> FrontMatter | None:
    try:
        _, end = json.JSONDecoder().raw_decode(rest[: MAX_FRONT_MATTER + 1])
    except json.JSONDecodeError as error:
        if re.match(r'\{\s*"[\w-]+"\s*:', rest):
            raise FrontMatterError(f"JSON: {error.msg}.", line + error.lineno - 1) from error
        return None
    except RecursionError as error:
        raise FrontMatterError("JSON: nested too deeply.", line) from error
    lines_used = rest.count("\n", 0, end)
    tail, _, body = rest[end:].partition("\n")
    if tail.strip():
        return None
    return _front_matter("json", rest[:end], line, body, line + lines_used + 1)


def _front_matter(form: str, source: str, line: int, body: str, body_line: int) -> FrontMatter:
    if len(source) > MAX_FRONT_MATTER:
        raise FrontMatterError(f"Front matter above {MAX_FRONT_MATTER:,} characters.", line)
    data = {"yaml": _yaml, "toml": _toml, "json": _json}[form](source, line)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise FrontMatterError("The front matter is not a list of keys and values.", line)
    keys = {str(key).strip().lower(): value for key, value in data.items()}
    return FrontMatter(form, keys, body, body_line, source, line)


def _yaml(source: str, line: int) -> Any:
    if len(_YAML_ALIAS.findall(source)) > MAX_YAML_ALIASES:
        raise FrontMatterError(f"YAML: more than {MAX_YAML_ALIASES} aliases.", line)
    try:
        return yaml.load(source, Loader=_Loader)  # noqa: S506 (derived from the safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise FrontMatterError(f"YAML: {problem}.", line + (mark.line if mark else 0)) from error
    except (ValueError, RecursionError, TypeError) as error:
        raise FrontMatterError(f"YAML: {error}.", line) from error


def _toml(source: str, line: int) -> Any:
    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        position = _TOML_POSITION.search(str(error))
        number = int(position[1]) if position and position[1] else source.count("\n") + 1
        reason = _TOML_POSITION.sub("", str(error))
        raise FrontMatterError(f"TOML: {reason}.", line + number - 1) from error


def _json(source: str, line: int) -> Any:
    if not source.lstrip().startswith("{"):
        source = "{" + source + "}"  # Hexo leaves the braces out.
    try:
        return json.loads(source)
    except json.JSONDecodeError as error:
        raise FrontMatterError(f"JSON: {error.msg}.", line + error.lineno - 1) from error
    except RecursionError as error:
        raise FrontMatterError("JSON: nested too deeply.", line) from error
