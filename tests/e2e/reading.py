"""A browser on a running site, and what it meets there."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from blog.languages import named_by
from tests.browser.conftest import DESKTOP, PATIENCE, launch
from tests.e2e.crawl import Answer

# Pictures further down load only when somebody comes near.
LOAD_ALL = "() => { for (const each of document.images) each.loading = 'eager'; }"
TELL = """addEventListener("securitypolicyviolation", event =>
  console.error("securitypolicyviolation", event.violatedDirective, event.blockedURI));"""
INLINE_SCRIPT = """() => document.head.append(
  Object.assign(document.createElement("script"), {textContent: "1"}))"""
READS = {"viewport": DESKTOP, "reduced_motion": "reduce"}


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as library:
        chromium = launch(library)
        try:
            yield chromium
        finally:
            chromium.close()


@dataclass
class Met:
    """What comes up while pages of `context` are shown."""

    context: BrowserContext
    hosts: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)  # what the console and scripts complain of

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(TELL)
        self.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self.context.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        # A browser says of each page that answers 404 that it is missing.
        if message.type == "error" and "status of 404" not in message.text:
            self.wrong.append(f"{message.location['url']}: {message.text}")

    def show(self, page: Page, path: str) -> None:
        page.goto(path)
        page.evaluate(LOAD_ALL)


def sample(answers: Iterable[Answer], of_each: int) -> list[str]:
    """The addresses of some pages of each kind in each language, the longest among them; those
    with a form for an account last."""
    kinds: dict[tuple[str, str, int], list[Answer]] = {}
    for answer in sorted(answers, key=lambda answer: (-len(answer.body), answer.address)):
        path = urlsplit(answer.address).path
        try:
            view = resolve(path).view_name if answer.status == 200 else ""
        except Resolver404:
            view = ""
        kinds.setdefault((view, named_by(path), answer.status), []).append(answer)
    chosen = [
        answer.address for alike in kinds.values() for answer in alike[:: -(-len(alike) // of_each)]
    ]
    return sorted(chosen, key=lambda address: address.startswith("/account/"))
