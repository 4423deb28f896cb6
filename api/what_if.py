"""Ripple preview: what other terms, late facts or decisions would change about every statement."""

import json
from typing import Any

from starlette.responses import Response

from api.answers import shown
from api.call import Call
from api.models.what_if import FactIn, Ripple, WhatIf
from api.operation import Operations
from api.paging import Reading
from api.problems import malformed
from api.security import allowed
from api.stated_terms import merged, settings
from domain.calendar import instant_text
from domain.changed import changed
from domain.ids import CaseId, DealRef, Instant, PartnerId, Share
from domain.programme.terms import Terms
from domain.what_if.hypothesis import CaseDecidedSo, FactTold
from service.crm.reports import FactReported, Malformed, read_report
from service.reading import Moment
from service.what_if import what_if
from service.what_if_worker import Ask, Happens

ripples = Operations("Audit")


@ripples.operation(
    "POST",
    "/v1/audit/what-if",
    roles=allowed("auditor", "finance"),
    answer=Ripple,
    refusals=("MALFORMED",),
)
async def ask_what_if(call: Call, body: WhatIf) -> Response:
    """Show every statement line that would change, by how much, and in which period that would land.

    Other terms hold from the beginning on: the whole programme is replayed under them, and where they bear on who is
    first, the rules decide everything again. What people and CRMs said stays. Nothing is stored.
    """
    async with call.reading(Reading()) as moment:
        ask, head = _asked(moment, body), moment.position
    return shown(await what_if(call.service, call.programme, ask, head), head)


def _asked(moment: Moment, body: WhatIf) -> Ask:
    stated: dict[str, Any] = {}
    if body.terms is not None:
        currency = moment.programme.currency
        merged(body.terms)(moment.programme.terms[-1].terms, currency)
        stated = settings(body.terms, currency)
    facts = [_fact(moment, fact, number) for number, fact in enumerate(body.facts)]
    decisions = [
        CaseDecidedSo(
            case=CaseId(decision.case),
            outcome=decision.outcome,
            shares=tuple(
                Share(partner=PartnerId(share.partner), basis_points=share.basis_points) for share in decision.shares
            ),
        )
        for decision in body.decisions
    ]
    return Ask(
        settings=sorted(stated),
        terms=changed(Terms(), **stated),
        happens=[*(Happens(fact=fact) for fact in facts), *(Happens(decision=decision) for decision in decisions)],
        now=moment.now,
    )


def _fact(moment: Moment, fact: FactIn, number: int) -> FactTold:
    """The fact as a webhook would tell it; 422 for data that does not fit its type."""
    at = moment.now if fact.timestamp is None else Instant(fact.timestamp)
    body = json.dumps({"type": fact.type, "timestamp": instant_text(at), "data": fact.data}).encode()
    said = read_report(body, f"what_if_{number}")
    if isinstance(said, Malformed):
        raise malformed([{**error, "field": f"facts.{number}.{error['field']}"} for error in said.errors])
    assert isinstance(said, FactReported)
    told = changed(said.fact, wanted_by_a_person=True)
    return FactTold(deal=DealRef(source=fact.source, id=said.deal_id), fact=told)
