"""What can be asked about an account on which something was told."""

from domain.account.merged_deals import lead_of
from domain.account.priority import Status, opportunities, protection, ranked, standing, status
from domain.account.state import Account, Case, Claim, Registration
from domain.calendar import instant_text
from domain.commission.credit import Credit, DealOutcome, outcome_of
from domain.conflict_case.events import CaseKind
from domain.ids import (
    CaseId,
    Instant,
    Product,
    RegistrationId,
)
from tests.domain.told_programme import ToldProgramme


class AccountSeen(ToldProgramme):
    """An account as it stands, by the names of its registrations."""

    account: Account

    def registration(self, name: str) -> Registration:
        """A registration as it stands."""
        return self.account.registrations[RegistrationId(name)]

    def claim(self, name: str, product: str = "edge") -> Claim:
        """A registration's claim on a product."""
        return self.registration(name).claim_on(Product(product))

    def shares(self, name: str) -> dict[str, int]:
        """How a registration is shared."""
        return {share.partner: share.basis_points for share in self.registration(name).shares}

    def places(self) -> dict[tuple[str, str], object]:
        """Of every claim: its rank, whether it holds, and its protection."""
        return {
            (name, place.product): (place.rank, place.is_holder, place.protection)
            for name in self.account.registrations
            for place in standing(self.account, name)
        }

    def status(self, name: str) -> Status:
        """A registration's status."""
        return status(self.registration(name))

    def queue(self, product: str = "edge") -> list[str]:
        """Who stands in the queue of the product's first living opportunity, the holder first."""
        alive = opportunities(self.account, Product(product))
        return [r.id for r in ranked(self.account, Product(product), alive[0])] if alive else []

    def queues(self, product: str = "edge") -> list[list[str]]:
        """Who stands in the queue of each opportunity that is alive."""
        alive = opportunities(self.account, Product(product))
        return [[r.id for r in ranked(self.account, Product(product), number)] for number in alive]

    def holder(self, product: str = "edge") -> str | None:
        """Who holds the product."""
        holder = self.account.holder(Product(product))
        return None if holder is None else holder[0].id

    def timeline(self, product: str = "edge") -> list[tuple[str, str, str | None, str | None]]:
        """Who held the product from when until when, and what ended it."""
        return [
            (h.registration, _short(h.since), None if h.until is None else _short(h.until), h.ended_by)
            for h in self.account.holdings.get(Product(product), ())
        ]

    def protected_until(self, name: str) -> str | None:
        """The end of a registration's protection, in UTC."""
        interval = protection(self.registration(name))
        return None if interval is None else _short(interval[1])

    def cases(self, kind: CaseKind | None = None) -> list[Case]:
        """The conflict cases of a kind, in the order in which they were identified."""
        return [case for case in self.account.cases.values() if kind in (None, case.kind)]

    def case(self, challenger: str, product: str = "edge") -> Case:
        """The latest case about a registration's place on a product."""
        found = [c for c in self.cases("same_account") if (c.challenger, c.product) == (challenger, product)]
        return found[-1]

    def case_now(self, case: Case) -> Case:
        """A case as it stands now."""
        return self.account.cases[CaseId(case.id)]

    def review(self, challenger: str) -> Case:
        """The latest case that reviews the win of a registration's deal."""
        return [case for case in self.cases() if case.challenger == challenger and case.product is None][-1]

    def leading(self, registration: str) -> Registration:
        """The registration to which the deal of this one leads."""
        one = self.registration(registration)
        return lead_of(self.account, one) or one

    def outcome(self, name: str) -> DealOutcome | None:
        """What a registration's deal leads to."""
        return outcome_of(self.account, self.registration(name), self.programme)

    def credit(self, name: str) -> Credit:
        """The one credit that a registration's deal leads to."""
        outcome = self.outcome(name)
        assert outcome is not None
        (credit,) = outcome.credits
        return credit

    def credited(self, name: str) -> tuple[str, ...] | None:
        """Whom a registration's deal credits and why that is held: `("A", "CONFLICT_OPEN")`; None for nobody."""
        outcome = self.outcome(name)
        if outcome is None or not outcome.credits:
            return None
        (credit,) = outcome.credits
        return credit.partner, *credit.held_because


def _short(instant: Instant) -> str:
    """An instant in UTC, to the minute where it is a whole one."""
    return instant_text(instant).replace(":00.000000Z", "Z").replace(".000000Z", "Z")
