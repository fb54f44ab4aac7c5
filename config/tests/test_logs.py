"""What a log line holds, and what it never does."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from config.logs import REQUESTS, logging_config, scrubbed


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
    quick = config.pop("()")(**config)
    whole = structlog.stdlib.ProcessorFormatter(**config)
    record = logging.LogRecord(REQUESTS, logging.INFO, "", 0, "%s %s", (method, 200), None)
    record.__dict__.update(request_method=method, route="posts/", status=200, milliseconds=0.4)
    with bound_contextvars(request_id="abc12345", kind="token=abc"):
        line, expected = quick.format(record), json.loads(whole.format(record))
    assert len(line.splitlines()) == 1
    event = json.loads(line)
    assert event.pop("timestamp")[-1] == expected.pop("timestamp")[-1] == "Z"
    assert event == expected
