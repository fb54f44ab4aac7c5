"""What stands before Django: pages that are kept are given out without waking it."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from blog import page_cache
from blog.page_cache import Address, Headers
from blog.state import ContentState
from config.middleware import id_of, tell

OF_ONE_REQUEST = ("X-Request-ID", "X-Process-Time")
Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]


class KeptPages:
    """A WSGI application before another: answers readers without cookie or token from memory,
    and keeps what Django made for them (blog.page_cache).

    No middleware is asked again: a kept page has the headers that all of them gave it. What
    belongs to one request, its id and its time, is new; it is logged and counted as any other.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        address = page_cache.address_of(environ) if settings.PAGE_CACHE_BYTES else None
        if address is None:
            return self.application(environ, start_response)
        began = time.perf_counter()
        page, state = page_cache.find(address)
        if page is None:
            with page_cache.turn(address) as has_waited:
                if has_waited:
                    page, state = page_cache.find(address)
                if page is None:
                    return self._make(address, state, environ, start_response)
        status, headers, body = page.answer(environ)
        seconds = time.perf_counter() - began
        request_id = id_of(environ)
        tell(request_id, environ["REQUEST_METHOD"], page.route, int(status[:3]), seconds)
        headers += [("X-Request-ID", request_id), ("X-Process-Time", f"{seconds:.4f}")]
        start_response(status, headers)
        return body

    def _make(
        self,
        address: Address,
        state: ContentState | None,
        environ: Environ,
        start_response: Callable,
    ) -> Iterable[bytes]:
        state = state or page_cache.current_state()
        sent: dict[str, Any] = {}

        def note(status: str, headers: Headers, exc_info: Any = None) -> None:
            sent.update(status=status, headers=headers)

        response = self.application(page_cache.asking_for_all(environ, state), note)
        headers, is_whole = sent["headers"], hasattr(response, "streaming")
        page = page_cache.made_into_page(address, state, response, headers) if is_whole else None
        if page is not None:
            response.close()
            status, again, body = page.answer(environ)
            own = [pair for pair in headers if pair[0] in OF_ONE_REQUEST]
            start_response(status, [*again, *own])
            return body
        start_response(sent["status"], headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            response.close()
            return []
        return response
