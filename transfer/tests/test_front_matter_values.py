from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from transfer.markdown.values import as_bool, as_list, as_moment, as_people

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2020-06-01", "2020-05-31T22:00:00"),
        (date(2020, 6, 1), "2020-05-31T22:00:00"),
        ("2020-06-01 12:00", "2020-06-01T10:00:00"),
        ("2018-7-4 9:31:06", "2018-07-04T07:31:06"),
        ("2020/06/01 12:00:00", "2020-06-01T10:00:00"),
        ("2020-06-01T12:00:00Z", "2020-06-01T12:00:00"),
        ("2020-06-01T12:00:00.123+02:00", "2020-06-01T10:00:00"),
        ("2013-05-06 02:12:52 +0200", "2013-05-06T00:12:52"),
        ("2019-12-09T13：00：00-08：00", "2019-12-09T21:00:00"),
        ("2020-06-01 01:30 PM", "2020-06-01T11:30:00"),
        ("Mon, 01 Jun 2020 12:00:00 -0500", "2020-06-01T17:00:00"),
        ("June 1, 2020", "2020-05-31T22:00:00"),
        (datetime(2020, 6, 1, 12, tzinfo=UTC), "2020-06-01T12:00:00"),
    ],
)
def test_dates_in_all_shapes_become_utc(typed, expected):
    moment = as_moment(typed, BERLIN)
    assert moment.isoformat() == expected + "+00:00"


@pytest.mark.parametrize(
    "typed", ["2015-02-30", "yesterday", "2020-13-01", "", None, "2020-01-01 25:00", "0001-01-01"]
)
def test_what_is_no_date_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match="date"):
        as_moment(typed, ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ("Ada Reyes", ["Ada Reyes"]),
        (["Ada Reyes", "Bo Lind"], ["Ada Reyes", "Bo Lind"]),
        (["Ada Reyes and Bo Lind"], ["Ada Reyes", "Bo Lind"]),
        ("Ada Reyes, Bo van Lind, and Cy O'Dell", ["Ada Reyes", "Bo van Lind", "Cy O'Dell"]),
        (["Ada Reyes, Director of Things"], ["Ada Reyes, Director of Things"]),
        (["The Core and Infra Team"], ["The Core and Infra Team"]),
        ("ada and @bo-l", ["ada", "@bo-l"]),
        ([{"name": "Ada Reyes"}, {"name": "Bo"}], ["Ada Reyes", "Bo"]),
        ("Smith, John", ["Smith, John"]),
        (None, []),
    ],
)
def test_names_are_parted_only_where_each_part_is_a_name(typed, people):
    assert as_people(typed) == people


@pytest.mark.parametrize(
    ("typed", "words", "items"),
    [
        (["a", "b", "a"], False, ["a", "b"]),
        ("a, b c", False, ["a", "b c"]),
        ("a b", True, ["a", "b"]),
        ("a b", False, ["a b"]),
        ([["Foo", "Bar"], "Baz"], False, ["Foo", "Bar", "Baz"]),
        ([{"name": "Foo"}], False, ["Foo"]),
        (2020, False, ["2020"]),
        (None, False, []),
        (["Doe, Jane"], False, ["Doe, Jane"]),
    ],
)
def test_lists_are_read_in_their_variants(typed, words, items):
    assert as_list(typed, words=words) == items


def test_lists_are_capped():
    assert len(as_list([str(number) for number in range(500)])) == 100


def test_yes_and_no_are_understood():
    assert [as_bool(value) for value in (True, "yes", "false", "maybe", None)] == [
        *(True, True, False, None, None),
    ]
