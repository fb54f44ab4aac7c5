"""Asking the pages that are given out without Django, as a web server does."""

from datetime import UTC, datetime, timedelta

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from blog import fragments, page_cache, state, versions
from config.front import KeptPages

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Answer:
    def __init__(self, status: str, headers: list, body: bytes) -> None:
        self.status, self.body = int(status[:3]), body
        self.headers = dict(headers)
        assert len(self.headers) == len(headers), headers


class Front:
    """Asks as a web server does, and tells how often Django was asked."""

    def __init__(self) -> None:
        self.made: list[str] = []
        django = WSGIHandler()

        def counted(environ, start_response):
            self.made.append(environ["PATH_INFO"])
            return django(environ, start_response)

        self.application = KeptPages(counted)

    def get(self, address: str, method: str = "GET", **headers: str) -> Answer:
        named = {"host": "testserver"} | {k.replace("_", "-"): v for k, v in headers.items()}
        environ = RequestFactory().generic(method, address, headers=named).environ
        sent = []
        result = self.application(environ, lambda status, headers: sent.extend([status, headers]))
        body = b"".join(result)
        getattr(result, "close", lambda: None)()
        return Answer(*sent, body)

    def makes(self, *args, **headers) -> bool:
        """Whether Django is asked for this."""
        before = len(self.made)
        self.get(*args, **headers)
        return len(self.made) > before


def forget() -> None:
    """Keep nothing of what was made: for a test it is as if the process had just begun."""
    page_cache.pages.clear()
    page_cache.searches.clear()
    fragments.kept.clear()
    fragments.texts.clear()
    versions._last = None
    state._seen = None
