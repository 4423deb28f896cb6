"""Which requests are about one customer, as callers see it (rules §3, matching accounts; situations)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Place, Sandbox, wanted


def account(name: str, country: str | None = None, domain: str | None = None, **more: Any) -> dict[str, Any]:
    """What a request says of a customer."""
    return {"name": name, "country": country, "domain": domain} | more


ACME = account("Acme GmbH", "DE", "acme.example")


def replayed(sandbox: Sandbox) -> Any:
    """What a replay of the whole log and a rebuild of its views find."""
    found = sandbox.admin.post("/v1/audit/replay")
    return found["chain"], found["views_equal"], found["first_disagreement"]


INTACT = ("intact", True, None)


def partners_of(queue: Any) -> list[str]:
    """Who stands in a queue, the holder first."""
    return [place["partner"] for place in queue["queue"]]


@pytest.mark.parametrize(
    ("second", "rule", "score"),
    [
        (account("Acme France SARL", "FR", "acme.example"), "shared_domain", 95),
        (account("Acme Deutschland", "DE", "acme.de"), "similar_name", 95),
        (account("Acme Inc", "US", "acme.com"), "similar_name", 100),
        (account("ACME", None, "acme.com"), "similar_name", 100),
        (account("Acme Group", "DE"), "similar_name", 95),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_a_possible_duplicate_is_under_review_with_the_rule_that_fired(
    sandbox: Sandbox, second: dict[str, Any], rule: str, score: int
) -> None:
    """Acme GmbH of acme.example is known: nothing is merged by itself, and a person is asked."""
    first = sandbox.register("northwind", account=ACME)
    other = sandbox.register("contoso", account=second)
    assert (other["status"], other["protection"], [s["rank"] for s in other["standing"]]) == ("under_review", None, [1])
    case = sandbox.case(other["conflict"])
    assert (case["kind"], case["status"]) == ("possible_duplicate", "identified")
    [duplicate] = case["duplicates"]
    assert (duplicate["registration"], duplicate["rule"], duplicate["score"]) == (first["id"], rule, score)
    manager = sandbox.by("partner_manager")
    assert manager.refused("POST", f"/v1/registrations/{other['id']}/approve") == (409, "WRONG_STATE")


@pytest.mark.parametrize(
    "second",
    [
        account("ACME G.m.b.H.", "DE"),
        account("Acme", "DE", "acme.de"),
        account("Something else", "DE", "https://www.ACME.example/contact"),
        account("Something else", None, "sales@acme.example"),
    ],
    ids=lambda value: f"{value['name']} {value['domain']}",
)
def test_the_same_account_by_name_and_country_or_by_domain_is_a_clash(sandbox: Sandbox, second: dict[str, Any]) -> None:
    """Acme GmbH, ACME G.m.b.H.: a hard conflict."""
    sandbox.register("northwind", account=ACME)
    other = sandbox.register("contoso", account=second)
    assert (other["status"], sandbox.case(other["conflict"])["kind"]) == ("waiting", "same_account")


@pytest.mark.parametrize(
    ("known", "second"),
    [
        (
            account("Customer 17 GmbH", "DE", "customer17.example"),
            account("Customer 18 GmbH", "DE", "customer18.example"),
        ),
        (account("Acme", "DE", site="Bonn"), account("Acme", "DE", site="Köln")),
        (account("Acme", "DE", "gmail.com"), account("Beta", "DE", "gmail.com")),
        (account("Western Power", "GB", "wp.example"), account("Eastern Power", "GB", "ep.example")),
    ],
    ids=lambda value: f"{value['name']} {value.get('site', '')}",
)
def test_other_accounts_are_nobodys_double(sandbox: Sandbox, known: dict[str, Any], second: dict[str, Any]) -> None:
    """Numbers matter in names, sites are accounts of their own, and a free-mail domain says nothing."""
    sandbox.register("northwind", account=known)
    assert sandbox.register("contoso", account=second)["status"] == "approved"


def test_a_partner_learns_that_a_person_looks_at_it_and_never_with_whom(sandbox: Sandbox) -> None:
    """Not the other account, registration, rule or score; the other partner learns nothing at all."""
    first = sandbox.register("northwind", account=ACME)
    other = sandbox.register("contoso", account=account("Acme Inc", "US", "acme.com"))
    theirs, mine = sandbox.by("partner", "northwind"), sandbox.by("partner", "contoso")
    case = mine.get(f"/v1/conflicts/{other['conflict']}")
    assert (case["kind"], case["duplicates"], case["account"], case["because"]) == (
        "possible_duplicate",
        None,
        None,
        None,
    )
    assert [one["id"] for one in case["registrations"]] == [other["id"]]
    seen = "".join(
        mine.ask("GET", path).text
        for path in (f"/v1/conflicts/{case['id']}", f"/v1/registrations/{other['id']}", "/v1/conflicts")
    )
    for secret in ("northwind", first["id"], first["id"].removeprefix("reg_"), "similar_name", "score"):
        assert secret not in seen
    assert theirs.get("/v1/conflicts")["items"] == []
    assert theirs.refused("GET", f"/v1/conflicts/{case['id']}") == (404, "NOT_FOUND")
    accounts = sandbox.case(case["id"])["duplicates"][0]["account"]
    assert mine.refused("GET", f"/v1/accounts/{accounts}")[0] == 403


def test_another_account_is_released_as_if_nobody_had_been_there(sandbox: Sandbox) -> None:
    """`distinct`: approved at the decision; whoever stands behind it is not asked about again."""
    sandbox.register("northwind", account=ACME)
    us = account("Acme Inc", "US", "acme.com")
    other = sandbox.register("contoso", account=us)
    sandbox.move_clock(timedelta(days=2))
    sandbox.decide(other["conflict"], "distinct")
    released = sandbox.registration(other["id"])
    assert (released["status"], released["conflict"]) == ("approved", None)
    assert released["protection"]["from"] == "2026-01-03T09:00:00.000000Z"
    third = sandbox.register("northwind", account=us)
    assert (third["status"], sandbox.case(third["conflict"])["kind"]) == ("waiting", "same_account")
    assert replayed(sandbox) == INTACT


def test_while_an_account_is_in_doubt_nobody_on_it_is_approved(sandbox: Sandbox) -> None:
    """The first withdraws: whoever waited is first, and under review as it was."""
    sandbox.enrol("fabrikam")
    us = account("Acme Inc", "US", "acme.com")
    sandbox.register("northwind", account=ACME)
    second, third = sandbox.register("contoso", account=us), sandbox.register("fabrikam", account=us)
    fourth = sandbox.register("fabrikam", account=us, products=["core"])
    assert (third["status"], fourth["status"], fourth["conflict"]) == ("waiting", "under_review", None)
    sandbox.by("partner", "contoso").post(f"/v1/registrations/{second['id']}/withdraw", {"reason": "No budget."})
    assert sandbox.registration(third["id"])["status"] == "under_review"
    sandbox.decide(second["conflict"], "distinct")
    statuses = [sandbox.registration(one["id"])["status"] for one in (second, third, fourth)]
    assert statuses == ["withdrawn", "approved", "approved"]


def test_a_void_possible_duplicate_is_rejected(sandbox: Sandbox) -> None:
    """Nobody stands behind it."""
    sandbox.register("northwind", account=ACME)
    other = sandbox.register("contoso", account=account("Acme Inc", "US", "acme.com"))
    sandbox.decide(other["conflict"], "void")
    assert sandbox.registration(other["id"])["status"] == "rejected"


def test_the_same_account_takes_its_place_in_the_queue_by_position(place: Place) -> None:
    """`uphold`: whoever is ahead stays ahead, and a same_account case tells the two; the log replays to just that."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso", "fabrikam")
    us = account("Acme Inc", "US", "acme.com")
    first = sandbox.register("northwind", account=ACME)
    second = sandbox.register("contoso", account=us, deal=sandbox.linked("D-2"))
    third = sandbox.register("fabrikam", account=ACME)
    assert partners_of(sandbox.queue()) == ["northwind", "fabrikam"]
    sandbox.move_clock(timedelta(days=2))
    before = sandbox.position()
    decided = sandbox.decide(second["conflict"], "uphold")
    assert (decided["status"], decided["decision"]["outcome"]) == ("decided", "uphold")
    assert partners_of(sandbox.queue()) == ["northwind", "contoso", "fabrikam"]
    joined = sandbox.registration(second["id"])
    assert (joined["status"], joined["standing"][0]["rank"]) == ("waiting", 2)
    clash = sandbox.case(joined["conflict"])
    assert (clash["kind"], [one["id"] for one in clash["registrations"]]) == (
        "same_account",
        [first["id"], second["id"]],
    )
    by_other_name = sandbox.by("sales").get("/v1/priority", domain="acme.com", product="edge")
    assert partners_of(by_other_name) == ["northwind", "contoso", "fabrikam"]
    was = sandbox.by("sales").get("/v1/priority", domain="acme.com", product="edge", as_of="2026-01-02T09:00:00Z")
    assert partners_of(was) == ["contoso"]
    assert sandbox.fact("value_changed", "D-2", value={"amount": "1.00", "currency": "USD"})["outcome"] == "applied"
    sandbox.by("partner", "northwind").post(f"/v1/registrations/{first['id']}/withdraw", {"reason": "No budget."})
    assert partners_of(sandbox.queue()) == ["contoso", "fabrikam"]
    assert sandbox.registration(second["id"])["status"] == "approved"
    assert sandbox.registration(third["id"])["status"] == "waiting"
    listed = sandbox.by("sales").get("/v1/registrations", account="acme.com", at_least=sandbox.position())
    assert [one["id"] for one in listed["items"]] == [first["id"], second["id"], third["id"]]
    assert before < sandbox.position() and replayed(sandbox) == INTACT


