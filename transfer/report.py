"""What an import found, did and could not keep."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from transfer.markdown.source import Loss, Skipped

EXAMPLES = 5  # of each kind of loss, in the text
JSON_EXAMPLES = 50
# All of these are in the JSON: whoever checks the site afterwards needs each one.
COMPLETE_KINDS = {"missing_image", "dead_link"}


@dataclass
class Report:
    """Counts and losses of one import. Every file that was found is counted once more below it."""

    source: str
    dialect: str = ""
    dry_run: bool = False
    found: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    posts: int = 0
    pages: int = 0
    authors: int = 0
    tags: int = 0
    categories: int = 0
    series: int = 0
    images: int = 0
    old_addresses: int = 0
    translations: int = 0  # texts that were linked with others, in this run
    seconds: float = 0.0
    losses: list[Loss] = field(default_factory=list)

    def skip(self, kind: str, path: str, line: int, detail: str) -> None:
        """Count a file that gives nothing, with the reason."""
        self.skipped.append(Skipped(kind, path, line, detail))

    def losses_by_kind(self) -> dict[str, list[Loss]]:
        """The losses in the order of the files, the most frequent kind first."""
        kinds: dict[str, list[Loss]] = {}
        for loss in sorted(self.losses, key=lambda loss: (loss.path, loss.line)):
            kinds.setdefault(loss.kind, []).append(loss)
        return dict(sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0])))

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values; see docs/importing.md for the names."""
        return {
            "source": self.source,
            "dialect": self.dialect,
            "dry_run": self.dry_run,
            "found": self.found,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": len(self.skipped),
            "skipped_by_kind": dict(Counter(skip.kind for skip in self.skipped).most_common()),
            "skipped_files": [skip._asdict() for skip in self.skipped],
            "posts": self.posts,
            "pages": self.pages,
            "authors": self.authors,
            "tags": self.tags,
            "categories": self.categories,
            "series": self.series,
            "images": self.images,
            "old_addresses": self.old_addresses,
            "translations": self.translations,
            "losses": {
                kind: _losses_as_dict(kind, losses)
                for kind, losses in self.losses_by_kind().items()
            },
            "seconds": round(self.seconds, 2),
        }

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"

    def as_text(self) -> str:
        """The report for a terminal, in English like all that commands say."""
        lines = [
            f"{self.source}: {self.found} files found, read as {self.dialect.title()}"
            + (" (dry run: nothing was stored)" if self.dry_run else ""),
            f"  {self.created} created, {self.updated} updated, {self.unchanged} unchanged, "
            f"{len(self.skipped)} skipped in {self.seconds:.1f} s",
            f"  {self.posts} posts, {self.pages} pages, {self.authors} authors, "
            f"{self.categories} categories, {self.tags} tags, {self.series} series, "
            f"{self.images} images, {self.old_addresses} old addresses, "
            f"{self.translations} linked translations",
        ]
        if self.skipped:
            lines.append("Skipped:")
            shown = Counter()
            for skip in self.skipped:
                shown[skip.kind] += 1
                if shown[skip.kind] <= EXAMPLES:
                    lines.append(f"  {skip.kind}: {_place(skip)} {skip.detail}".rstrip())
            lines += [
                f"  {kind}: and {count - EXAMPLES} more"
                for kind, count in shown.items()
                if count > EXAMPLES
            ]
        for kind, losses in self.losses_by_kind().items():
            names = Counter(loss.name for loss in losses if loss.name).most_common(8)
            named = ", ".join(f"{name} {count}" for name, count in names)
            lines.append(f"{kind}: {len(losses)}" + (f" ({named})" if named else ""))
            lines += [
                f"  {_place(loss)} {loss.target or loss.detail}".rstrip()
                for loss in losses[:EXAMPLES]
            ]
        return "\n".join(lines) + "\n"


def _losses_as_dict(kind: str, losses: list[Loss]) -> dict[str, Any]:
    shown = losses if kind in COMPLETE_KINDS else losses[:JSON_EXAMPLES]
    return {
        "count": len(losses),
        "by_name": dict(Counter(loss.name for loss in losses if loss.name).most_common()),
        "examples": [
            {name: value for name, value in loss._asdict().items() if value != ""} for loss in shown
        ],
    }


def _place(thing: Loss | Skipped) -> str:
    return f"{thing.path}:{thing.line}" if thing.line else thing.path
