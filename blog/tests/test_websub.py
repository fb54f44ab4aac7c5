"""A hub is told of what is new in the feeds: once for each event, and only of what anyone sees."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
import time_machine

from blog import websub
from blog.services import save_content
from events import handlers
from events.models import Receipt
from events.placing import catch_up
from events.tasks import sweep

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Hub(BaseHTTPRequestHandler):
    """Keeps what it is told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.told.append(parse_qsl(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args) -> None:
        """Quiet."""


@pytest.fixture
def hub(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.told, server.status = [], 204
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.WEBSUB_HUB = f"http://127.0.0.1:{server.server_address[1]}/"
    settings.WEBHOOKS_ALLOW_LOOPBACK = True
    websub.register()
    yield server
    for kind in websub.KINDS:
        handlers.unregister(f"websub:{kind}")
    server.shutdown()
    server.server_close()


def work() -> None:
    """What the sweep does each minute."""
    catch_up()
    sweep()


def topics(told: list[tuple[str, str]]) -> set[str]:
    assert told[0] == ("hub.mode", "publish")
    return {value.removeprefix("https://blog.test") for name, value in told if name == "hub.url"}


def test_a_hub_learns_of_a_post_once(hub, make_post, make_tag, ada):
    with time_machine.travel(NOON, tick=False):
        work()  # the feed begins
        make_post(author=ada, tags=[make_tag("paper")], published_at=NOON)
        work()
        work()
    assert len(hub.told) == 1
    assert topics(hub.told[0]) == {
        f"{path}{file}"
        for path in ("/", "/tags/paper/", "/authors/ada/")
        for file in ("atom.xml", "rss.xml", "feed.json")
    }


def test_a_scheduled_post_is_told_of_when_its_time_comes(hub, make_post):
    with time_machine.travel(NOON, tick=False):
        work()
        make_post(published_at=NOON + timedelta(hours=1))
        work()
        assert hub.told == []
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        work()
    assert len(hub.told) == 1


def test_a_change_of_what_is_live_is_told_and_that_of_a_draft_is_not(hub, make_post):
    with time_machine.travel(NOON, tick=False):
        live, draft = make_post(published_at=NOON), make_post(title="Draft", draft=True)
        work()
        hub.told.clear()
        save_content(draft, by=None)
        work()
        assert hub.told == []
        save_content(live, by=None)
        work()
    assert len(hub.told) == 1


def test_a_hub_that_is_away_is_told_later(hub, make_post):
    hub.status = 503
    with time_machine.travel(NOON, tick=False):
        work()
        make_post(published_at=NOON)
        work()
        waiting = Receipt.objects.waiting().get()
        assert "503" in waiting.error
    hub.status = 202
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        work()
    assert len(hub.told) == 2
    assert not Receipt.objects.waiting().exists()


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("atom.xml", '<link href="https://hub.example/" rel="hub"'),
        ("rss.xml", '<atom:link href="https://hub.example/" rel="hub"'),
        ("feed.json", '"hubs": [{"type": "WebSub", "url": "https://hub.example/"}]'),
    ],
)
def test_feeds_name_the_hub(client, make_post, settings, file, named):
    make_post()
    before = client.get(f"/{file}")
    assert "hub" not in before.content.decode()
    settings.WEBSUB_HUB = "https://hub.example/"
    after = client.get(f"/{file}")
    assert named in after.content.decode()
    assert after["ETag"] != before["ETag"]
    assert "hub.example" not in client.get(f"/search/{file}?q=ink").content.decode()


def test_without_a_hub_nothing_waits(make_post):
    make_post()
    assert not Receipt.objects.filter(handler__startswith="websub").exists()
