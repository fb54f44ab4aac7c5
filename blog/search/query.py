"""What a searcher typed, understood once and written for each database."""

import re
from dataclasses import dataclass

from lib.text import clean_text
from lib.tokens import is_paired, pairs, runs, stem

MAX_QUERY_LENGTH = 200  # characters
MAX_TERMS = 10
MIN_PREFIX_LENGTH = 2  # characters; of a spaced word: one letter begins a tenth of all words

_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|“([^”]*)”?|(\S+))')


@dataclass(frozen=True, slots=True)
class Term:
    """`tokens` in a row; with `prefix`, the last of them may be any word that begins so.

    `quoted` is a phrase that its writer put in quotes.
    """

    tokens: tuple[str, ...]
    prefix: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of `terms` and none of `excluded`; with `loose`, any of `terms`."""

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    loose: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms)

    def as_tsquery(self, *, ordered: bool = True) -> str:
        """For PostgreSQL. Tokens hold letters, marks and digits only: nothing to escape.

        Not `ordered`, it matches everything that it matches otherwise, and perhaps more, and the
        index can tell without a look at the texts.
        """
        row = " <-> " if ordered else " & "
        joined = (" | " if self.loose else " & ").join(
            _tsquery_term(term, row) for term in self.terms
        )
        excluded = [term for term in self.excluded if ordered or len(term.tokens) < 2]
        return " & ".join([f"({joined})", *(f"!({_tsquery_term(term, row)})" for term in excluded)])

    def as_fts5(self, column: str = "") -> str:
        """For SQLite's FTS5, in one `column` if it is named."""
        joined = (" OR " if self.loose else " AND ").join(map(_fts5_term, self.terms))
        text = f"({joined})"
        for term in self.excluded:
            text += f" NOT ({_fts5_term(term)})"
        return f"{{{column}}} : ({text})" if column else text

    def titles(self) -> tuple["Query", "Query"]:
        """What raises a post above all that only score well: its title has the words, or is them.

        Who types the words of a title looks for that post (a "known item"), which a score of words
        alone puts below long posts that repeat them.
        """
        return self, self.as_title()

    @property
    def has_phrase(self) -> bool:
        """Whether the order of words counts."""
        return any(len(term.tokens) > 1 for term in (*self.terms, *self.excluded))

    def as_title(self) -> "Query":
        """What a title is asked that should say just this: the terms as one phrase."""
        if self.loose or any(term.prefix for term in self.terms[:-1]):
            return self
        row = tuple(token for term in self.terms for token in term.tokens)
        prefix = self.terms[-1].prefix
        # One character of an unspaced script has a prefix and no token of its own.
        return self if prefix and not self.terms[-1].tokens else Query((Term(row, prefix),))


def parse(text: str, *, whole: bool = False) -> Query:
    """The query that `text` is: words, "phrases" and -words to leave out.

    The last word may be the beginning of one, unless `whole`. Empty when nothing can be looked up.
    """
    text = clean_text(text[:MAX_QUERY_LENGTH].replace("\x00", " ")).strip()
    terms: list[Term] = []
    excluded: list[Term] = []
    for piece in _PIECE.finditer(text):
        minus, *quotes, word = piece.groups()
        quoted = next((quote for quote in quotes if quote is not None), None)
        last = not whole and piece.end() == len(text) and quoted is None and not minus
        made = [_phrase(quoted)] if quoted is not None else _words(word, last=last)
        (excluded if minus else terms).extend(term for term in made if term)
    kept = tuple(dict.fromkeys(terms))[:MAX_TERMS]
    return Query(kept, tuple(dict.fromkeys(excluded))[:MAX_TERMS])


def loosened(query: Query) -> Query:
    """`query` with any of its terms enough, and rows found by any of their tokens.

    A phrase in quotes stays one: who typed the quotes meant them.
    """
    terms: list[Term] = []
    for term in query.terms:
        if term.quoted or len(term.tokens) < 2:
            terms.append(term)
        else:
            terms += [Term((token,)) for token in term.tokens[:-1]]
            terms.append(Term(term.tokens[-1:], term.prefix))
    return Query(tuple(dict.fromkeys(terms)), query.excluded, loose=True)


def _words(word: str, *, last: bool) -> list[Term]:
    """The terms of what was typed without a space; words that a sign joins ("1.0") are a row."""
    found = runs(word)
    terms: list[Term] = []
    row: list[str] = []
    for number, run in enumerate(found):
        if not is_paired(run):
            row.append(stem(run))
            begins = last and number == len(found) - 1 and len(run) >= MIN_PREFIX_LENGTH
            if begins or number == len(found) - 1 or is_paired(found[number + 1]):
                terms.append(Term(tuple(row), run if begins else ""))
                row = []
        # One character is the beginning of a pair; more are a row of pairs.
        elif len(run) > 1:
            terms.append(Term(tuple(pairs(run)[:-1])))
        else:
            terms.append(Term((), run))
    return terms


def _phrase(text: str) -> Term | None:
    """The tokens of a quoted phrase in a row."""
    row: list[str] = []
    found = runs(text)
    for number, run in enumerate(found):
        if not is_paired(run):
            row.append(stem(run))
        elif number == len(found) - 1:
            row += pairs(run)[:-1] or [run]
        else:
            row += pairs(run)
    return Term(tuple(row), quoted=True) if row else None


def _tsquery_term(term: Term, row: str) -> str:
    *before, last = [f"'{token}'" for token in term.tokens] or [""]
    if term.prefix:
        last = f"({last} | '{term.prefix}':*)" if last else f"'{term.prefix}':*"
    return f"({row.join([*before, last])})"


def _fts5_term(term: Term) -> str:
    choices = []
    if term.tokens:
        choices.append(f'"{" ".join(term.tokens)}"')
    if term.prefix:
        choices.append(f'"{" ".join([*term.tokens[:-1], term.prefix])}"*')
    return f"({' OR '.join(choices)})"
