"""Asks a running site for everything it refers to, and keeps what came back."""

import html
import http.client
import json
import re
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin, urlsplit

THREADS = 4
LIMIT = 40_000  # addresses; a site that makes links without end must not keep us for ever
TIMEOUT = 120  # seconds

# The relations by which a link element makes a browser ask at once.
FETCHED_RELATIONS = {
    *("stylesheet", "icon", "preload", "modulepreload", "manifest", "apple-touch-icon"),
    *("prefetch", "preconnect", "dns-prefetch"),
}

# Every post has its own of these, which cost more than the post and are all made alike: the first
# few of each are asked for. A picture takes a quarter of a second to draw.
ALIKE = (re.compile(r"/card-[0-9a-f]+\.png$"), re.compile(r"^/oembed/"))
ASKED_OF_ALIKE = 25


@dataclass
class Answer:
    """What one address gave."""

    address: str
    status: int
    headers: dict[str, str]
    body: bytes
    referrers: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class References(HTMLParser):
    """The addresses in a page: what a reader may follow, and what a browser loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "href" in values:
            relations = set(values.get("rel", "").lower().split())
            fetched = tag == "link" and relations & FETCHED_RELATIONS
            (self.loaded if fetched else self.links).append(values["href"])
        for name in ("src", "poster", "data"):
            if name in values:
                self.loaded.append(values[name])
        if "srcset" in values:
            self.loaded += [
                candidate.split()[0]
                for candidate in values["srcset"].split(",")
                if candidate.strip()
            ]
        if tag == "meta" and values.get("property") == "og:image":
            self.links.append(values.get("content", ""))


def references(answer: Answer) -> tuple[list[str], list[str]]:
    """What `answer` links to and what it makes a browser load, as written."""
    found = References()
    if answer.type == "text/html":
        found.feed(answer.text)
    elif answer.type == "text/css":
        found.loaded = re.findall(r"url\(\s*[\"']?([^\"')]+)", answer.text)
    elif answer.type in ("application/xml", "text/xml"):
        found.links = [html.unescape(link) for link in re.findall(r"<loc>([^<]*)", answer.text)]
    elif answer.type in ("application/atom+xml", "application/rss+xml"):
        # An entry is HTML, escaped once; around it are Atom's and RSS's own elements.
        found.feed(html.unescape(answer.text))
        found.links += re.findall(r"<link>([^<]+)</link>", answer.text)
    elif answer.type == "application/feed+json":
        for item in json.loads(answer.body)["items"]:
            found.links.append(item["url"])
            found.feed(item["content_html"])
    elif answer.type == "application/manifest+json":
        found.loaded = re.findall(r"\"src\": *\"([^\"]+)\"", answer.text)
    return found.links, found.loaded


class Crawl:
    """Follows every reference within one site, from `starts`."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.host = urlsplit(site).netloc
        self.answers: dict[str, Answer] = {}
        self.elsewhere: dict[str, set[str]] = {}  # loaded from another host, by page
        self.left = dict.fromkeys(ALIKE, ASKED_OF_ALIKE)

    def get(self, path: str) -> Answer:
        """One request, no redirect followed."""
        connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT)
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "identity"})
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(path, response.status, headers, response.read())
        finally:
            connection.close()

    def local_path(self, base: str, reference: str) -> str | None:
        """The path on this site that `reference` in the page `base` means; None if it is none."""
        try:
            parts = urlsplit(urljoin(self.site + base, reference.strip()))
        except ValueError:
            return None
        if parts.scheme != "http" or parts.netloc != self.host:
            return None
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        return f"{path}?{quote(parts.query, safe='=&%/:@!$()*+,;~?-')}" if parts.query else path

    def run(self, starts: list[str]) -> None:
        seen = set(starts)
        referrers: dict[str, list[str]] = {}
        with ThreadPoolExecutor(THREADS) as pool:
            pending = {pool.submit(self.get, start) for start in starts}
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    answer = future.result()
                    self.answers[answer.address] = answer
                    answer.referrers = referrers.setdefault(answer.address, [])
                    for path in self.found_in(answer):
                        referrers.setdefault(path, []).append(answer.address)
                        if path not in seen and len(seen) < LIMIT:
                            seen.add(path)
                            if self.is_one_too_many(path):
                                continue
                            pending.add(pool.submit(self.get, path))

    def is_one_too_many(self, path: str) -> bool:
        """Whether enough of its like were asked for."""
        kind = next((kind for kind in ALIKE if kind.search(path)), None)
        if kind is None:
            return False
        self.left[kind] -= 1
        return self.left[kind] < 0

    def found_in(self, answer: Answer) -> list[str]:
        links, loaded = references(answer)
        if "location" in answer.headers:
            links.append(answer.headers["location"])
        for reference in loaded:
            parts = urlsplit(urljoin(self.site, reference))
            if parts.scheme not in ("data", "") and parts.netloc != self.host:
                self.elsewhere.setdefault(answer.address, set()).add(reference)
        found = {self.local_path(answer.address, reference) for reference in links + loaded}
        return sorted(path for path in found if path and not path.startswith("/admin/"))

    def statuses_from(self, path: str) -> list[int]:
        """The statuses on the way from `path` to what is no redirect."""
        statuses = []
        while len(statuses) < 5:
            answer = self.get(path)
            statuses.append(answer.status)
            target = self.local_path(path, answer.headers.get("location", ""))
            if answer.status not in (301, 302, 307, 308) or target is None:
                break
            path = target
        return statuses


def readable(path: str) -> str:
    """The path as it is written, so that two spellings compare equal."""
    return unquote(path.split("?")[0].split("#")[0])
