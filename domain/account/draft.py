"""An account while one command is being decided: the events so far and the state they lead to."""

from collections.abc import Mapping

from domain.account.evolve import AccountEvent, evolve
from domain.account.state import Account
from domain.ids import AccountId, CaseId, Instant, PartnerId, Position
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.programme.terms import TermsVersion
from domain.recorded import Recorded


class Draft:
    """Gathers the events of one command on one account. What a decision may know is here and nothing else.

    `token` is unique to the command: the ids of cases opened by it are made from it, so that nothing here is random.
    """

    def __init__(
        self,
        account: Account | None,
        *,
        account_id: AccountId,
        programme: Programme,
        partners: Mapping[PartnerId, Partner],
        now: Instant,
        next_position: Position,
        actor: str,
        token: str,
    ) -> None:
        self.before = self.account = account or Account(id=account_id)
        self.programme = programme
        self.partners = partners
        self.now = now
        self.terms: TermsVersion = programme.terms_at(now)
        """Those in force now."""
        self.actor = actor
        self.token = token
        self.events: list[Recorded[AccountEvent]] = []
        self._first_position = next_position
        self._cases = 0

    def add(self, event: AccountEvent) -> Recorded[AccountEvent]:
        """Record an event and let the account follow."""
        recorded = Recorded(
            position=Position(self._first_position + len(self.events)),
            recorded_at=self.now,
            actor=self.actor,
            event=event,
        )
        self.events.append(recorded)
        self.account = evolve(self.account, recorded)
        return recorded

    def next_case_id(self) -> CaseId:
        """An id for a case that this command opens."""
        self._cases += 1
        return CaseId(f"cft_{self.token}{self._cases:x}")
