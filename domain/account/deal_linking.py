"""To which registration a deal of the CRM leads, and with it what was said of the deal (rules §5)."""

from typing import assert_never

from domain.account import queueing
from domain.account.deal_evolution import with_facts
from domain.account.state import Account, Registration
from domain.changed import changed
from domain.deal_registration import deal
from domain.deal_registration.events import DealLinked, DealUnlinked
from domain.deal_registration.merge_events import (
    DealLedElsewhere,
    DealParted,
    DealsMerged,
    DealStoodApart,
    MergeEvent,
)
from domain.recorded import Recorded

LinkEvent = DealLinked | DealUnlinked | MergeEvent


def after_link_event(account: Account, registration: Registration, recorded: Recorded[LinkEvent]) -> Account:
    """The account after deals lead to one of its registrations, or lead there no longer, with what was said of them."""
    event, facts = recorded.event, registration.deal_facts
    if isinstance(event, DealLinked):
        registration = changed(registration, deal=event.deal, merged_deals=(), led_elsewhere=False)
        facts = event.facts
    elif isinstance(event, DealUnlinked):
        registration = changed(registration, deal=None, merged_deals=())
        facts = ()
    elif isinstance(event, DealsMerged):
        registration = changed(registration, merged_deals=event.deals, led_elsewhere=False)
        facts = deal.with_facts_of_another(facts, event.facts)
    elif isinstance(event, DealLedElsewhere):
        registration = changed(registration, merged_deals=(), led_elsewhere=True)
        facts = ()
    elif isinstance(event, DealParted):
        registration = changed(registration, merged_deals=event.deals if len(event.deals) > 1 else ())
        facts = tuple(fact for fact in facts if fact.deal != event.deal.id)
    elif isinstance(event, DealStoodApart):
        registration = changed(registration, led_elsewhere=False, parted_at=recorded.recorded_at)
        facts = event.facts
    else:
        assert_never(event)
    account = queueing.with_registration(account, registration)
    return with_facts(account, registration.id, facts, at=recorded.recorded_at, position=recorded.position)
