"""What is logged, and what never is.

One line of JSON for each message, with the request's or the task's id; plain text where a person
watches. No line breaks of others, no tokens, no e-mail addresses, no local variables.
"""

import contextlib
import json
import logging
import re
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# What follows such a word is a secret, in a query, a header or the repr of a dict.
NAMED_SECRET = re.compile(
    r"(?i)\b((?:[\w-]*(?:password|passwd|secret|token|signature|api[_-]?key|session(?:id)?|otp))"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"
)
BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
URL_PASSWORD = re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@")
# Of our own making, in small letters: links that set a password, tokens of scripts.
SMALL = re.compile(
    r"(?<![\w-])(?:(?:[0-9a-z]+-)?[0-9a-z]{4,8}-[0-9a-f]{32}|ink_[0-9a-f]{16,})(?![\w-])"
)
# In the path of a link is what lets its reader in.
LINK = re.compile(r"(/(?:review|key)/)[^/\s\"']+")
# Gunicorn quotes what it could not read, whatever was in it.
UNREADABLE = re.compile(r"(Invalid request from ip=\S+: [A-Za-z ]+).*", re.DOTALL)
# Tokens look like this; slugs are in small letters, ids of requests are shorter or named.
OPAQUE = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{24,}(?![\w-])")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MAX_TEXT = 20_000  # characters of one value; a traceback is shorter
IDS = ("request_id", "task_id", "timestamp", "logger", "level")


def scrubbed(text: str) -> str:
    """`text` without addresses of people and without what opens doors."""
    text = text[:MAX_TEXT]
    text = EMAIL.sub("[address]", text)
    text = URL_PASSWORD.sub(r"\1:[secret]@", text)
    text = BEARER.sub(r"\1 [secret]", text)
    text = NAMED_SECRET.sub(r"\1[secret]", text)
    text = LINK.sub(r"\1[secret]", text)
    text = SMALL.sub("[opaque]", text)
    text = UNREADABLE.sub(r"\1", text)
    return OPAQUE.sub("[opaque]", text)


def _scrub(logger: Any, method: str, event: dict) -> dict:
    for name, value in event.items():
        if isinstance(value, str) and name not in IDS:
            event[name] = scrubbed(value)
        elif not isinstance(value, (str, int, float, bool, type(None))) and name[0] != "_":
            event[name] = scrubbed(repr(value))
    return event


def _one_line(logger: Any, method: str, event: dict) -> dict:
    """What others wrote must not look like a line of ours."""
    event["event"] = re.sub(r"[\r\n\x85\u2028\u2029]+", " ⏎ ", str(event.get("event", "")))
    return event


REQUESTS = "inkstone.request"
REQUEST_FIELDS = ("request_method", "route", "status", "milliseconds", "request_id")
_to_line = json.JSONEncoder(ensure_ascii=True).encode
_requests = logging.getLogger(REQUESTS)


class LineHandler(logging.StreamHandler):
    """Writes messages, and lines of JSON that are ready."""

    def write_line(self, line: str) -> None:
        """`line` as it is; a log that cannot be written does not harm the answer."""
        with self.lock, contextlib.suppress(OSError, ValueError):
            self.stream.write(line)
            if not getattr(self.stream, "line_buffering", False):
                self.stream.flush()


def tell_of_request(request_id: str, method: str, route: str, status: int, seconds: float) -> None:
    """Log one answer. `request_id` is well-formed: letters, digits and `._-`.

    Where only our own handler listens the line is written straight: a record and its processors
    would take longer than giving out a page that is kept.
    """
    if not _requests.isEnabledFor(logging.INFO):
        return
    listening = logging.root.handlers
    if len(listening) == 1 and not _requests.handlers:
        handler = listening[0]
        if type(handler) is LineHandler and handler.formatter.writes_json:
            handler.write_line(request_line(request_id, method, route, status, seconds))
            return
    fields = {"request_id": request_id, "request_method": method, "route": route}
    fields |= {"status": status, "milliseconds": round(seconds * 1000, 1)}
    _requests.info("%s %s", method, status, extra=fields)


def request_line(request_id: str, method: str, route: str, status: int, seconds: float) -> str:
    """The line of one answer, with the same fields as any other message has."""
    return (
        f'{_beginning(method, route, status)}, "milliseconds": {seconds * 1000:.1f}, '
        f'"request_id": "{request_id}", "timestamp": "{datetime.now(UTC).isoformat()[:-6]}Z"}}\n'
    )


@lru_cache(maxsize=1_024)
def _beginning(method: str, route: str, status: int) -> str:
    """What the lines of many answers have in common."""
    event = {"event": f"{method} {status}", "request_method": method, "route": route}
    event = _scrub(None, "", event | {"status": status})
    return _to_line(event | {"level": "info", "logger": REQUESTS})[:-1]


class Formatter(structlog.stdlib.ProcessorFormatter):
    """A message by the processors of its style."""

    def __init__(self, *args: Any, writes_json: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writes_json = writes_json


# Applied to messages of the standard library, whoever writes them.
FOREIGN = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(REQUEST_FIELDS),
]


def logging_config(level: str, style: str = "") -> dict:
    """For logging.config.dictConfig. `style` is json or plain; by default plain in a terminal.

    Raises ValueError for another style.
    """
    style = style or ("plain" if sys.stderr.isatty() else "json")
    if style not in ("json", "plain"):
        raise ValueError(f"LOG_FORMAT is json or plain, not {style!r}.")
    if level not in LEVELS:
        raise ValueError(f"LOG_LEVEL is one of {', '.join(LEVELS)}, not {level!r}.")
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "json":
        last = [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            remove,
            _scrub,
            # ASCII: U+2028 and its like end lines, too.
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ]
    else:
        plain = structlog.dev.plain_traceback
        last = [
            structlog.processors.format_exc_info,
            remove,
            _one_line,
            _scrub,
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=plain, sort_keys=False
            ),
        ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "ours": {
                "()": Formatter,
                "writes_json": style == "json",
                "foreign_pre_chain": FOREIGN,
                "processors": last,
            }
        },
        "handlers": {"console": {"()": LineHandler, "formatter": "ours"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Its own handlers print local variables or mail them; the root handler is enough.
            "django": {"handlers": [], "propagate": True},
            # Django names the address of each 404 and 403; the line of the request does, too.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # Says of each task that it came; that it ended says the same.
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
