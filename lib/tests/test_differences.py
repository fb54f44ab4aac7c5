"""What differs between two texts: exact, readable, and never slow."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.differences import Comparison, Kind, Piece, is_word, lines_of, word_diff, words_of

SAME, REMOVED, ADDED = Kind.SAME, Kind.REMOVED, Kind.ADDED
WORDY = st.text("ab \n,é我们한", max_size=60)


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("Ink.", "Ink.", [(SAME, "Ink.")]),
        ("", "Ink.", [(ADDED, "Ink.")]),
        ("Ink.", "", [(REMOVED, "Ink.")]),
        ("Black ink.", "Blue ink.", [(REMOVED, "Black"), (ADDED, "Blue"), (SAME, " ink.")]),
        ("It is ink.", "It is, say, ink.", [(SAME, "It is"), (ADDED, ", say,"), (SAME, " ink.")]),
        # Two words in a row are one change, not two with a space between.
        (
            "A quick brown fox and more",
            "A slow red fox and more",
            [
                (SAME, "A "),
                (REMOVED, "quick brown"),
                (ADDED, "slow red"),
                (SAME, " fox and more"),
            ],
        ),
        # Scripts without spaces go by the character.
        (
            "我喜欢写作。",
            "我爱写作。",
            [(SAME, "我"), (REMOVED, "喜欢"), (ADDED, "爱"), (SAME, "写作。")],
        ),
        (
            "한국어를 써요",
            "한국말을 써요",
            [(SAME, "한국"), (REMOVED, "어를"), (ADDED, "말을"), (SAME, " 써요")],
        ),
        # A letter and its accent stay together.
        (
            "cafe\u0301 noir",
            "cafe noir",
            [(REMOVED, "cafe\u0301"), (ADDED, "cafe"), (SAME, " noir")],
        ),
        (
            "one\ntwo\nthree\n",
            "one\nthree\n",
            [(SAME, "one\n"), (REMOVED, "two\n"), (SAME, "three\n")],
        ),
        # A paragraph that is another one is replaced, not made into a rag.
        (
            "the sun rose over hills, a red one",
            "nobody bought paper, a shame",
            [
                (REMOVED, "the sun rose over hills, a red one"),
                (ADDED, "nobody bought paper, a shame"),
            ],
        ),
    ],
)
def test_a_change_reads_as_a_person_would_tell_it(before, after, pieces):
    assert word_diff(before, after) == [Piece(*piece) for piece in pieces]


@settings(max_examples=300, deadline=None)
@given(WORDY, WORDY)
def test_the_pieces_make_both_texts(before, after):
    pieces = word_diff(before, after)
    assert "".join(text for kind, text in pieces if kind != ADDED) == before
    assert "".join(text for kind, text in pieces if kind != REMOVED) == after
    assert all(text for _, text in pieces)
    kinds = [kind for kind, _ in pieces]
    assert all(one != other for one, other in pairwise(kinds))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_cutting_a_text_loses_nothing(text):
    assert "".join(words_of(text)) == text
    assert "".join(lines_of(text)) == text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from("abcd"), max_size=25), st.lists(st.sampled_from("abcd"), max_size=25)
)
def test_matches_are_the_same_on_both_sides_and_in_order(a, b):
    matches = Comparison().matches(a, b)
    for match in matches:
        assert a[match.a : match.a + match.size] == b[match.b : match.b + match.size]
    for one, other in pairwise(matches):
        assert one.a + one.size <= other.a
        assert one.b + one.size <= other.b


def test_without_rare_words_the_edit_is_the_shortest():
    matches = Comparison().matches("abcabba", "cbabac")
    assert sum(match.size for match in matches) == 4  # Myers's own example


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x \n" * 200_000, "y x\n" * 200_000),
        ("ab " * 200_000, "ba " * 200_000),
        (
            " ".join(f"w{number}" for number in range(80_000)),
            " ".join(f"w{number * 7 % 80_000}" for number in range(80_000)),
        ),
    ],
    ids=["lines", "words", "order"],
)
def test_a_hostile_pair_of_texts_takes_little_work(before, after):
    started = time.process_time()
    pieces = word_diff(before, after)
    assert time.process_time() - started < 60  # one second here; without limits, hours
    assert "".join(text for kind, text in pieces if kind != ADDED) == before


def test_signs_and_spaces_are_no_words():
    assert [token for token in words_of("Ink, é 我 _x_!") if is_word(token)] == [
        "Ink",
        "é",
        "我",
        "x",
    ]
