"""A folder of Markdown becomes posts, pages, people, tags, images and old addresses.

Every post is one transaction with its row in ImportedItem. Nothing is fetched, nothing is sent.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import author_named
from blog.models import Category, Content, OldAddress, Post, Series, Site, Tag
from blog.models.address import path_key
from blog.services import publish_content, save_content, save_term, unpublish_content
from lib.markdown import render
from transfer.markdown import dialects, prepare
from transfer.markdown.check import Checker
from transfer.markdown.pairing import link_translations
from transfer.markdown.pictures import Pictures
from transfer.markdown.plan import Plan, make_plan
from transfer.markdown.prepare import Prepared
from transfer.markdown.reader import read_folder
from transfer.markdown.resolve import Resolver, Target
from transfer.markdown.source import Loss, Source, SourcePost
from transfer.models import MAX_PATH, ImportedItem
from transfer.report import Report

# Raised when the same file gives another post: the next import brings the old ones up to date.
IMPORTER_VERSION = 1
POSTS_AHEAD = 8  # whose pictures are in memory, cleaned, while one is stored

Progress = Callable[[int, int, str], None]  # files done, files in all, path


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one import."""

    name: str  # what the source is called in ImportedItem
    author: User | None = None  # of posts that name none
    language: str = ""  # of posts that name none; the site's when empty
    site: str = ""  # the old site's address: absolute links to it count as its own
    dry_run: bool = False


@dataclass(slots=True)
class _Caches:
    """What many posts share, fetched or made once."""

    people: dict[str, User] = field(default_factory=dict)
    terms: dict[tuple[type, str], Category | Tag | Series] = field(default_factory=dict)


def import_folder(folder: Path, options: Options, progress: Progress | None = None) -> Report:
    """Import `folder` and tell what happened. Raises OSError when it cannot be read."""
    started = time.monotonic()
    source = read_folder(folder, ZoneInfo(settings.SITE_TIME_ZONE))
    report = Report(options.name, source.dialect, options.dry_run, found=source.found)
    report.skipped += source.skipped
    _Import(source, options, report).run(progress)
    report.seconds = time.monotonic() - started
    return report


