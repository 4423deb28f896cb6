"""How alike two names are, letter by letter, by the library's ratio: 100 less the share of letters to add or remove.

What it said about a registration is in the event of its case, so that a replay never asks the library again.
"""

from functools import lru_cache

from rapidfuzz.fuzz import ratio

from domain.name_likeness import name_score


@lru_cache(maxsize=10_000)
def similarity(one: str, other: str) -> int:
    """How alike two companies' names are, from 0 to 100 (see `domain/name_likeness.py`)."""
    return name_score(one, other, ratio)