def test_keys_that_lead_to_several_accounts_join_the_one_that_was_first(sandbox: Sandbox) -> None:
    """A case names the others, once; it keeps nobody under review, and upholding it makes one queue of two."""
    sandbox.enrol("fabrikam")
    one = sandbox.register("northwind", account=account("Acme GmbH", "DE"))
    two = sandbox.register("contoso", account=account("Globex Energy", "DE", "acme.example"))
    both = sandbox.register("fabrikam", account=ACME, products=["core"])
    again = sandbox.register("contoso", account=ACME, products=["mesh"])
    assert (two["status"], both["status"], again["status"]) == ("approved", "approved", "approved")
    [case] = sandbox.by("sales").get("/v1/conflicts", kind="possible_duplicate")["items"]
    [duplicate] = case["duplicates"]
    assert (duplicate["registration"], duplicate["rule"], duplicate["score"]) == (two["id"], "equal_keys", 0)
    assert case["registrations"][0]["id"] == both["id"]
    sandbox.decide(case["id"], "uphold")
    assert partners_of(sandbox.queue()) == ["northwind", "contoso"]
    assert sandbox.registration(two["id"])["status"] == "waiting"
    assert sandbox.registration(one["id"])["status"] == "approved"
    assert replayed(sandbox) == INTACT


