"""What a log line holds, and what it never does."""

import io
import json
import logging
import logging.config

import pytest
from structlog.contextvars import bound_contextvars

from config.logs import (
    REQUESTS,
    LineHandler,
    logging_config,
    request_line,
    scrubbed,
    tell_of_request,
)


@pytest.fixture
def written():
    """`written(style, write)`: what a logger of its own put out while `write(logger)` ran."""

    def run(style, write):
        config = logging_config("INFO", style)
        formatter = logging.config.DictConfigurator(config).configure_formatter(
            dict(config["formatters"]["ours"])
        )
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logger = logging.Logger("a.name", logging.INFO)
        logger.addHandler(handler)
        write(logger)
        return stream.getvalue()

    return run


def test_a_message_is_one_line_of_json_with_the_id_of_the_request(written):
    with bound_contextvars(request_id="abc12345"):
        line = written("json", lambda log: log.warning("Slow: %s", "it"))
    assert line.count("\n") == 1
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "Slow: it",
        "level": "warning",
        "logger": "a.name",
        "request_id": "abc12345",
    }


@pytest.mark.parametrize("style", ["json", "plain"])
def test_what_others_wrote_cannot_look_like_a_line_of_ours(written, style):
    forged = "x\n2026 INFO all is well\r\n\u2028more\x85end"
    line = written(style, lambda log: log.warning(forged))
    assert len(line.splitlines()) == 1


def test_a_traceback_has_no_values_and_stays_in_its_line(written):
    def fail(log):
        hidden = "hunter2"
        try:
            raise ValueError("no", len(hidden))
        except ValueError:
            log.exception("It failed")

    line = written("json", fail)
    assert line.count("\n") == 1
    event = json.loads(line)
    assert "ValueError" in event["exception"]
    assert "hunter2" not in line.replace('hidden = \\"hunter2\\"', "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail to ada.l+x@mail.example.org now", "mail to [address] now"),
        ("redis://:pa55@host/0", "redis://:[secret]@host/0"),
        ("Authorization: Bearer abc.def-ghi_jkl", "Authorization: Bearer [secret]"),
        ("?token=abc123&page=2", "?token=[secret]&page=2"),
        ("{'password': 'geheim', 'a': 1}", "{'password': '[secret]', 'a': 1}"),
        ("ink_aB3dE5fG7hI9jK1lM3nO5pQ7", "[opaque]"),
        (f"ink_{'0a' * 20} failed", "[opaque] failed"),
        (f"Forbidden: /x/1k-c9f2ab-{'0a' * 16}/", "Forbidden: /x/[opaque]/"),
        ("Internal Server Error: /review/abcdefgh/", "Internal Server Error: /review/[secret]/"),
        (
            "Invalid request from ip=192.0.2.1: Invalid HTTP request line: 'GET /?geheim x\n{}'",
            "Invalid request from ip=192.0.2.1: Invalid HTTP request line",
        ),
        (f"/media/images/{'0a' * 32}/ink.webp", None),
        ("/posts/a-very-long-title-of-2026-for-readers/", None),
        ("GET /api/v1/posts/ 200", None),
    ],
)
def test_secrets_and_people_are_left_out(text, shown):
    assert scrubbed(text) == (shown or text)


def test_another_style_is_refused():
    with pytest.raises(ValueError, match="json or plain"):
        logging_config("INFO", "xml")


@pytest.mark.parametrize("method", ["GET", "GET\u2028", "ada@mail.example.org"])
def test_the_line_of_a_request_is_as_the_processors_would_write_it(method):
    config = logging_config("INFO", "json")["formatters"]["ours"]
    whole = config.pop("()")(**config)
    record = logging.LogRecord(REQUESTS, logging.INFO, "", 0, "%s %s", (method, 200), None)
    record.__dict__.update(request_method=method, route='posts/<"x', status=200)
    record.__dict__.update(milliseconds=0.4, request_id="abc.12_45-Z")
    line = request_line("abc.12_45-Z", method, 'posts/<"x', 200, 0.00041)
    assert line.endswith("}\n")
    assert len(line.splitlines()) == 1
    event, expected = json.loads(line), json.loads(whole.format(record))
    assert event.pop("timestamp")[-1] == expected.pop("timestamp")[-1] == "Z"
    assert event == expected


@pytest.fixture
def root():
    """`root(level, style)`: the handler that writes, alone at the root as in production, and
    where it writes to."""
    before, level = list(logging.root.handlers), logging.root.level

    def only(level, style):
        config = logging.config.DictConfigurator(logging_config(level, style))
        formatter = config.configure_formatter(dict(config.config["formatters"]["ours"]))
        handler = LineHandler(io.StringIO())
        handler.setFormatter(formatter)
        logging.root.handlers[:] = [handler]
        logging.root.setLevel(level)
        return handler

    yield only
    logging.root.handlers[:] = before
    logging.root.setLevel(level)


def tell():
    tell_of_request("abc12345", "GET", "posts/", 200, 0.0004)


def test_the_line_of_a_request_is_written_straight(root, monkeypatch):
    handler = root("INFO", "json")
    monkeypatch.setattr(handler, "emit", None)  # No record is made.
    tell()
    event = json.loads(handler.stream.getvalue())
    assert (event["event"], event["request_id"]) == ("GET 200", "abc12345")


def test_the_line_of_a_request_follows_level_and_style(root):
    handler = root("WARNING", "json")
    tell()
    assert handler.stream.getvalue() == ""
    handler = root("INFO", "plain")
    tell()
    assert "GET 200" in handler.stream.getvalue()
    assert "{" not in handler.stream.getvalue()


def test_who_else_listens_hears_of_requests_too(root):
    handler, heard = root("INFO", "json"), []
    other = logging.Handler()
    other.emit = heard.append
    logging.root.addHandler(other)
    tell()
    assert json.loads(handler.stream.getvalue())["route"] == "posts/"
    (record,) = heard
    assert (record.route, record.request_id) == ("posts/", "abc12345")


def test_a_log_that_cannot_be_written_harms_no_answer(root):
    root("INFO", "json").stream.close()
    tell()