class _Import:
    """One run over one source."""

    def __init__(self, source: Source, options: Options, report: Report) -> None:
        self.source, self.options, self.report = source, options, report
        self.language = dialects.language_tag(options.language) or Site.current().language
        self.plan: Plan = make_plan(source, options.name)
        self.resolver = Resolver(source, options.site or _old_site(source))
        self.pictures = Pictures(dry_run=options.dry_run, by=options.author)
        self.checker = Checker(source, self.plan)
        self.caches = _Caches()
        self.files: set[Path] = set()
        self.written: set[str] = set()  # paths of what was created or updated

    def run(self, progress: Progress | None) -> None:
        stored = []
        with self.pictures:
            for number, prepared in enumerate(self._prepared(), 1):
                if self._import(prepared):
                    stored.append(prepared.post)
                if progress:
                    progress(number, len(self.plan.posts), prepared.post.path)
        self._count(stored)
        self.report.translations, losses = link_translations(
            stored, self.written, self.options.name, dry_run=self.options.dry_run
        )
        self.report.losses += losses
        if not self.options.dry_run:
            self._remember_shelves()

    def _prepared(self) -> Iterator[Prepared]:
        """The posts in order, with the pictures of those that follow soon being cleaned."""
        extra = [self.options.language, self.options.site]
        ahead: deque[Prepared] = deque()
        for post in self.plan.posts:
            prepared = prepare.prepare(post, self.source, self.resolver, extra)
            item = self.plan.items.get(post.path)
            if item is None or not self._is_current(item, prepared):
                self.pictures.expect(prepared.files)
            ahead.append(prepared)
            if len(ahead) > POSTS_AHEAD:
                yield ahead.popleft()
        yield from ahead

    def _import(self, prepared: Prepared) -> bool:
        """Bring one post in. False when it was skipped."""
        post = prepared.post
        item = self.plan.items.get(post.path)
        try:
            if item is None:
                html = self._store(prepared, None)
                self.written.add(post.path)
                self.report.created += 1
            elif self._is_current(item, prepared):
                html = item.content.body_html if item.content else ""
                self.report.unchanged += 1
            elif item.content is None:
                raise _Skip("deleted_here", "It was deleted on this site.")
            elif item.content.version != item.content_version:
                raise _Skip("edited_here", "It was edited on this site; the file has changed too.")
            else:
                html = self._store(prepared, item)
                self.written.add(post.path)
                self.report.updated += 1
        except _Skip as reason:
            self.report.skip(reason.kind, post.path, 0, str(reason))
            return False
        except (ValidationError, IntegrityError) as error:
            # The people and tags that were made for this post went with its transaction.
            self.caches = _Caches()
            # Integrity: somebody took the slug or an old address since the plan was made.
            taken = isinstance(error, IntegrityError)
            detail = "Its address was taken: run again." if taken else " ".join(error.messages)
            self.report.skip("refused", post.path, 0, detail)
            return False
        url = self.plan.url(post)
        self.report.losses += prepared.losses
        self.report.losses += self.checker.dead(html, url, prepared)
        for address in self.plan.taken[post.path]:
            detail = f"{address} leads to something else already."
            self.report.losses.append(Loss("address_taken", post.path, 0, detail))
        self.files.update(prepared.files)
        return True

    def _is_current(self, item: ImportedItem, prepared: Prepared) -> bool:
        known = (item.fingerprint, item.importer_version)
        return known == (prepared.fingerprint, IMPORTER_VERSION)

    # --- storing ----------------------------------------------------------------------

    def _store(self, prepared: Prepared, item: ImportedItem | None) -> str:
        """Store one post whole and answer its HTML; a dry run only renders it."""
        post = prepared.post
        if len(post.path) > MAX_PATH:
            raise _Skip("refused", f"The path is longer than {MAX_PATH} characters.")
        body = self._body(prepared)
        cover = self.pictures.image(prepared.cover, alt=post.cover_alt) if prepared.cover else None
        if self.options.dry_run:
            try:
                return render(body, language=post.language or self.language).html
            except ValueError as error:
                raise ValidationError(str(error)) from error
        with transaction.atomic():
            content = item.content if item else None
            content = content or self.plan.model(post)(slug=self.plan.slugs[post.path])
            self._fill(content, prepared, body)
            content.cover = cover
            self._save(content, post)
            self._remember(content, prepared)
            ImportedItem.objects.update_or_create(
                source=self.options.name,
                path=post.path,
                defaults={
                    "fingerprint": prepared.fingerprint,
                    "importer_version": IMPORTER_VERSION,
                    "content_version": content.version,
                    "post": content if isinstance(content, Post) else None,
                    "page": None if isinstance(content, Post) else content,
                    "imported_at": timezone.now(),
                },
            )
        return content.body_html

    def _body(self, prepared: Prepared) -> str:
        """The text with its links and pictures where they are on this site."""
        answers: dict[int, str | None] = {}
        for use, target in prepared.uses:
            answers[use.start] = self._address(target, prepared)
        return prepare.links.replace(
            prepared.text, [use for use, _ in prepared.uses], lambda use: answers[use.start]
        )

    def _address(self, target: Target, prepared: Prepared) -> str | None:
        if target.post:
            return self.plan.url(target.post) + target.rest
        if target.fallback:
            return target.fallback + target.rest
        if target.file:
            url, refusal = self.pictures.url(target.file)
            if refusal:
                path = target.file.relative_to(self.source.folder).as_posix()
                loss = Loss("refused_image", prepared.post.path, 0, f"{path}: {refusal}", refusal)
                if loss not in prepared.losses:
                    prepared.losses.append(loss)
            return url
        return None

    def _fill(self, content: Content, prepared: Prepared, body: str) -> None:
        post = prepared.post
        content.title, content.subtitle = post.title, post.subtitle
        content.body, content.excerpt = body, post.description
        content.language = post.language or self.language
        content.canonical_url = post.canonical_url
        content.published_at = post.published_at
        content.unpublish_at = post.unpublish_at
        if post.is_page and content.published_at is None:
            content.published_at = timezone.now()
        if content.pk is None:
            content.created_at = min(post.published_at or timezone.now(), timezone.now())
            content.status = self._status(post, body)
        if isinstance(content, Post):
            content.featured = post.featured
            content.category = self._term(Category, post.category)
            content.series = self._term(Series, post.series)
            content.series_part = post.part if post.series else None
        else:
            content.menu_position = post.weight

    def _status(self, post: SourcePost, body: str) -> str:
        draft = post.draft or not body.strip()
        return Content.Status.DRAFT if draft else Content.Status.PUBLISHED

    def _save(self, content: Content, post: SourcePost) -> None:
        now = timezone.now()
        arguments = {}
        if isinstance(content, Post):
            arguments["authors"] = self._authors(post)
            arguments["tags"] = [self._term(Tag, name) for name in post.tags]
        moment = min(post.updated_at or post.published_at or now, now)
        save_content(content, by=None, reason="imported", at=moment, **arguments)
        wanted = self._status(post, content.body)
        if wanted != content.status:
            if wanted == Content.Status.PUBLISHED:
                publish_content(content, by=None, at=content.published_at)
            else:
                unpublish_content(content, by=None)

    def _authors(self, post: SourcePost) -> list[User]:
        if not post.authors:
            if self.options.author:
                return [self.options.author]
            return [self._person(Site.current().name)]
        return list(dict.fromkeys(self._person(name) for name in post.authors))

    def _person(self, name: str) -> User:
        if name not in self.caches.people:
            self.caches.people[name] = author_named(name)
        return self.caches.people[name]

    def _term(self, model: type, name: str) -> Category | Tag | Series | None:
        """The category, tag or series called `name`, whatever its case; made when new."""
        if not name:
            return None
        key = (model, name.casefold())
        if key not in self.caches.terms:
            known = model.objects.filter(name__iexact=name).first()
            self.caches.terms[key] = known or save_term(model(name=name), by=None)
        return self.caches.terms[key]

    # --- old addresses ------------------------------------------------------------------

    def _remember(self, content: Content, prepared: Prepared) -> None:
        for address in self.plan.addresses[prepared.post.path]:
            OldAddress.objects.remember(address, content)

    def _remember_shelves(self) -> None:
        """Sections that became categories answer at their old address too."""
        for address, name in self.source.sections.items():
            category = self._term(Category, name)
            if path_key(address) != path_key(category.get_absolute_url()):
                try:
                    OldAddress.objects.remember(address, category)
                except ValidationError as error:
                    detail = " ".join(error.messages)
                    self.report.losses.append(Loss("address_taken", address, 0, detail))

    def _count(self, stored: list[SourcePost]) -> None:
        report = self.report
        report.pages = sum(post.is_page for post in stored)
        report.posts = len(stored) - report.pages
        report.authors = len({name for post in stored for name in post.authors})
        report.tags = len({tag.casefold() for post in stored for tag in post.tags})
        report.categories = len({post.category.casefold() for post in stored if post.category})
        report.series = len({post.series.casefold() for post in stored if post.series})
        report.images = len(self.files)
        report.old_addresses = len(
            {
                *(path_key(address) for post in stored for address in post.addresses),
                *(path_key(address) for address in self.source.sections),
            }
        )


class _Skip(Exception):
    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def _old_site(source: Source) -> str:
    """The address of the old site as its configuration gives it."""
    for key in ("baseurl", "base_url", "url"):
        value = source.config.get(key)
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return value
    return ""
