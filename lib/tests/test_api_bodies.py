"""Bodies that are meant to hurt are refused with a reason, before they are parsed."""

import pytest
from rest_framework.exceptions import ParseError

from lib.api.parsers import MAX_DEPTH, MAX_VALUES, parse_json


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_what_fits_is_parsed():
    body = (
        '{"title": "Über 墨 \\ud83d\\ude00", "tags": [1, -2.5, null, true],'
        ' "big": 9223372036854775807}'
    )
    assert parse_json(body.encode()) == {
        "title": "Über 墨 😀",
        "tags": [1, -2.5, None, True],
        "big": 2**63 - 1,
    }
    assert parse_json(nested(MAX_DEPTH)) is not None
    # Brackets and commas inside a text are text.
    assert parse_json(b'"' + b'[,{\\"' * MAX_VALUES + b'"')


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON: line 1, column 2"),
        (b'{"a": 1}}', "not JSON"),
        (b"\xff", "not UTF-8"),
        (nested(MAX_DEPTH + 1), "nested deeper than 64"),
        (b'{"a":' * 100_000, "values"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested deeper"),
        (b"[" + b"1," * MAX_VALUES + b"1]", "more than 50000 values"),
        (b"[1e400]", "too large"),
        (b"[-1e400]", "too large"),
        (b"1" * 100_000, "too large"),
        (b"[9223372036854775808]", "too large"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b'{"a": 1, "a": 2}', "“a” is given twice"),
        (b'{"a": ["b", "\\u0000"]}', "#/a/1: .*U\\+0000"),
        (b'{"\\ud800": 1}', "U\\+D800"),
        (b'"\\ud800"', "U\\+D800"),
        (b'"' + b'\\"' * 1_000_000, "not JSON"),  # a string that never ends
        (b'"' * 1_000_001, "not JSON"),
    ],
)
def test_what_does_not_fit_is_refused(raw, reason):
    with pytest.raises(ParseError, match=reason):
        parse_json(raw)
