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


@pytest.mark.parametrize("path", PATHS)
def test_a_page_loads_nothing_from_elsewhere_and_has_nothing_inline(client, site, path):
    response = client.get(path)
    page = Loads()
    page.feed(response.content.decode())
    assert page.inline == []
    assert [address for address in page.addresses if urlsplit(address).netloc] == []
    assert not response.cookies
    assert "Vary" not in response


@pytest.mark.parametrize("path", PATHS)
def test_every_file_a_page_loads_is_there(client, site, path):
    page = Loads()
    page.feed(client.get(path).content.decode())
    for address in page.addresses:
        if address.startswith(settings.STATIC_URL):
            assert finders.find(address.removeprefix(settings.STATIC_URL)), address
        else:
            assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("path", [*PATHS, "/posts/hibr/"])
def test_a_page_is_valid_in_structure(client, site, path):
    html = client.get(path).content.decode()
    parser = html5lib.HTMLParser(strict=False)
    tree = parser.parse(html)
    problems = [error for _, error, _ in parser.errors]
    assert problems == []
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    count = {
        name: sum(1 for e in tree.iter() if str(e.tag).endswith("}" + name))
        for name in ("main", "h1", "title")
    }
    assert count == {"main": 1, "h1": 1, "title": 1}
    assert html.startswith("<!doctype html>")


@pytest.mark.parametrize("path", PATHS)
def test_every_link_inside_the_site_leads_somewhere(client, site, path):
    links = set(re.findall(r'href="(/[^"#]*)', client.get(path).content.decode()))
    links = {link.replace("&amp;", "&") for link in links if not link.startswith("/static/")}
    # The account's page leads a visitor to sign in.
    dead = [
        link for link in links if client.get(link, follow=link == "/account/").status_code != 200
    ]
    assert dead == []


def test_the_policy_allows_nothing_inline_and_nobody_else(client, site):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "'unsafe" not in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_a_post_weighs_less_than_sixty_kilobytes(client, site):
    """Page, styles and script together, before compression."""
    html = client.get("/posts/post-1/").content
    page = Loads()
    page.feed(html.decode())
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
