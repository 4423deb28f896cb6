"""Records that the CRM merges: two accounts are one customer, two deals one opportunity; nobody's place moves."""

from typing import Any

from tests.scenarios.test_matching import INTACT, partners_of, replayed
from tests.support.api import Sandbox, wanted


def of_crm(sandbox: Sandbox, partner: str, account: str, crm_id: str, **changes: Any) -> Any:
    """The CRM registers a deal of one of its accounts, called `D-<partner>`."""
    body = wanted(account, partner=partner, deal=sandbox.linked(f"D-{partner}"), **changes)
    body["account"]["crm_id"] = crm_id
    return sandbox.by("crm").post("/v1/registrations", body)


def merged(sandbox: Sandbox, into: str, *crm_ids: str, **changes: Any) -> Any:
    """What the CRM is answered when it tells of a merge of accounts."""
    body = sandbox.webhook("account.merged", {"crm_ids": crm_ids, "into": into}, **changes)
    return sandbox.deliver(body).json()


def test_accounts_that_the_crm_merged_are_one_and_whoever_was_first_is_first(sandbox: Sandbox) -> None:
    """The survivor is a new id; the younger account's holder waits from now on, and a case says so."""
    first = of_crm(sandbox, "northwind", "acme", "1A")
    second = of_crm(sandbox, "contoso", "globex", "2B")
    assert (first["status"], second["status"]) == ("approved", "approved")
    answer = merged(sandbox, "3C", "2B", "1A")
    assert (answer["outcome"], answer["reason"]) == ("applied", None)
    assert partners_of(sandbox.queue("globex")) == partners_of(sandbox.queue("acme")) == ["northwind", "contoso"]
    assert sandbox.registration(second["id"])["status"] == "waiting"
    assert sandbox.case(sandbox.registration(second["id"])["conflict"])["kind"] == "same_account"
    account = sandbox.by("sales").get(f"/v1/accounts/{sandbox.queue()['account']}")
    assert {f"{sandbox.source}/{one}" for one in ("1A", "2B", "3C")} == set(account["crm_ids"])
    assert merged(sandbox, "3C", "1A", "2B")["outcome"] == "ignored"
    assert merged(sandbox, "2B", "3C")["outcome"] == "ignored"
    assert replayed(sandbox) == INTACT


def test_it_makes_no_difference_whether_the_merge_or_the_registrations_arrive_first(sandbox: Sandbox) -> None:
    """Ids that nobody has used yet lead to one account from then on, by any way of one into another."""
    assert merged(sandbox, "2B", "1A")["outcome"] == "applied"
    assert merged(sandbox, "4D", "3C")["outcome"] == "applied"
    assert merged(sandbox, "4D", "2B")["outcome"] == "applied"
    of_crm(sandbox, "northwind", "acme", "1A")
    second = of_crm(sandbox, "contoso", "globex", "3C")
    assert second["status"] == "waiting"
    assert partners_of(sandbox.queue("globex")) == ["northwind", "contoso"]
    assert replayed(sandbox) == INTACT


def test_a_merge_of_accounts_that_cannot_be_applied_changes_nothing(sandbox: Sandbox) -> None:
    """Malformed is refused field by field; what is dated in the future waits for its day."""
    of_crm(sandbox, "northwind", "acme", "1A")
    second = of_crm(sandbox, "contoso", "globex", "2B")
    for into, crm_ids in (("1A", ("1A",)), ("1A", ()), ("1A", ("2B", "2B"))):
        answer = merged(sandbox, into, *crm_ids)
        assert (answer["outcome"], answer["reason"]) == ("refused", "MALFORMED")
        assert answer["errors"][0]["field"].startswith("data")
    answer = merged(sandbox, "1A", "2B", at="2026-01-02T09:00:00Z")
    assert (answer["outcome"], answer["reason"], answer["position"]) == ("parked", "FUTURE_DATED", None)
    assert sandbox.registration(second["id"])["status"] == "approved"
    sandbox.move_clock("2026-01-02T10:00:00+00:00")
    assert sandbox.registration(second["id"])["status"] == "waiting"
    assert replayed(sandbox) == INTACT
