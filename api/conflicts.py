"""Conflict cases: their six steps, and how they stand."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.conflicts import (
    CasePage,
    CaseWritten,
    Communicate,
    ConflictCase,
    Decide,
    Investigate,
    Mediate,
    Prevent,
)
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.problems import Problem, not_found
from api.security import ADMIN, ALL_BUT_CRM, allowed
from api.stated_terms import merged
from domain.account.state import Account, CaseStatus
from domain.conflict_case.commands import (
    CaseCommand,
    CommunicateCase,
    DecideCase,
    InvestigateCase,
    MediateCase,
    PreventCase,
)
from domain.conflict_case.events import CaseKind, Finding, Message, Outcome
from domain.ids import AccountId, CaseId
from projections.conflict_case_lists import WantedCases, account_of_case, list_cases
from service.commands.conflicts import TakeStep
from service.commands.preventing import PreventByTerms
from service.commands.registering import fresh_token
from service.commands.registrations import agreed
from service.presentation.conflicts import case_document
from service.presentation.values import Document
from service.reading import Moment
from service.registration_lists import accounts_named

conflicts = Operations("Conflict cases")

MANAGERS: Final = allowed("partner_manager")
OUT_OF_ORDER: Final = ("STEP_OUT_OF_ORDER", "WRONG_STATE")


async def _step(call: Call, case: str, command: CaseCommand) -> Response:
    work = TakeStep(
        actor=call.actor,
        case=CaseId(case),
        command=command,
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@conflicts.operation(
    "POST",
    "/v1/conflicts/{id}/investigate",
    roles=allowed("partner_manager", "sales"),
    answer=CaseWritten,
    refusals=OUT_OF_ORDER,
)
async def investigate(call: Call, id: path.Case, body: Investigate) -> Response:  # noqa: A002 - as in the path
    """Record the facts from the parties, each said by one of them."""
    findings = tuple(Finding(party=f.party, fact=f.fact, evidence=f.evidence) for f in body.findings)
    return await _step(call, id, InvestigateCase(findings=findings))


@conflicts.operation("POST", "/v1/conflicts/{id}/mediate", roles=MANAGERS, answer=CaseWritten, refusals=OUT_OF_ORDER)
async def mediate(call: Call, id: path.Case, body: Mediate) -> Response:  # noqa: A002 - as in the path
    """Record what mediation brought, or why it was skipped."""
    return await _step(call, id, MediateCase(summary=body.summary, skipped=body.skipped))


@conflicts.operation(
    "POST",
    "/v1/conflicts/{id}/decide",
    roles=MANAGERS,
    answer=CaseWritten,
    refusals=(*OUT_OF_ORDER, "PARTNER_NOT_ACTIVE", "UNKNOWN_PARTNER", "SALES_OWNER_MISSING"),
)
async def decide(call: Call, id: path.Case, body: Decide) -> Response:  # noqa: A002 - as in the path
    """Decide a case, with the rule and the reason.

    - `uphold`: the holder keeps its place, the challenger is rejected. Of a win under review: it is credited as it is.
    - `reassign`: the challenger goes first, protected from the decision on; after a win the credit moves.
    - `split`: both are credited by the `shares`, and go on as one co-sell opportunity: the challenger right behind the
      holder, whose protection covers both. After a win the credit is shared.
    - `distinct`: two opportunities. The challenger is approved with its own original time, in a queue of its own.
    - `void`: neither goes on. Of a win: it credits nobody.

    Of a `possible_duplicate`, `uphold` says that it is the account `same_as`: the two are merged, and the registration
    takes its place there by position. `distinct` releases it from review as if nobody had been there.

    Which outcomes make sense depends on the kind of the case; any other is refused with the reason.
    """
    shares = () if body.shares is None else agreed((share.partner, share.basis_points) for share in body.shares)
    same_as = None if body.same_as is None else AccountId(body.same_as)
    command = DecideCase(outcome=body.outcome, rule=body.rule, reason=body.reason, shares=shares, same_as=same_as)
    return await _step(call, id, command)


@conflicts.operation(
    "POST", "/v1/conflicts/{id}/communicate", roles=MANAGERS, answer=CaseWritten, refusals=OUT_OF_ORDER
)
async def communicate(call: Call, id: path.Case, body: Communicate) -> Response:  # noqa: A002 - as in the path
    """Record what parties were told.

    All of them at once or in several messages: the case is `communicated` once every partner of it was told, and stays
    `decided`, with its deadline, until then. The vendor's own people and the customer may be told, and need not be.
    """
    messages = tuple(Message(party=m.party, text=m.text) for m in body.messages)
    return await _step(call, id, CommunicateCase(messages=messages))


@conflicts.operation(
    "POST",
    "/v1/conflicts/{id}/prevent",
    roles=MANAGERS,
    answer=CaseWritten,
    refusals=(*OUT_OF_ORDER, "PERIOD_CLOSED"),
)
async def prevent(call: Call, id: path.Case, body: Prevent) -> Response:  # noqa: A002 - as in the path
    """Record what was changed so that it does not happen again, or why nothing was; this closes the case.

    With `terms`, which only the admin may state, the change is a new version of the terms. It is published in the same
    transaction and names the case, as the case names it.
    """
    if body.terms is not None and body.change is not None:
        if call.key.role not in ADMIN:
            raise Problem("FORBIDDEN", f"The role {call.key.role} may not publish terms.")
        work = PreventByTerms(
            actor=call.actor,
            case=CaseId(id),
            change=body.change,
            effective_from=body.terms.effective_from,
            merge=merged(body.terms.terms),
            token=fresh_token(),
            cause=call.cause,
            request=call.request_key,
        )
        return written(await call.service.submit(call.programme, work))
    return await _step(call, id, PreventCase(change=body.change, no_change=body.no_change))


class Wanted(Listing):
    """Which conflict cases."""

    status: CaseStatus | None = Field(default=None, description="In this status.")
    kind: CaseKind | None = Field(default=None, description="Of this kind.")
    account: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="On the account of this id, internet domain or name."
    )
    rule: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="Decided by this rule, whatever its capitals and spaces.", examples=["§3.1"]
    )
    outcome: Outcome | None = Field(default=None, description="Decided like this.")
    decided: bool | None = Field(default=None, description="Decided already, or not (yet).")
    overrides_priority: bool | None = Field(
        default=None, description="Decided, and that overrides strict priority, or does not."
    )
    overdue: bool | None = Field(
        default=None, description="Whose next step should have been taken by now, or need not. A partner is not told."
    )


@conflicts.operation("GET", "/v1/conflicts", roles=ALL_BUT_CRM, answer=CasePage)
async def list_conflicts(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List conflict cases, oldest first; to a partner those that concern it, with its own side only.

    With `rule`, `outcome`, `account` or `overrides_priority` it answers how such cases were decided before.
    """
    after = read_cursor(query.after, "conflicts", 0, "")
    async with call.reading(query) as moment:
        wanted = WantedCases(
            now=moment.now,
            partner=call.partner,
            status=query.status,
            kind=query.kind,
            accounts=None if query.account is None else await accounts_named(moment, query.account),
            rule=query.rule,
            outcome=query.outcome,
            overrides_priority=query.overrides_priority,
            decided=query.decided,
            overdue=query.overdue if call.partner is None else None,
        )
        found = await list_cases(moment.connection, call.programme, wanted, after=after, limit=query.limit + 1)
        listed = page(found, query.limit, "conflicts", lambda one: (one[2], one[0]))
        accounts = await moment.accounts(dict.fromkeys(account for _, account, _ in listed.items))
        documents = (_document(call, moment, accounts[account], case) for case, account, _ in listed.items)
        return shown(listed.of(documents), moment.position)


@conflicts.operation("GET", "/v1/conflicts/{id}", roles=ALL_BUT_CRM, answer=ConflictCase)
async def show_conflict(
    call: Call,
    id: path.Case,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show a conflict case; to a partner its own side only."""
    async with call.reading(query) as moment:
        account_id = await account_of_case(moment.connection, call.programme, CaseId(id), call.partner)
        if account_id is None:
            raise not_found(f"There is no conflict case {id}.")
        account = (await moment.accounts([account_id]))[account_id]
        return shown(_document(call, moment, account, CaseId(id)), moment.position)


def _document(call: Call, moment: Moment, account: Account, case: CaseId) -> Document:
    return case_document(account, case, call.partner, now=moment.now, position=moment.position)
