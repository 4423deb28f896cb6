"""What registering would lead to, and why, without registering (rules §3, eligibility). Nothing of it is stored."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.account.passing_of_time import let_time_pass
from domain.account.priority import protection, standing, status
from domain.deal_registration.aggregate import application_of, register
from domain.deal_registration.eligibility import Verdict, verdicts
from service.attempt import Attempt
from service.commands.on_account import encode
from service.commands.registering import Wanted, drafted, needs_of
from service.presentation.registrations import awaited_document
from service.presentation.review_policies import reviews_document
from service.presentation.values import Document, interval
from service.work import Answer, Known, StateKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Work):
    """A request to register that is only judged, on the programme as a registration would find it.

    It goes the way of a registration, so that it cannot say anything else than one; it writes nothing.
    """

    actor: str
    wanted: Wanted
    for_staff: bool

    def needs(self, known: Known) -> Iterable[StateKey]:
        """What registering needs."""
        return needs_of(self.wanted, known)

    def run(self, attempt: Attempt) -> Answer:
        """Judge the request policy by policy; where all say yes, say where the registration would stand."""
        draft, command = drafted(attempt, self.wanted)
        let_time_pass(draft)
        found = verdicts(application_of(draft, command), for_staff=self.for_staff)
        refusal = next((verdict.refusal for verdict in found if verdict.refusal is not None), None)
        document: Document = {
            "status": None,
            "code": None if refusal is None else refusal.code,
            "reason": None if refusal is None else refusal.detail,
            "policies": [_policy(verdict) for verdict in found],
            "reviews": [],
            "standing": [],
            "protection": None,
            "approval_awaits": [],
        }
        if refusal is None:
            register(draft, command)
            registration = draft.account.registrations[command.registration]
            document["status"] = status(registration)
            document["reviews"] = reviews_document(draft, registration, command.duplicates, for_staff=self.for_staff)
            document["standing"] = [
                {"product": place.product, "rank": place.rank, "holder": place.is_holder}
                for place in standing(draft.account, registration.id)
            ]
            document["protection"] = interval(protection(registration))
            document["approval_awaits"] = awaited_document(
                draft.account, registration, draft.terms.terms, None if self.for_staff else registration.partner
            )
        return Answer(body=encode(document), position=attempt.tip.position)


def _policy(verdict: Verdict) -> Document:
    refusal = verdict.refusal
    return {
        "policy": verdict.policy,
        "passed": refusal is None if verdict.looked_at else None,
        "code": None if refusal is None else refusal.code,
        "reason": None if refusal is None else refusal.detail,
    }
