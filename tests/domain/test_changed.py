"""States are changed by making new ones."""

from dataclasses import replace

from domain.account.state import Claim, UnderReview, Waiting
from domain.changed import changed
from domain.ids import Instant, Product


def test_a_changed_state_is_what_the_standard_library_would_make() -> None:
    """The one it was made from stays as it is."""
    claim = Claim(product=Product("edge"), stage=UnderReview(), opportunity=1, live_since=Instant(5))
    waiting = changed(claim, stage=Waiting(case=None), opportunity=2)
    assert waiting == replace(claim, stage=Waiting(case=None), opportunity=2)
    assert claim.stage == UnderReview()
    assert hash(waiting) == hash(replace(waiting))
