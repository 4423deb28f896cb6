"""Protection that a person extends, and what partners are told about its end (rules §3; situations; issue 3)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Place, Sandbox

EVIDENCE = {"evidence": "Proof of concept signed on 20 January."}


def path(registered: dict[str, Any], verb: str) -> str:
    """A verb on a registration."""
    return f"/v1/registrations/{registered['id']}/{verb}"


@pytest.fixture
def asked(sandbox: Sandbox) -> tuple[Sandbox, dict[str, Any]]:
    """On day 29 an extension was asked for, which a person decides."""
    sandbox.terms(extension_approval="manual")
    registered = sandbox.register("northwind")
    sandbox.move_clock("2026-01-30T09:00:00+00:00")
    sandbox.by("partner", "northwind").post(path(registered, "extend"), EVIDENCE)
    return sandbox, registered


def test_an_extension_filed_in_time_and_decided_late_is_continuous_without_a_rival(
    asked: tuple[Sandbox, dict[str, Any]],
) -> None:
    """Asked on day 29, granted on day 33: as if protection had never ended."""
    sandbox, registered = asked
    shown = sandbox.registration(registered["id"])
    assert shown["protection"]["until"] == "2026-01-31T09:00:00.000000Z"
    assert shown["asked_extension"] == {"asked_at": "2026-01-30T09:00:00.000000Z", **EVIDENCE}
    sandbox.move_clock("2026-02-03T09:00:00+00:00")
    waiting = sandbox.by("sales").get("/v1/reviews", at_least=sandbox.position())["items"]
    assert [(item["subject"], item["overdue"], item["registration"]["status"]) for item in waiting] == [
        ("extension", True, "expired")
    ]
    assert sandbox.queue()["queue"] == []
    partner = sandbox.by("partner", "northwind")
    assert partner.refused("POST", path(registered, "extension/grant")) == (403, "FORBIDDEN")
    granted = sandbox.by("partner_manager").post(path(registered, "extension/grant"))
    assert (granted["status"], granted["asked_extension"]) == ("approved", None)
    assert granted["protection"] == {"from": "2026-01-01T09:00:00.000000Z", "until": "2026-03-02T09:00:00.000000Z"}
    assert [(one["until"], one["ended_by"]) for one in sandbox.queue()["timeline"]] == [(None, None)]
    assert sandbox.queue(as_of="2026-02-01T09:00:00Z")["queue"] == []
    assert sandbox.register("contoso")["status"] == "waiting"
    words = [one["what"] for one in partner.get(f"/v1/registrations/{registered['id']}")["history"]]
    assert "Extension granted: edge until 2026-03-02T09:00:00.000000Z, as if it had never ended." in words


def test_an_extension_decided_late_is_too_late_once_a_rival_is_first(asked: tuple[Sandbox, dict[str, Any]]) -> None:
    """The rival registered on day 31; staff can only decline."""
    sandbox, registered = asked
    sandbox.move_clock("2026-02-01T09:00:00+00:00")
    rival = sandbox.register("contoso")
    assert rival["status"] == "approved"
    manager = sandbox.by("partner_manager")
    assert manager.refused("POST", path(registered, "extension/grant")) == (409, "PROTECTION_LAPSED")
    declined = manager.post(path(registered, "extension/decline"), {"reason": "Another partner is first by now."})
    assert (declined["status"], declined["asked_extension"]) == ("expired", None)
    assert manager.refused("POST", path(registered, "extension/grant")) == (409, "WRONG_STATE")
    assert [one["registration"] for one in sandbox.queue()["queue"]] == [rival["id"]]


def test_day_31_is_too_late_to_ask(sandbox: Sandbox) -> None:
    """Whoever decides: register again, with a new place."""
    sandbox.terms(extension_approval="manual")
    registered = sandbox.register("northwind")
    sandbox.move_clock("2026-02-01T09:00:00+00:00")
    partner = sandbox.by("partner", "northwind")
    assert partner.refused("POST", path(registered, "extend"), EVIDENCE) == (409, "PROTECTION_LAPSED")


def happened(sandbox: Sandbox) -> list[tuple[str, int]]:
    """What time alone has brought, in the order of the log: its kind, and when it fell due."""
    rows = map(json.loads, sandbox.by("auditor").ask("GET", "/v1/audit/events?limit=1000").text.splitlines())
    return [
        (row["type"].split(".")[1], json.loads(row["body"])["at"])
        for row in rows
        if row["type"].split(".")[1] in ("protection_ends_soon", "protection_expired", "promoted")
    ]


def test_the_clock_writes_reminders_expiry_and_promotion_in_order_of_instant(place: Place) -> None:
    """14, 7 and 1 days before the end, once each, and of two accounts whichever comes first."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind", "acme")
    sandbox.register("contoso", "acme")
    sandbox.move_clock(timedelta(days=3))
    sandbox.register("contoso", "globex")
    sandbox.move_clock(timedelta(days=60))
    found = happened(sandbox)
    assert [kind for kind, _ in found] == [
        *("protection_ends_soon",) * 5,
        "protection_expired",
        "promoted",
        "protection_ends_soon",
        "protection_expired",
        *("protection_ends_soon",) * 3,
        "protection_expired",
    ]
    assert [at for _, at in found] == sorted(at for _, at in found)
    sandbox.move_clock(timedelta(days=1))
    assert happened(sandbox) == found


