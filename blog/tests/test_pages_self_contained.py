"""Law 7: no cookie, no script needed, no other host, nothing inline; and well-formed HTML."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import html5lib
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

pytestmark = pytest.mark.django_db

PATHS = [
    "/",
    "/?page=2",
    "/posts/post-1/",
    "/about-us/",
    "/categories/",
    "/categories/craft/",
    "/tags/",
    "/tags/paper/",
    "/series/",
    "/series/making-ink/",
    "/authors/",
    "/authors/ada/",
    "/archive/",
    "/archive/2026/",
    "/archive/2026/05/",
    "/search/",
    "/search/?q=ink",
    "/search/?q=nowhere",
    "/nothing/here/",
]
LOADED_LINKS = ("stylesheet", "icon", "manifest", "apple-touch-icon")
BODY = """## A <b>heading</b>

Text[^1] with `code` and a [link](https://elsewhere.example/).

![far](https://elsewhere.example/far.png)

| a | b |
|---|--:|
| 1 | 2 |

```python
print("x")
```

- [ ] task

### Another

$$x^2$$

## Third

[^1]: Note.
"""


@pytest.fixture
def site(make_post, make_page, make_category, make_tag, make_series, ada, bob):
    fields = {"category": make_category(), "series": make_series(), "tags": [make_tag()]}
    for number in range(14):
        make_post(title=f"Post {number}", body=BODY, authors=[ada, bob], **fields)
    make_post(title="حبر", language="ar", body=BODY, slug="hibr")
    make_page(menu_position=1)


class Loads(HTMLParser):
    """What a page makes a browser load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses, self.inline = [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.inline += [(tag, name) for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (
            tag == "script" and "src" not in values and values.get("type") != "application/ld+json"
        ):
            self.inline.append((tag, ""))
        for name in ("src", "srcset", "poster", "data", "action"):
            self.addresses += [values[name]] if values.get(name) else []
        if tag == "link" and values["rel"] in (
            "stylesheet",
            "icon",
            "manifest",
            "apple-touch-icon",
        ):
            self.addresses.append(values["href"])


@pytest.fixture
def pages(client, site) -> dict:
    """The answer for each of PATHS."""
    return {path: client.get(path) for path in PATHS}


def loads(response) -> Loads:
    page = Loads()
    page.feed(response.content.decode())
    return page


def test_pages_load_nothing_from_elsewhere_and_have_nothing_inline(pages):
    for path, response in pages.items():
        page = loads(response)
        assert page.inline == [], path
        assert [address for address in page.addresses if urlsplit(address).netloc] == [], path
        assert not response.cookies, path
        assert "Vary" not in response, path


def test_every_file_that_pages_load_is_there(client, pages):
    for address in {
        address for response in pages.values() for address in loads(response).addresses
    }:
        if address.startswith(settings.STATIC_URL):
            assert finders.find(address.removeprefix(settings.STATIC_URL)), address
        else:
            assert client.get(address).status_code == 200, address


def test_pages_are_valid_in_structure(client, pages):
    for path, response in {**pages, "/posts/hibr/": client.get("/posts/hibr/")}.items():
        html = response.content.decode()
        parser = html5lib.HTMLParser(strict=False)
        tree = parser.parse(html)
        problems = [error for _, error, _ in parser.errors]
        assert problems == [], path
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), path
        count = {
            name: sum(1 for e in tree.iter() if str(e.tag).endswith("}" + name))
            for name in ("main", "h1", "title")
        }
        assert count == {"main": 1, "h1": 1, "title": 1}, path
        assert html.startswith("<!doctype html>"), path


def test_every_link_inside_the_site_leads_somewhere(client, pages):
    found = {
        link.replace("&amp;", "&"): path
        for path, response in pages.items()
        for link in re.findall(r'href="(/[^"#]*)', response.content.decode())
    }
    dead = {}
    for link, path in found.items():
        # Of files the test above tells; the account's page leads a visitor to sign in.
        if not link.startswith("/static/"):
            status = client.get(link, follow=link == "/account/").status_code
            if status != 200:
                dead[link] = (status, path)
    assert dead == {}


def test_the_policy_allows_nothing_inline_and_nobody_else(client, site):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "'unsafe" not in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_a_post_weighs_less_than_sixty_kilobytes(client, site):
    """Page, styles and script together, before compression."""
    answer = client.get("/posts/post-1/")
    html, page = answer.content, loads(answer)
    files = [a for a in page.addresses if a.endswith((".css", ".js"))]
    scripts = 0
    size = len(html)
    for address in files:
        with open(finders.find(address.removeprefix(settings.STATIC_URL)), "rb") as file:
            weight = len(file.read())
        size += weight
        scripts += weight if address.endswith(".js") else 0
    assert size < 60_000
    assert scripts < 10_000
