"""From the text of a source to the text we store, as far as that needs no database."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from transfer.markdown import links, meanings, shortcodes
from transfer.markdown.links import Use
from transfer.markdown.resolve import Resolver, Target
from transfer.markdown.source import Loss, Source, SourcePost


@dataclass(slots=True)
class Prepared:
    """A post with its shortcodes translated and its links resolved, but not yet rewritten."""

    post: SourcePost
    text: str
    uses: list[tuple[Use, Target]]
    cover: Path | None
    fingerprint: str
    losses: list[Loss] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        """The pictures it shows, each once, the cover first."""
        found = [self.cover] if self.cover else []
        found += [target.file for _, target in self.uses if target.file]
        return list(dict.fromkeys(found))

    def line_of(self, address: str) -> int:
        """The line of the file on which `address` first stands, 0 when it cannot be found."""
        wanted = unquote(address)
        for use, _ in self.uses:
            if unquote(use.address) == wanted:
                return self._line(self.text[use.start : use.end])
        return self._line(address)

    def _line(self, typed: str) -> int:
        offset = self.post.body.find(typed) if typed else -1
        return self.post.body_line + self.post.body.count("\n", 0, offset) if offset >= 0 else 0


def prepare(post: SourcePost, source: Source, resolver: Resolver, extra: list[str]) -> Prepared:
    """Everything about `post` that its files decide.

    `extra` are choices of this import that change the result; they go into the fingerprint.
    """
    text, losses = shortcodes.translate(
        post.body,
        source.dialect,
        path=post.path,
        first_line=post.body_line,
        config=source.config,
    )
    text = text.strip("\n")
    if post.photos:
        gallery = "\n\n".join(meanings.image(photo) for photo in post.photos)
        text = f"{text}\n\n{gallery}".lstrip("\n")
    text += "\n" if text else ""
    uses = [(use, resolver.target(use, post)) for use in links.find(text)]
    cover = None
    if post.cover:
        use = Use(post.cover, True, 0, 0)
        cover = resolver.target(use, post).file
        if cover is None:
            losses.append(Loss("missing_cover", post.path, 0, post.cover))
    fingerprint = _fingerprint(post, uses, cover, source, extra)
    prepared = Prepared(post, text, uses, cover, fingerprint, post.losses + losses)
    prepared.losses += _losses_of_text(prepared)
    return prepared


def _losses_of_text(prepared: Prepared) -> list[Loss]:
    post, found = prepared.post, []
    for use, target in prepared.uses:
        if target.is_external and use.is_image:
            line = prepared.line_of(use.address)
            found.append(Loss("external_image", post.path, line, use.address[:300]))
    for element, offset in links.lost_elements(prepared.text):
        line_start = prepared.text.rfind("\n", 0, offset) + 1
        line = prepared.text[line_start:].partition("\n")[0]
        place = post.body.find(line)
        number = post.body_line + post.body.count("\n", 0, place) if place >= 0 else 0
        found.append(Loss(element, post.path, number, line.strip()[:200]))
    return found


def _fingerprint(
    post: SourcePost,
    uses: list[tuple[Use, Target]],
    cover: Path | None,
    source: Source,
    extra: list[str],
) -> str:
    """A hash of all that decides the result: the file, what it refers to, and the choices."""
    files = [target.file for _, target in uses if target.file] + ([cover] if cover else [])
    facts = [
        *(post.digest, post.language, post.category, post.slug, post.addresses, extra),
        [target.post.path if target.post else None for _, target in uses],
        [(file.relative_to(source.folder).as_posix(), file.stat().st_size) for file in files],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