def test_staff_merges_two_accounts_and_whoever_was_first_is_first(sandbox: Sandbox) -> None:
    """One queue in the order of positions, whichever account is merged into which."""
    first = sandbox.register("northwind", "acme")
    second = sandbox.register("contoso", "globex")
    manager = sandbox.by("partner_manager")
    acme, globex = sandbox.queue("acme")["account"], sandbox.queue("globex")["account"]
    body = {"account": acme, "reason": "Globex bought Acme."}
    merged = manager.post(f"/v1/accounts/{globex}/merge", body)
    assert (merged["id"], merged["absorbed"], merged["names"]) == (globex, [acme], ["Globex GmbH", "Acme GmbH"])
    assert [one["id"] for one in merged["registrations"]] == [first["id"], second["id"]]
    assert partners_of(sandbox.queue("globex")) == partners_of(sandbox.queue("acme")) == ["northwind", "contoso"]
    assert sandbox.registration(second["id"])["status"] == "waiting"
    assert manager.post(f"/v1/accounts/{acme}/merge", {"account": globex, "reason": "Again."})["position"] is None
    assert manager.get(f"/v1/accounts/{acme}")["id"] == globex
    assert manager.refused("POST", f"/v1/accounts/{acme}/merge", body) == (422, "MALFORMED")
    assert manager.refused("POST", "/v1/accounts/acc_none/merge", body) == (404, "NOT_FOUND")
    assert sandbox.by("partner", "contoso").refused("POST", f"/v1/accounts/{acme}/merge", body)[0] == 403
    assert replayed(sandbox) == INTACT


def test_an_alias_leads_to_the_account_from_then_on(sandbox: Sandbox) -> None:
    """A second domain and a new name move nobody's place; one that is another account's is refused."""
    sandbox.register("northwind", "acme")
    sandbox.register("contoso", "globex")
    path = f"/v1/accounts/{sandbox.queue()['account']}/aliases"
    sales = sandbox.by("sales")
    named = {"name": "Initech SE", "country": "DE", "domain": "www.initech.example", "reason": "Renamed."}
    found = sales.post(path, named)
    assert found["aliases"] == [
        {"name": "Initech SE", "country": "DE", "domain": "initech.example", "crm_id": None, "site": None}
    ]
    assert sales.post(path, named)["position"] is None
    assert sales.refused("POST", path, {"domain": "globex.example", "reason": "?"}) == (409, "KNOWN_ACCOUNT")
    assert sales.refused("POST", path, {"name": "Initech", "reason": "?"}) == (422, "MALFORMED")
    waiting = sandbox.register("contoso", "initech")
    assert (waiting["status"], partners_of(sandbox.queue("initech"))) == ("waiting", ["northwind", "contoso"])
    alike = sandbox.register("contoso", account=account("Initech", "FR", "initech.fr"))
    assert alike["status"] == "under_review"
    assert replayed(sandbox) == INTACT


def test_terms_say_how_alike_names_must_be(sandbox: Sandbox) -> None:
    """0 compares no names; below 80 is refused, since nobody would find such names."""
    sandbox.register("northwind", "northwind-traders")
    alike = wanted(account=account("Nortwind Traders", "FR", "nortwind.fr"))
    sandbox.terms(similar_name_score=0)
    assert sandbox.by("partner", "contoso").post("/v1/registrations", alike)["status"] == "approved"
    body = {"effective_from": "2026-01-01", "terms": {"similar_name_score": 79}}
    assert sandbox.admin.refused("POST", "/v1/programme/terms", body) == (422, "MALFORMED")