def notices(found: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    """Of each notice: whom it is for, its kind, and the days left."""
    return [(item["partner"], item["kind"], item["days_left"]) for item in found["items"]]


def test_a_mailer_reads_every_notice_in_order_and_once(place: Place) -> None:
    """By position, however small the pages; those of one event stay together; it can go on on any later day."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind")
    sandbox.register("contoso")
    sandbox.move_clock(timedelta(days=30))
    mailer = sandbox.by("partner_manager")
    whole = mailer.get("/v1/outbox", at_least=sandbox.position())
    assert notices(whole) == [
        ("contoso", "case_opened", None),
        ("northwind", "case_opened", None),
        ("northwind", "protection_ends_soon", 14),
        ("northwind", "protection_ends_soon", 7),
        ("northwind", "protection_ends_soon", 1),
        ("northwind", "protection_ended", None),
        ("contoso", "first_in_line", None),
    ]
    paged: list[Any] = []
    after = "0"
    for _ in range(10):
        page = mailer.get("/v1/outbox", after=after, limit=1)
        paged += page["items"]
        after = page["next"]
    assert (paged, after) == (whole["items"], whole["next"])
    sandbox.move_clock(timedelta(days=16))
    later = mailer.get("/v1/outbox", after=after, at_least=sandbox.position())
    assert notices(later) == [("contoso", "protection_ends_soon", 14)]
    assert later["items"][0]["what"] == (
        "The protection of edge at Acme GmbH ends in 14 days, at 2026-03-02T09:00:00.000000Z."
    )


def test_a_partner_reads_its_own_notices_and_learns_of_nobody_else(sandbox: Sandbox) -> None:
    """Neither a name nor an id of the other side, nor how far the outbox reaches beyond its own."""
    first, second = sandbox.register("northwind"), sandbox.register("contoso")
    sandbox.move_clock(timedelta(days=30))
    answer = sandbox.by("partner", "contoso").ask("GET", f"/v1/outbox?at_least={sandbox.position()}")
    assert {item["registration"] for item in answer.json()["items"]} == {second["id"]}
    assert "northwind" not in answer.text.lower() and first["id"] not in answer.text
    assert answer.json()["next"] == str(answer.json()["items"][-1]["position"])
    assert sandbox.by("sales").refused("GET", "/v1/outbox") == (403, "FORBIDDEN")
    assert sandbox.by("partner_manager").refused("GET", "/v1/outbox?after=x") == (422, "MALFORMED")
