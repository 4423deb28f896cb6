"""Verifying a log looks at the deliveries that its events came of, and at every other (rules §9)."""

from itertools import pairwise

import pytest

from service.audit import replay, verify_database
from service.audit_findings import Disagreement
from service.causes import Cause
from service.command_line.verdict_page import verdict_page
from service.erasure import erase_delivery
from service.running import Service
from tests.service.audit_history import PROGRAMME
from tests.service.audit_tampering import chained, overwrite, position_of, rows_of, run, table_rows

WON = "deal_registration.won.v1"


async def cause_of_the_win(history: Service) -> tuple[int, str]:
    """The position of an event that a delivery brought about, and the delivery's id."""
    rows = await rows_of(history.engine)
    place = position_of(rows, WON)
    cause = rows[place - 1].cause
    assert cause is not None
    return place, cause.split(":")[2]


async def disagreement(history: Service) -> Disagreement:
    """What is found first; the log itself holds, and the views are not compared any more."""
    verdict = await verify_database(history, PROGRAMME)
    assert verdict.chain.first is None and verdict.ledger.first is None
    assert verdict.closed_is_intact and verdict.recomputing_agrees
    found = verdict.first_disagreement
    assert found is not None and not verdict.agrees
    page = verdict_page(verdict)
    assert f"verdict     NO: {found.what}\n" in page
    assert "views       not compared\n" in page
    return found


TAMPERINGS: dict[str, tuple[str, str]] = {
    "another body": (
        "UPDATE record_deliveries SET body = :other WHERE delivery_id = :id",
        "has another body than the one that arrived: its SHA-256 is another",
    ),
    "a text for a body": (
        "UPDATE record_deliveries SET body = '{}' WHERE delivery_id = :id",
        "has another body than the one that arrived: its SHA-256 is another",
    ),
    "another hash": (
        "UPDATE record_deliveries SET body_hash = :other WHERE delivery_id = :id",
        "has another body's SHA-256 than the event that it brought about",
    ),
    "another position": (
        "UPDATE record_deliveries SET position = 1 WHERE delivery_id = :id",
        "states a position at which it brought nothing about",
    ),
    "no position": (
        "UPDATE record_deliveries SET position = NULL WHERE delivery_id = :id",
        "does not state the position of the last event that it brought about",
    ),
    "a row deleted": (
        "DELETE FROM record_deliveries WHERE delivery_id = :id",
        "is not kept any more, though an event names it",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
async def test_a_delivery_that_is_not_what_the_log_says_is_named(history: Service, what: str) -> None:
    """Its bytes, its hash, its position, and when it is gone: with the event and the delivery."""
    place, delivery = await cause_of_the_win(history)
    statement, how = TAMPERINGS[what]
    values: dict[str, object] = {"id": delivery, "other": b"{}"}
    await run(history.engine, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    found = await disagreement(history)
    assert found.what == f"the delivery {delivery} of crm {how}"
    assert found.row == {"source": "crm", "delivery_id": delivery}
    assert found.position is not None and (found.position >= place or (what, found.position) == ("another position", 1))
    document = (await replay(history, PROGRAMME)).document()
    assert (document["deliveries_intact"], document["views_equal"]) == (False, False)
    assert document["first_disagreement"] == found.document()


async def test_a_delivery_that_nothing_came_of_is_looked_at_too(history: Service) -> None:
    """Its body is what it was; it states no position, or it states that of an event that it did not bring about."""
    place, delivery = await cause_of_the_win(history)
    copy = (
        "INSERT INTO record_deliveries (programme, source, delivery_id, arrival, received_at, body, body_hash,"
        " headers, outcome, answer) SELECT programme, source, 'msg_idle', arrival + 1000, received_at, body, body_hash,"
        " headers, 'ignored', answer FROM record_deliveries WHERE delivery_id = :id"
    )
    await run(history.engine, copy, id=delivery)
    assert (await verify_database(history, PROGRAMME)).agrees
    await run(history.engine, f"UPDATE record_deliveries SET position = {place} WHERE delivery_id = 'msg_idle'")
    found = await disagreement(history)
    assert found.what == "the delivery msg_idle of crm states a position at which it brought nothing about"
    assert found.position == place
    idle = "UPDATE record_deliveries SET position = NULL, body = :body WHERE delivery_id = 'msg_idle'"
    await run(history.engine, idle, body=b"{}")
    found = await disagreement(history)
    assert found.what.startswith("the delivery msg_idle of crm has another body")
    assert found.position is None


async def test_an_erased_body_is_no_disagreement(history: Service) -> None:
    """What stays of the delivery is still what the log says."""
    _, delivery = await cause_of_the_win(history)
    assert await erase_delivery(history.engine, PROGRAMME, "crm", delivery)
    verdict = await verify_database(history, PROGRAMME)
    assert verdict.agrees
    kept = await table_rows(history.engine, "record_deliveries")
    assert verdict.deliveries is not None and verdict.deliveries.deliveries == len(kept)
    assert f"deliveries  {len(kept)} as they arrived, and where the log names them\n" in verdict_page(verdict)


async def test_an_event_under_a_new_chain_that_names_another_body_is_found(history: Service) -> None:
    """Whoever computes the chain anew with another delivery as the cause has the delivery against it."""
    rows = await rows_of(history.engine)
    place, delivery = await cause_of_the_win(history)
    forged = rows[place - 1]._replace(cause=Cause(f"delivery:crm:{delivery}:{'0' * 64}"))
    await overwrite(history.engine, chained([*rows[: place - 1], forged, *rows[place:]]))
    found = await disagreement(history)
    assert (found.position, "0" * 64 in str(found.found)) == (place, True)
    assert rows[0].cause is None
    await overwrite(history.engine, chained([rows[0]._replace(cause=Cause("delivery:crm")), *rows[1:]]))
    found = await disagreement(history)
    assert (found.position, found.what) == (1, "an event names a delivery in a way that no release writes")


async def test_a_delivery_states_the_last_event_that_it_brought_about(history: Service) -> None:
    """Another of its own is found by the event behind it, and another delivery under its place is not it."""
    rows = await rows_of(history.engine)
    pairs = pairwise(rows)
    last = next(two for one, two in pairs if one.cause == two.cause and (two.cause or "").startswith("delivery:"))
    earlier = f"UPDATE record_deliveries SET position = position - 1 WHERE position = {last.position}"
    await run(history.engine, earlier)
    found = await disagreement(history)
    assert found.what.endswith("does not state the position of the last event that it brought about")
    assert (found.position, found.expected, found.found) == (last.position, last.position, last.position - 1)
    renamed = f"UPDATE record_deliveries SET delivery_id = 'msg_other' WHERE position = {last.position - 1}"
    await run(history.engine, renamed)
    assert (await disagreement(history)).row == {"source": "crm", "delivery_id": "msg_other"}


@pytest.mark.parametrize("at_once", ["DELIVERIES_AT_ONCE", "CHUNK_EVENTS"])
async def test_deliveries_are_read_in_chunks(history: Service, monkeypatch: pytest.MonkeyPatch, at_once: str) -> None:
    """However the log and the deliveries are cut, each is looked at once, and its events belong together."""
    whole = await verify_database(history, PROGRAMME)
    module = "service.audit_deliveries" if at_once == "DELIVERIES_AT_ONCE" else "service.event_store"
    monkeypatch.setattr(f"{module}.{at_once}", 1)
    assert await verify_database(history, PROGRAMME) == whole
