"""Who rewrites the whole chain still cannot rewrite what follows from the log (rules §7, design, Replay)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.commission.document import digest_of
from domain.commission_period.events import CommissionPeriodClosed
from domain.deal_registration.events import DealRegistered, RegistrationApproved
from service.audit import verify_database, verify_log
from service.audit_chain import Receipt
from service.audit_findings import Disagreement
from service.chain import EventRow
from service.event_names import EVENT_TYPES
from service.running import Service
from tests.service.audit_history import PROGRAMME
from tests.service.audit_tampering import chained, edited, overwrite, position_of, rows_of, run

CLOSED = "commission_period.closed.v1"
WITH_LINES = b'"slices":[{'


async def refused(history: Service, rows: list[EventRow]) -> Disagreement:
    """The first disagreement in the log that was rewritten with its whole chain."""
    before = await rows_of(history.engine)
    rewritten = chained(rows)
    await overwrite(history.engine, rewritten)
    receipt = Receipt(before[-1].position, before[-1].hash)
    kept = await verify_database(history, PROGRAMME, receipt=receipt)
    only_added_to = rewritten[: len(before)] == before
    assert (kept.chain.receipt is None) == only_added_to, "whoever kept the end of the log sees any change before it"
    verdict = await verify_database(history, PROGRAMME)
    assert verdict.chain.first is None
    assert verdict.first_disagreement is not None
    assert not verdict.recomputing_agrees
    return verdict.first_disagreement


def closing_with_lines(rows: list[EventRow], nth: int = 0) -> int:
    """The position of a closing that has lines."""
    return position_of(rows, CLOSED, nth=nth, holding=WITH_LINES)


def pay_more(body: dict[str, Any]) -> None:
    """A line earns one cent more, and the totals say so too."""
    body["statement"]["lines"][0]["commission_minor"] += 1
    body["statement"]["totals"]["commission_minor"] += 1
    body["statement"]["totals"]["payable_minor"] += 1


async def test_a_line_changed_in_a_closed_statement_breaks_the_chain(history: Service) -> None:
    """By itself, the edit is found where the statement was closed."""
    rows = await rows_of(history.engine)
    place = closing_with_lines(rows)
    changed = edited(rows, place, pay_more)[place - 1]
    await run(history.engine, f"UPDATE record_events SET body = :body WHERE position = {place}", body=changed.body)
    verdict = await verify_database(history, PROGRAMME)
    assert verdict.first_disagreement == verdict.chain.first
    assert verdict.first_disagreement is not None and verdict.first_disagreement.position == place
    assert verdict.document()["chain"] == "broken"
    assert not verdict.document()["statements_equal"]


async def test_a_line_changed_under_a_new_chain_is_not_what_its_digest_says(history: Service) -> None:
    """The first verdict: it is not what was closed."""
    rows = await rows_of(history.engine)
    place = closing_with_lines(rows)
    found = await refused(history, edited(rows, place, pay_more))
    assert found.position == place
    assert "is not the one that was closed: digest" in found.what


async def test_a_line_changed_under_a_new_chain_and_digest_does_not_follow(history: Service) -> None:
    """The second verdict: whole in itself, but recomputing gives another line."""
    rows = await rows_of(history.engine)
    place = closing_with_lines(rows)
    changed = edited(rows, place, pay_more)
    stated = EVENT_TYPES.decode(CLOSED, changed[place - 1].body)
    assert isinstance(stated, CommissionPeriodClosed)

    def sign(body: dict[str, Any]) -> None:
        body["digest"] = digest_of(stated.statement)

    found = await refused(history, edited(changed, place, sign))
    assert found.position == place
    assert "does not follow from the log: lines[0].commission.amount" in found.what
    assert found.expected != found.found


def earlier(body: dict[str, Any]) -> None:
    """It claims to have read less of the log."""
    body["read_to"] -= 5


def somebody_elses(body: dict[str, Any]) -> None:
    """It is filed under another period."""
    body["period"] = "2025-Q4"


@pytest.mark.parametrize(("change", "member"), [(earlier, "read_to"), (somebody_elses, "period")])
async def test_what_a_closing_says_of_itself_is_checked(
    history: Service, change: Callable[[dict[str, Any]], None], member: str
) -> None:
    """How far it read, and what it closed."""
    rows = await rows_of(history.engine)
    place = position_of(rows, CLOSED)
    found = await refused(history, edited(rows, place, change))
    assert found.position == place
    assert found.what.endswith(member)


async def test_closing_twice_is_found(history: Service) -> None:
    """A period is closed once."""
    rows = await rows_of(history.engine)
    place = closing_with_lines(rows)
    twice = [*rows, rows[place - 1]]
    body = twice[-1].body.replace(
        f'"read_to":{place_of_reading(rows[place - 1])}'.encode(), f'"read_to":{len(rows)}'.encode()
    )
    twice[-1] = twice[-1]._replace(body=body, recorded_at=rows[-1].recorded_at)
    found = await refused(history, twice)
    assert found.position == len(twice)
    assert "closed before" in str(found.found)


def place_of_reading(row: EventRow) -> int:
    """How far a closing read."""
    event = EVENT_TYPES.decode(row.type_name, row.body)
    assert isinstance(event, CommissionPeriodClosed)
    return event.read_to


async def test_a_win_made_larger_is_found_by_the_statement_that_it_was_closed_in(history: Service) -> None:
    """The first closing that follows from a rewritten event names itself."""
    rows = await rows_of(history.engine)

    def larger(body: dict[str, Any]) -> None:
        body["value"]["amount_minor"] += 100

    place = position_of(rows, "deal_registration.value_stated.v1")
    found = await refused(history, edited(rows, place, larger))
    assert found.position is not None and found.position > place
    assert rows[found.position - 1].type_name == CLOSED


async def test_a_refund_taken_out_of_the_log_is_found_by_the_adjustment_that_it_caused(history: Service) -> None:
    """Every event's place moves, and the statement of the next quarter does not follow any more."""
    rows = await rows_of(history.engine)
    place = position_of(rows, "deal_registration.refunded.v1")
    found = await refused(history, [*rows[: place - 1], *rows[place:]])
    assert found.position is not None and found.position >= place
    assert "does not follow" in found.what


