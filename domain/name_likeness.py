"""How alike two companies' names are, and how names that may be alike are found among a million (rules §3).

The measure looks at what tells two names apart, not at what they share: of `Northwind Traders` and `Nortwind Traders`
it compares `northwind` with `nortwind`. So long common parts (`… Power Distribution`) never make two companies alike.

- Names are compared as `domain.matching.normalised_name` gives them: without case, accents and legal form.
- What stands behind a name to say where or how large an office is (`Deutschland`, `Group`) is left out; it takes
  `LESS_FOR_AN_ADDITION` from the score. Two names that name different countries are not alike.
- Digits and letters that stand alone are numbers of a series (`Customer 17`, `Plant B`). Where they differ, the names
  are not alike; neither is a name with a number like one without.
- A difference is a slip of the pen only in a text of at least `SHORTEST_WITH_A_SLIP` letters.

Two alike names share a *name key*: about half of their letters from the beginning, or from the end, with their numbers,
so that one slip leaves one of the two whole. What is compared letter by letter is for the caller's library to say:
its answer is part of the command and of the event, and a replay never asks it again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from domain.changed import quickly_made
from domain.ids import NameKey
from domain.matching import normalised_name
from domain.place_names import COUNTRIES_BEHIND_NAMES, JOINING_WORDS, REACH_BEFORE_NAMES, REACH_BEHIND_NAMES

LEAST_SIMILAR_NAME_SCORE: Final = 80
"""Names below this likeness need not share a name key, so that nobody would find them."""
LESS_FOR_AN_ADDITION: Final = 5
SHORTEST_WITH_A_SLIP: Final = 6
_SHORTEST_CORE: Final = 4
"""Letters that a name keeps at least when what stands behind it is left out: `Air France` stays whole."""
_SHORTEST_PIECE: Final = 4
_LONGEST_PIECE: Final = 24
_LONGEST_NUMBERS: Final = 40

_DIGITS = re.compile(r"\d+")


def likeness_that_counts(score: int) -> int:
    """A likeness from which names may be one company's, 0 for never. ValueError where it says nothing."""
    if 0 < score < LEAST_SIMILAR_NAME_SCORE:
        raise ValueError(f"a likeness below {LEAST_SIMILAR_NAME_SCORE} says nothing; 0 turns the comparison off")
    return score


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """A name as it is compared: its words in order, its numbers, and what was left out of it."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    countries: frozenset[str]
    additions: tuple[str, ...]
    letters: str
    letters_in_order: str
    """Its letters without spaces and digits, and the same with its words sorted."""


@lru_cache(maxsize=512)
def parts_of(name: str) -> NameParts:
    """What is compared of a name."""
    words, additions = _without_additions(_words(name))
    countries = frozenset([_COUNTRIES[addition] for addition in additions if addition in _COUNTRIES])
    numbers = [number for word in words if not word.isalpha() for number in _DIGITS.findall(word)]
    numbers += [word for word in words if len(word) == 1 and not word.isdigit()]
    return NameParts(
        words=words,
        numbers=tuple(numbers),
        countries=countries,
        additions=tuple(sorted(additions)),
        letters=_letters(words),
        letters_in_order=_letters(sorted(words)),
    )


def name_score(one: str, other: str, ratio: Callable[[str, str], float]) -> int:
    """How alike two names are, from 0 to 100. `ratio` compares two texts on the same scale."""
    mine, theirs = parts_of(one), parts_of(other)
    if mine.numbers != theirs.numbers or (mine.countries and theirs.countries and mine.countries != theirs.countries):
        return 0
    rest, other_rest = _rest(mine.words, theirs.words), _rest(theirs.words, mine.words)
    if rest == other_rest:
        score = 100
    elif min(len(rest), len(other_rest)) < SHORTEST_WITH_A_SLIP:
        return 0
    else:
        score = int(ratio(rest, other_rest))
    return score if mine.additions == theirs.additions else max(0, score - LESS_FOR_AN_ADDITION)


def name_keys(name: str) -> tuple[NameKey, ...]:
    """The keys under which a name is found by those that are alike: two, and a third where its words can be sorted."""
    parts = parts_of(name)
    return _keys(parts, len(parts.letters) // 2)


def name_keys_near(name: str) -> tuple[NameKey, ...]:
    """The keys under which names are looked for that are alike: its own, and those of names one letter off."""
    parts = parts_of(name)
    length = len(parts.letters)
    return _keys(parts, (length - 1) // 2, (length + 1) // 2)


def _words(name: str) -> tuple[str, ...]:
    """The words of a name without its legal form and its `and`; numbers without leading zeros."""
    words = normalised_name(name).split()
    kept = [word for place, word in enumerate(words) if word not in _JOINING or place in (0, len(words) - 1)]
    return tuple([word if word.isalpha() else _DIGITS.sub(_without_zeros, word) for word in kept])


def _without_zeros(digits: re.Match[str]) -> str:
    return digits[0].lstrip("0") or "0"


def _keys(parts: NameParts, *halves: int) -> tuple[NameKey, ...]:
    """A name's beginnings and ends of about half its length, and its first half with its words sorted."""
    letters = parts.letters
    pieces: dict[str, None] = {}
    for size in {_size(half): None for half in halves}:
        pieces[f"<{letters[:size]}"] = None
        pieces[f"<{letters}" if len(letters) <= size else f">{letters[-size:]}"] = None
    pieces[f"<{parts.letters_in_order[: _size(len(letters) // 2)]}"] = None
    numbers = ",".join(parts.numbers)[:_LONGEST_NUMBERS]
    return tuple([NameKey(f"{piece}#{numbers}") for piece in pieces if numbers or piece != "<"])


def _size(half: int) -> int:
    return min(max(half, _SHORTEST_PIECE), _LONGEST_PIECE)


def _letters(words: Iterable[str]) -> str:
    joined = "".join(words)
    return joined if joined.isalpha() else _DIGITS.sub("", joined)


def _rest(words: tuple[str, ...], others: tuple[str, ...]) -> str:
    """The words that the other name has not, in order and without the spaces between them."""
    shared = Counter(words) & Counter(others)
    rest = []
    for word in words:
        if shared[word]:
            shared[word] -= 1
        else:
            rest.append(word)
    return "".join(rest)


def _without_additions(words: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    additions: list[str] = []
    while words:
        shorter, addition = _without_one(words)
        if addition is None or len("".join(shorter)) < _SHORTEST_CORE:
            break
        words = shorter
        additions.append(addition)
    return words, additions


def _without_one(words: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    for length in range(min(_LONGEST_ADDITION, len(words) - 1), 0, -1):
        behind = " ".join(words[-length:])
        if behind in _BEHIND:
            return words[:-length], behind
    if words[0] in _BEFORE:
        return words[1:], words[0]
    return words, None


_COUNTRIES: Final = {
    normalised_name(written): country for country, names in COUNTRIES_BEHIND_NAMES.items() for written in names
}
_BEHIND: Final = {*_COUNTRIES, *map(normalised_name, REACH_BEHIND_NAMES)}
_BEFORE: Final = frozenset(map(normalised_name, REACH_BEFORE_NAMES))
_JOINING: Final = frozenset(JOINING_WORDS)
_LONGEST_ADDITION: Final = max(len(addition.split()) for addition in _BEHIND)
