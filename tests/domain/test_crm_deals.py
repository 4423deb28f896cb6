"""Which of a CRM's ids are one deal, whoever registered it (rules §4)."""

from domain.crm_deal.events import CrmDealsMerged
from domain.crm_deal.merging import one_deal
from domain.ids import Instant, Position
from domain.ledger import Ledger
from domain.recorded import Recorded
from tests.domain.scenario import refused


def test_ids_are_one_deal_whatever_was_merged_first() -> None:
    """Chains and circles come to the same; no deal has more than 100 ids."""
    assert one_deal(["D-2", "D-1"], []) == ("D-1", "D-2")
    assert one_deal(["D-3", "D-2"], [("D-1", "D-2"), ("D-3", "D-4")]) == ("D-1", "D-2", "D-3", "D-4")
    assert len(one_deal([f"D-{number}" for number in range(100)], [])) == 100
    with refused("TOO_MANY_MERGED"):
        one_deal([f"D-{number}" for number in range(100)], [("E", "D-1")])


def test_a_ledger_counts_merges_that_concern_no_registration() -> None:
    """They are part of what a closing has read."""
    ledger = Ledger()
    said = CrmDealsMerged(
        source="crm", deals=("D-1",), into="D-2", one_deal=("D-1", "D-2"), occurred_at=Instant(1), delivery="msg_1"
    )
    ledger.apply(Recorded(position=Position(1), recorded_at=Instant(1), actor="source:crm", event=said))
    assert (ledger.merged_deals, ledger.decided_to) == (1, 1)
