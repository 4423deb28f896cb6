"""Which ids of a CRM are one deal: whatever was ever merged with whatever, in any order (rules §1, deal).

Only that ids belong together matters, not which of them goes on: so chains of merges, a merge said twice or the other
way round, and any order of arrival come to the same.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from domain.refusal import Refusal

IDS_OF_A_DEAL_AT_MOST: Final = 100


def one_deal(said: Sequence[str], known: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The ids that are one deal once those `said` are, given the ids that each of them was one with already.

    Refuses more of them than any deal has.
    """
    ids = tuple(sorted({*said, *(one for ids in known for one in ids)}))
    if len(ids) > IDS_OF_A_DEAL_AT_MOST:
        raise Refusal("TOO_MANY_MERGED", f"A deal goes by at most {IDS_OF_A_DEAL_AT_MOST} ids.")
    return ids
