"""The customer signs a letter choosing another partner although one is protected (rules §4; situations)."""

from datetime import timedelta

from tests.support.api import Place, Sandbox, usd

LETTER = {"letter_sha256": "9f86d081884c7d65" * 4, "dated_on": "2026-01-10", "reason": "Signed by procurement."}


def test_the_letter_ends_the_others_protection_at_that_instant_and_the_chosen_partner_is_paid(place: Place) -> None:
    """A case of its own, decided, with the letter's digest, and an override for ever; the chosen one is paid."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    first = sandbox.register("northwind")
    second = sandbox.register("contoso", deal=sandbox.linked("D-1"))
    sandbox.move_clock("2026-01-12T09:00:00+00:00")
    path = f"/v1/registrations/{second['id']}/customer-preference"
    for role in ("sales", "partner", "finance"):
        caller = sandbox.by(role, "contoso" if role == "partner" else None)
        assert caller.refused("POST", path, LETTER) == (403, "FORBIDDEN")
    manager = sandbox.by("partner_manager")
    assert manager.refused("POST", path, LETTER | {"letter_sha256": "ABC"}) == (422, "MALFORMED")
    answer = manager.post(path, LETTER)
    chosen = answer["registration"]
    assert (chosen["status"], chosen["protection"]) == (
        "approved",
        {"from": "2026-01-12T09:00:00.000000Z", "until": "2026-02-11T09:00:00.000000Z"},
    )
    assert manager.post(path, LETTER)["conflicts"] == answer["conflicts"]
    case = sandbox.case(answer["conflicts"][0])
    assert (case["kind"], case["status"], case["decision"]["overrides_priority"]) == (
        "customer_preference",
        "decided",
        True,
    )
    evidence = [finding["evidence"] for step in case["steps"] for finding in step.get("findings", ())]
    assert evidence == [f"sha256:{LETTER['letter_sha256']}"]
    displaced = sandbox.registration(first["id"])
    assert (displaced["status"], displaced["protection"]) == ("waiting", None)
    assert [one["until"] for one in sandbox.queue()["timeline"]] == ["2026-01-12T09:00:00.000000Z", None]
    sandbox.move_clock(timedelta(days=1))
    sandbox.won("D-1", value=usd("100000.00"))
    statement = sandbox.statement("contoso", "2026-Q1")
    assert [(line["commission"]["amount"], line["held_because"]) for line in statement["lines"]] == [("15000.00", [])]
    assert sandbox.statement("northwind", "2026-Q1")["lines"] == []


def test_the_displaced_partner_learns_that_it_was_displaced_and_not_for_whom(sandbox: Sandbox) -> None:
    """Its own side of the case only."""
    sandbox.register("northwind")
    second = sandbox.register("contoso")
    manager = sandbox.by("partner_manager")
    case = manager.post(f"/v1/registrations/{second['id']}/customer-preference", LETTER)["conflicts"][0]
    northwind = sandbox.by("partner", "northwind")
    for path in (f"/v1/conflicts/{case}", f"/v1/outbox?at_least={sandbox.position()}", "/v1/registrations"):
        text = northwind.ask("GET", path).text
        assert case in text or path == "/v1/registrations"
        assert "contoso" not in text.lower() and second["id"] not in text


def test_there_is_nothing_to_override_where_the_chosen_partner_is_first(sandbox: Sandbox) -> None:
    """Refused, and nothing is recorded."""
    first = sandbox.register("northwind")
    before = sandbox.position()
    path = f"/v1/registrations/{first['id']}/customer-preference"
    assert sandbox.by("partner_manager").refused("POST", path, LETTER) == (409, "WRONG_STATE")
    assert sandbox.by("partner_manager").refused("POST", path.replace("reg_", "reg_x"), LETTER) == (404, "NOT_FOUND")
    assert sandbox.position() == before
