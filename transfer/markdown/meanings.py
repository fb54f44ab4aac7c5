"""What the shortcodes of the old generators mean, written as Markdown."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

_ARGUMENT = re.compile(
    r"(?:([\w-]+)\s*[=:]\s*)?(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|`([^`]*)`|([^\s,\"'`]+))"
)
_ADDRESS = re.compile(r"(?:https?://|/)\S+")
_ALERTS = {
    "note": "NOTE",
    "info": "NOTE",
    "tip": "TIP",
    "hint": "TIP",
    "important": "IMPORTANT",
    "warning": "WARNING",
    "caution": "CAUTION",
    "danger": "CAUTION",
    "error": "CAUTION",
    "success": "TIP",
    "primary": "NOTE",
    "default": "NOTE",
}


class Call(NamedTuple):
    """A shortcode as it stands in the text; `inner` is None when it has no end."""

    name: str
    args: str
    inner: str | None
    style: str  # "hugo", "zola" or "liquid"

    def arguments(self) -> tuple[dict[str, str], list[str]]:
        """Those with a name (lower case) and those without, in order."""
        named, plain = {}, []
        for match in _ARGUMENT.finditer(self.args):
            value = next((part for part in match.groups()[1:] if part is not None), "")
            value = value.replace('\\"', '"')
            if match[1]:
                named[match[1].lower()] = value
            else:
                plain.append(value)
        return named, plain


class Markdown(NamedTuple):
    """A piece of Markdown; a block wants lines of its own."""

    source: str
    is_block: bool = False


def of(call: Call) -> Markdown | None:
    """The Markdown that `call` means; None when it has no plain meaning."""
    name = call.name.lower()
    meaning = _MEANINGS.get(name)
    if meaning is None and name in _ALERTS and call.inner is not None:
        return alert(_ALERTS[name], call)
    if meaning is None and call.style == "liquid":
        meaning = _LIQUID_MEANINGS.get(name)
    return meaning(call) if meaning else None


def image(src: str, *, alt: str = "", caption: str = "", link: str = "") -> str:
    """An image as Markdown; with a caption it becomes a figure, with a link it leads there."""
    target = f"<{src}>" if re.search(r"[\s()]", src) else src
    escaped = _one_line(caption).replace("\\", "\\\\").replace('"', '\\"')
    title = f' "{escaped}"' if caption else ""
    label = re.sub(r"([\[\]])", r"\\\1", _one_line(alt))
    picture = f"![{label}]({target}{title})"
    return f"[{picture}]({link})" if link else picture


def link(text: str, href: str) -> str:
    """A link with visible text."""
    label = re.sub(r"([\[\]])", r"\\\1", _one_line(text))
    return f"[{label}]({quote(href, safe=':/?#[]@!$&*+,;=%~')})"


def alert(kind: str, call: Call) -> Markdown:
    """A note as GitHub writes it."""
    named, plain = call.arguments()
    title = named.get("title") or (plain[0] if plain and call.style == "hugo" else "")
    lines = _dedent(call.inner or "").strip("\n").split("\n")
    if title and title.lower() not in _ALERTS:
        lines = [f"**{_one_line(title)}**", "", *lines]
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return Markdown(f"> [!{kind}]\n{quoted}", is_block=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _dedent(text: str) -> str:
    """Without the indent that all lines behind the first share."""
    lines = text.split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    shared = min(indents, default=0)
    return "\n".join(line[shared:] if line.strip() else "" for line in lines)


def _fence(code: str, language: str) -> Markdown:
    code = code.strip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    marks = "`" * (longest + 1)
    return Markdown(f"{marks}{language}\n{code}\n{marks}", is_block=True)


def _figure(call: Call) -> Markdown | None:
    named, plain = call.arguments()
    src = named.get("src") or named.get("path") or named.get("url") or (plain[0] if plain else "")
    if not src:
        return None
    caption = named.get("caption") or ""
    title = named.get("title") or ""
    caption = f"{title}: {caption}" if title and caption else caption or title
    alt = named.get("alt") or ""
    if call.inner and call.inner.strip() and not caption:
        caption = call.inner
    target = named.get("link", "") if call.style == "hugo" else named.get("href", "")
    return Markdown(image(src, alt=alt, caption=caption, link=target), is_block=True)


def _processed_image(call: Call) -> Markdown | None:
    """Docsy's imgproc: an image of the bundle by the beginning of its name, with a caption."""
    _, plain = call.arguments()
    if not plain:
        return None
    return Markdown(image(plain[0], caption=call.inner or ""), is_block=True)


def _typed_alert(call: Call) -> Markdown | None:
    named, plain = call.arguments()
    word = (named.get("type") or named.get("color") or (plain[0] if plain else "note")).lower()
    if call.inner is None:
        return None
    return alert(_ALERTS.get(word, "NOTE"), call._replace(args=call.args if named else ""))


def _highlight(call: Call) -> Markdown | None:
    if call.inner is None:
        return None
    named, plain = call.arguments()
    language = named.get("lang") or named.get("language") or (plain[0] if plain else "")
    return _fence(_dedent(call.inner), language)


def _codeblock(call: Call) -> Markdown | None:
    """Hexo: `codeblock [title] [lang:x] [url] [link text]`."""
    if call.inner is None:
        return None
    language = re.search(r"\blang:(\S+)", call.args)
    rest = re.sub(r"\b\w+:[^\s/]\S*", "", call.args).strip()
    address = _ADDRESS.search(rest)
    fence = _fence(call.inner, language[1] if language else "")
    title = rest[: address.start()].strip() if address else rest
    head = [f"*{_one_line(title)}*"] if title else []
    if address:
        head.append(link(rest[address.end() :].strip() or address[0], address[0]))
    source = " ".join(head) + "\n\n" + fence.source if head else fence.source
    return Markdown(source, is_block=True)


