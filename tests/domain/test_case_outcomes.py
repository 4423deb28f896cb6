"""Each kind of conflict case has the outcomes that make sense for it; others are refused with a reason (rules §4)."""

from itertools import product
from typing import get_args

import pytest

from domain.conflict_case.events import CaseKind, Outcome
from domain.conflict_case.outcomes import OUTCOMES, refuse_senseless
from tests.domain.scenario import refused


@pytest.mark.parametrize(("kind", "outcome"), [*product(get_args(CaseKind), get_args(Outcome))])
def test_an_outcome_is_possible_or_refused_with_the_reason(kind: CaseKind, outcome: Outcome) -> None:
    """The table knows every kind, and has a reason for whatever it leaves out."""
    if outcome in OUTCOMES[kind]:
        refuse_senseless(kind, outcome)
    else:
        with refused("WRONG_STATE"):
            refuse_senseless(kind, outcome)


def test_every_kind_can_be_upheld_and_void() -> None:
    """Whatever a case is about: what stands may stand, and what should not be may be taken away."""
    assert all({"uphold", "void"} <= set(outcomes) for outcomes in OUTCOMES.values())