async def test_an_approval_forged_for_a_waiting_claim_makes_two_holders(history: Service) -> None:
    """The fold of the queue contradicts it."""
    rows = await rows_of(history.engine)
    case = position_of(rows, "conflict_case.identified.v1", holding=b'"kind":"same_account"')
    challenger = rows[case - 2]
    assert challenger.type_name == "deal_registration.registered.v1"
    approved = next(row for row in rows if row.type_name == "deal_registration.approved.v1")

    registered = EVENT_TYPES.decode(challenger.type_name, challenger.body)
    approval = EVENT_TYPES.decode(approved.type_name, approved.body)
    assert isinstance(registered, DealRegistered) and isinstance(approval, RegistrationApproved)
    forged = replace(
        approval, registration=registered.registration, account=registered.account, products=registered.products
    )
    type_name, body = EVENT_TYPES.encode(forged)
    event = rows[case - 1]._replace(stream=challenger.stream, type_name=type_name, body=body)
    found = await refused(history, [*rows[:case], event, *rows[case:]])
    assert found.position == case + 1
    assert found.what == "a queue contradicts itself"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"type_name": "deal_registration.vanished.v1"}, "this release does not know the event's type"),
        ({"body": b"{}"}, "the event's body cannot be decoded"),
        ({"body": b"{"}, "the event's body cannot be decoded"),
    ],
)
async def test_an_event_that_nobody_can_read_is_found(history: Service, change: dict[str, Any], what: str) -> None:
    """Its position is named, however well it is chained."""
    rows = await rows_of(history.engine)
    place = position_of(rows, "deal_registration.won.v1")
    rows[place - 1] = rows[place - 1]._replace(**change)
    found = await refused(history, rows)
    assert (found.position, found.what) == (place, what)


async def test_an_event_that_follows_from_nothing_is_found(history: Service) -> None:
    """A deal cannot be won whose registration was taken out of the log."""
    rows = await rows_of(history.engine)
    place = position_of(rows, "deal_registration.registered.v1")
    found = await refused(history, [*rows[: place - 1], *rows[place:]])
    assert found.position == place
    assert found.what == "the event cannot follow from those before it"


async def test_a_calculation_of_another_release_is_a_known_variance(history: Service) -> None:
    """What was closed is intact; that it cannot be recomputed here is said, and is no disagreement of the log.

    Nor is it called equal: whatever amounts it states, nobody compared them with anything.
    """
    rows = await rows_of(history.engine)
    last = [row.position for row in rows if row.type_name == CLOSED][-1]

    await overwrite(history.engine, chained(edited(rows, last, by_calculation(99))))
    verdict = await verify_database(history, PROGRAMME)
    assert verdict.chain.first is None and verdict.ledger.first is None
    assert verdict.closed_is_intact and verdict.recomputing_agrees
    assert [(one.position, one.calculation) for one in verdict.ledger.variances] == [(last, 99)]
    found = verdict.first_disagreement
    assert found is not None and found.what == "the views cannot be rebuilt from the log"
    log = await verify_log(history.engine, PROGRAMME)
    assert log.agrees, "an exported log is verified with status 0"
    for document in (verdict.document(), log.document()):
        assert (document["statements_equal"], document["statements_not_recomputed"]) == (False, 1)


async def test_a_calculation_that_no_release_had_is_found(history: Service) -> None:
    """Every release has the calculations of all before it: an older one than its own is known, or never was."""
    rows = await rows_of(history.engine)
    place = closing_with_lines(rows)
    found = await refused(history, edited(rows, place, by_calculation(0)))
    assert (found.position, found.found) == (place, {"calculation": 0})


def by_calculation(version: int) -> Callable[[dict[str, Any]], None]:
    """A closing says that another calculation made it."""

    def change(body: dict[str, Any]) -> None:
        body["calculation"] = version

    return change