def _quote(call: Call) -> Markdown | None:
    """Hexo: `blockquote author[, source] [link] [source link title]`."""
    if call.inner is None:
        return None
    lines = [f"> {line}".rstrip() for line in _dedent(call.inner).strip("\n").split("\n")]
    named, _ = call.arguments()
    credit = call.args.strip() if call.style == "liquid" else named.get("author", "")
    address = _ADDRESS.search(credit)
    if address:
        source = credit[address.end() :].strip() or address[0]
        credit = f"{credit[: address.start()].strip()}, {link(source, address[0])}".lstrip(", ")
    if credit:
        lines += [">", f"> — {credit}"]
    return Markdown("\n".join(lines), is_block=True)


def _pull_quote(call: Call) -> Markdown | None:
    return _quote(call._replace(args=""))


def _video(site: str, address: str) -> Callable[[Call], Markdown | None]:
    """A plain link to the film: a reader's page asks no other host for anything."""

    def meaning(call: Call) -> Markdown | None:
        named, plain = call.arguments()
        key = named.get("id") or (plain[0] if plain else "")
        if not key:
            return None
        key = key.replace("?", "&", 1) if "watch?" in address else key
        title = named.get("title") or ""
        return Markdown(link(f"{site}: {title}" if title else site, address.format(key)))

    return meaning


def _gist(call: Call) -> Markdown | None:
    _, plain = call.arguments()
    if not plain:
        return None
    return Markdown(link("Gist", "https://gist.github.com/" + "/".join(plain[:2])))


def _reference(call: Call) -> Markdown | None:
    """A link to a file of the site; `@/` is resolved with the other links."""
    named, plain = call.arguments()
    target = named.get("path") or (plain[0] if plain else "")
    return Markdown("@/" + quote(target.lstrip("/"), safe="/#.@~")) if target else None


def _post_link(call: Call) -> Markdown | None:
    """Hexo: `post_link name [title]`."""
    name, _, title = call.args.strip().partition(" ")
    if not name:
        return None
    return Markdown(link(title.strip("'\" ") or name, "@/" + name))


def _asset(call: Call) -> Markdown | None:
    """Hexo: `asset_img name [title]` and `img [class] /path [width] [height] [title]`."""
    _, plain = call.arguments()
    src = next((part for part in plain if "." in part), "")
    if not src:
        return None
    rest = [part for part in plain[plain.index(src) + 1 :] if not part.isdecimal()]
    return Markdown(image(src, alt=rest[0] if rest else ""), is_block=True)


def _asset_path(call: Call) -> Markdown | None:
    return Markdown(call.args.strip()) if call.args.strip() else None


def _text_argument(call: Call) -> Markdown | None:
    named, _ = call.arguments()
    return Markdown(named["text"]) if named.get("text") else None


def _captioned(call: Call) -> Markdown | None:
    """A table with a caption: the caption as a line of its own under it."""
    if call.inner is None:
        return None
    named, _ = call.arguments()
    caption = _one_line(named.get("caption", ""))
    source = call.inner.strip("\n") + (f"\n\n*{caption}*" if caption else "")
    return Markdown(source, is_block=True)


def _nothing(call: Call) -> Markdown | None:
    return Markdown("") if call.inner is not None else None


def _inner(call: Call) -> Markdown | None:
    return Markdown(call.inner) if call.inner is not None else None


def _hexo_link(call: Call) -> Markdown | None:
    """Hexo: `link text url [external] [title]`; Jekyll: `link path/of/file.md`."""
    address = re.search(r"https?://\S+", call.args)
    if address and address.start() > 0:
        return Markdown(link(call.args[: address.start()].strip(), address[0]))
    return _reference(call)


def _plain_link(site: str, address: str) -> Callable[[Call], Markdown | None]:
    def meaning(call: Call) -> Markdown | None:
        _, plain = call.arguments()
        return Markdown(link(site, address.format(plain[0]))) if plain else None

    return meaning


_MEANINGS: dict[str, Callable[[Call], Markdown | None]] = {
    **dict.fromkeys(("figure", "img", "image"), _figure),
    "imgproc": _processed_image,
    **dict.fromkeys(("alert", "admonition", "callout", "notice", "hint"), _typed_alert),
    **dict.fromkeys(("highlight", "code"), _highlight),
    "codeblock": _codeblock,
    **dict.fromkeys(("blockquote", "quote"), _quote),
    "pullquote": _pull_quote,
    "youtube": _video("YouTube", "https://www.youtube.com/watch?v={}"),
    "vimeo": _video("Vimeo", "https://vimeo.com/{}"),
    "gist": _gist,
    **dict.fromkeys(("ref", "relref", "post_url"), _reference),
    "table": _captioned,
    "comment": _nothing,
    "raw": _inner,
    "glossary_tooltip": _text_argument,
}
_LIQUID_MEANINGS: dict[str, Callable[[Call], Markdown | None]] = {
    "link": _hexo_link,
    "post_link": _post_link,
    "asset_img": _asset,
    "asset_path": _asset_path,
    "jsfiddle": _plain_link("JSFiddle", "https://jsfiddle.net/{}"),
}
