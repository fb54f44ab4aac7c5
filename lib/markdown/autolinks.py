"""GFM's bare addresses: `https://…`, `www.…` and e-mail, found while a paragraph is read.

Follows https://github.github.com/gfm/#autolinks-extension- with two additions that Chinese and
Japanese need: an address may follow any character but a Latin letter or digit, and full-width
punctuation ends it. Each attempt looks at no more than MAX_CHARACTERS.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

MAX_CHARACTERS = 2_048

_WIDE = "\u2018-\u201f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_LABEL = rf"(?:[\w-]|[^\x00-\x7f\s{_WIDE}])++"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_REST = re.compile(rf"[^\s<{_WIDE}]*+")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.+_\-]+\Z")
_MAIL_HOST = re.compile(r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)++")
_TRAILING_ENTITY = re.compile(r"&[A-Za-z0-9]+;\Z")
_BEFORE_WWW = frozenset(" \t\n*_~(")


def use_autolinks(md: MarkdownIt) -> None:
    """Add the three rules to `md`."""
    md.inline.add_terminator_char("w")
    md.inline.ruler.push("bare_www", _www)
    md.inline.ruler.push("bare_url", _url)
    md.inline.ruler.push("bare_mail", _mail)


def _www(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if silent or state.linkLevel or not state.src.startswith("www.", start):
        return False
    before = state.src[start - 1 : start]
    if before and before not in _BEFORE_WWW and before.isascii():
        return False
    address = _address(state, start, start, needs_dot=True)
    if not address:
        return False
    _push(state, 0, "http://" + address, address)
    state.pos = start + len(address)
    return True


def _url(state: StateInline, silent: bool) -> bool:
    colon = state.pos
    if silent or state.linkLevel or not state.src.startswith("://", colon):
        return False
    for scheme in ("https", "http", "ftp"):
        if state.src.endswith(scheme, 0, colon):
            break
    else:
        return False
    start = colon - len(scheme)
    before = state.src[start - 1 : start] if start else ""
    if (before.isascii() and before.isalnum()) or not state.pending.endswith(scheme):
        return False
    address = _address(state, start, colon + 3, needs_dot=False)
    if not address:
        return False
    _push(state, len(scheme), address, address)
    state.pos = start + len(address)
    return True


def _address(state: StateInline, start: int, host: int, *, needs_dot: bool) -> str:
    """The address from `start` whose domain begins at `host`, or ""."""
    end = min(state.posMax, start + MAX_CHARACTERS)
    domain = _DOMAIN.match(state.src, host, end)
    if not domain:
        return ""
    labels = domain[0].split(".")
    if "_" in "".join(labels[-2:]) or (needs_dot and len(labels) < 2):
        return ""
    whole = state.src[start : _REST.match(state.src, domain.end(), end).end()]
    return _trim(whole) if len(_trim(whole)) > host - start else ""


def _trim(address: str) -> str:
    """Without punctuation at the end that belongs to the sentence."""
    closing = address.count(")") - address.count("(")
    while address:
        last = address[-1]
        if last in "?!.,:*_~'\"[]":
            address = address[:-1]
        elif last == ")" and closing > 0:
            closing -= 1
            address = address[:-1]
        elif last == ";":
            entity = _TRAILING_ENTITY.search(address)
            address = address[: entity.start()] if entity else address[:-1]
        else:
            break
    return address


def _mail(state: StateInline, silent: bool) -> bool:
    at = state.pos
    if silent or state.linkLevel or state.src[at] != "@":
        return False
    local = _LOCAL_PART.search(state.src[max(0, at - 64) : at])
    host = _MAIL_HOST.match(state.src, at + 1, min(state.posMax, at + 254))
    if not local or not host or host[0][-1] in "-_" or state.src.startswith("@", host.end()):
        return False
    if not _take_back(state, local[0]):
        return False
    address = f"{local[0]}@{host[0]}"
    _push(state, 0, "mailto:" + address, address)
    state.pos = host.end()
    return True


def _take_back(state: StateInline, text: str) -> bool:
    """Remove `text` from what has been read; underscores in it are tokens of their own by now."""
    pending = state.pending
    rest = text
    count = len(state.tokens)
    while not pending.endswith(rest):
        if not rest.endswith(pending) or not count:
            return False
        rest = rest[: len(rest) - len(pending)]
        token = state.tokens[count - 1]
        if token.type != "text":
            return False
        count -= 1
        pending = token.content
    while state.delimiters and state.delimiters[-1].token >= count:
        state.delimiters.pop()
    del state.tokens[count:], state.tokens_meta[count:]
    state.pending = pending[: len(pending) - len(rest)]
    return True


def _push(state: StateInline, back: int, href: str, text: str) -> None:
    if back:
        state.pending = state.pending[:-back]
    token = state.push("link_open", "a", 1)
    token.attrs = {"href": state.md.normalizeLink(href)}
    token.markup = "autolink"
    token.info = "auto"
    state.push("text", "", 0).content = state.md.normalizeLinkText(text)
    token = state.push("link_close", "a", -1)
    token.markup = "autolink"
    token.info = "auto"
