"""Recording that the customer chose a partner in writing."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.conflict_case.customer_choice import RecordCustomerChoice, record_choice
from domain.ids import RegistrationId
from service.attempt import Attempt
from service.commands.on_account import ON_AN_ACCOUNT, answer, draft_of, store
from service.commands.registrations import account_of_registration, registration_needs
from service.presentation.registrations import registration_document
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChoice(Work):
    """The customer chose the partner of this registration."""

    actor: str
    registration: RegistrationId
    command: RecordCustomerChoice
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The registration's account."""
        yield from ON_AN_ACCOUNT
        yield from registration_needs(self.registration, known)

    def run(self, attempt: Attempt) -> Answer:
        """Record it, and show the registration as it stands then and the cases that decided it."""
        draft = draft_of(attempt, account_of_registration(attempt, self.registration, None), self.token)
        cases = record_choice(draft, self.registration, self.command)
        store(attempt, draft)
        shown = registration_document(draft.account, self.registration, draft.terms.terms)
        return answer(attempt, {"registration": shown, "conflicts": list(cases)})
