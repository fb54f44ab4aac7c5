"""Two copies of a text are made one without losing a line of either."""

import random
from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.merge3 import Conflict, merge_texts

PAIRS = 10_000


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("One.\n\nTwo.\n", "One!\n\nTwo.\n", "One.\n\nTwo?\n", "One!\n\nTwo?\n"),
        # One paragraph is one line: words merge as well.
        ("The cat sat.", "The black cat sat.", "The cat sat down.", "The black cat sat down."),
        (
            "我喜欢在早上写作。",
            "我很喜欢在早上写作。",
            "我喜欢在早上写书。",
            "我很喜欢在早上写书。",
        ),
        ("a\nb\nc\n", "a\nb\nc\nd\n", "b\nc\n", "b\nc\nd\n"),
        # Both did the same: once.
        ("a\nb\n", "a\nnew\nb\n", "a\nnew\nb\n", "a\nnew\nb\n"),
        ("x\n", "x\n", "y\n", "y\n"),
        ("x\n", "y\n", "x\n", "y\n"),
        ("x", "", "x", ""),
    ],
)
def test_what_one_side_changed_is_taken_from_it(base, mine, theirs, merged):
    for left, right in ((mine, theirs), (theirs, mine)):
        found = merge_texts(base, left, right)
        assert found.conflicts == []
        assert found.with_mine == merged


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "conflict"),
    [
        ("The cat sat.", "The dog sat.", "The fox sat.", None),
        # Next to each other is one place.
        ("a red cat", "a blue cat", "a red dog", None),
        # Which comes first nobody knows.
        ("a\n", "a\nb\n", "a\nc\n", ("", "b\n", "c\n")),
        ("a", "a\nb", "a\nc", ("", "b\n", "c\n")),
        ("a\nb\nc\n", "a\nc\n", "a\nB!\nc\n", ("b\n", "", "B!\n")),
        ("", "mine", "theirs", None),
        # Two paragraphs written anew share words by chance only.
        (
            "the sun rose over the red hills and the river",
            "the bank of the river was dry and cold",
            "over the years the red paint fell",
            None,
        ),
    ],
)
def test_what_both_changed_keeps_all_three_texts(base, mine, theirs, conflict):
    found = merge_texts(base, mine, theirs)
    whole = (f"{base}\n", f"{mine}\n", f"{theirs}\n")
    assert found.conflicts == [Conflict(*(conflict or whole))]
    assert found.with_mine == mine


def test_around_a_conflict_both_sides_are_taken():
    base, mine, theirs = "a\nb\nc\nd\ne\n", "A1\nb\nmine\nd\ne\n", "a\nb\ntheirs\nd\nE2\n"
    found = merge_texts(base, mine, theirs)
    assert found.parts == [
        "A1\n",
        "b\n",
        Conflict("c\n", "mine\n", "theirs\n"),
        "d\n",
        "E2\n",
        "\n",
    ]
    assert found.with_mine == "A1\nb\nmine\nd\nE2\n"


def line(chance: random.Random, numbers) -> str:
    """A line of words that are nowhere else."""
    return " ".join(f"w{next(numbers)}" for _ in range(chance.randint(1, 6)))


def edited(chance: random.Random, numbers, lines: list[str], places: list[int]) -> dict[int, list]:
    """What is to stand at each of `places` instead: nothing, another line, or more lines."""
    new = {}
    for place in places:
        words = lines[place].split()
        words.insert(chance.randint(0, len(words)), f"w{next(numbers)}")
        new[place] = chance.choice(
            [
                [],
                [line(chance, numbers)],
                [" ".join(words)],
                [line(chance, numbers), lines[place]],
                [lines[place], line(chance, numbers), line(chance, numbers)],
            ]
        )
    return new


def applied(lines: list[str], *edits: dict[int, list]) -> list[str]:
    return [
        text
        for place, old in enumerate(lines)
        for text in next((edit[place] for edit in edits if place in edit), [old])
    ]


def whole(lines: list[str], end: str) -> str:
    return "\n".join(lines) + (end if lines else "")


def test_ten_thousand_pairs_of_edits_that_do_not_touch_merge_into_what_both_meant():
    chance, numbers = random.Random(20_261_121), count()  # noqa: S311
    for _ in range(PAIRS):
        # Now and then a line that is there many times, an empty one say.
        lines = [
            "" if chance.random() < 0.3 else line(chance, numbers)
            for _ in range(chance.randint(3, 14))
        ]
        words = [place for place, text in enumerate(lines) if text]
        sides: tuple[list[int], list[int]] = ([], [])
        last, side = -2, 0
        for place in words:
            if chance.random() < 0.5:
                # A line that nobody changes, and that is nowhere else, lies between two people.
                kept = [other for other in words if last < other < place]
                side = chance.randint(0, 1) if kept or last < 0 else side
                sides[side].append(place)
                last = place
        mine, theirs = (edited(chance, numbers, lines, side) for side in sides)
        end = chance.choice(["", "\n"])
        texts = [whole(applied(lines, *edits), end) for edits in ((), (mine,), (theirs,))]
        expected = whole(applied(lines, mine, theirs), end)
        found = merge_texts(*texts)
        assert found.conflicts == [], texts
        assert Counter(found.with_mine.split("\n")) == Counter(expected.split("\n")), texts
        assert found.with_mine == expected, texts


def test_ten_thousand_pairs_of_any_edits_keep_every_word():
    """Each word is there once in the base and nowhere else, so each can be followed."""
    chance, numbers = random.Random(5), count()  # noqa: S311
    conflicts = 0
    for _ in range(PAIRS):
        lines = [line(chance, numbers) for _ in range(chance.randint(1, 6))]
        base, mine, theirs = (
            whole(applied(lines, edited(chance, numbers, lines, places)), "\n")
            for places in (
                [],
                *(
                    [place for place in range(len(lines)) if chance.random() < 0.4]
                    for _ in range(2)
                ),
            )
        )
        was, left, right = (set(text.split()) for text in (base, mine, theirs))
        found = merge_texts(base, mine, theirs)
        settled = {word for part in found.parts if isinstance(part, str) for word in part.split()}
        open_ = {word for part in found.conflicts for text in part for word in text.split()}
        conflicts += bool(found.conflicts)
        added, removed = (left | right) - was, (was - left) | (was - right)
        case = (base, mine, theirs, found)
        assert added <= settled | open_, case
        assert was - removed <= settled | open_, case
        assert not removed & settled, case
        # What is open shows what each side has there, whole.
        for words, place in ((was, 0), (left, 1), (right, 2)):
            shown = {word for part in found.conflicts for word in part[place].split()}
            assert shown <= words, case
        assert left <= set(found.with_mine.split()) | (was - right), case
        assert Counter(found.with_mine.split()).most_common(1)[:1] in (
            [],
            *[[(w, 1)] for w in settled | open_],
        ), case
    assert PAIRS / 10 < conflicts < PAIRS * 9 / 10


TEXTS = st.text("ab \n", max_size=30)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_three_texts_merge_in_a_way_that_can_be_told(base, mine, theirs):
    found = merge_texts(base, mine, theirs)
    turned = merge_texts(base, theirs, mine)
    assert len(found.conflicts) == len(turned.conflicts)
    for conflict in found.conflicts:
        assert conflict.base in f"{base}\n"
        assert conflict.mine in f"{mine}\n"
        assert conflict.theirs in f"{theirs}\n"
    assert merge_texts(base, mine, base).with_mine == mine
    assert merge_texts(base, base, theirs).with_mine == theirs
    assert merge_texts(base, mine, mine).with_mine == mine
