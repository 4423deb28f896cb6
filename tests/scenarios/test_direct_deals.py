"""The vendor's own sales and customers, as the CRM tells of them and callers see it (rules §3, §4; situations)."""

from datetime import timedelta
from typing import Any

from tests.support.api import Place, Sandbox, lines, shares, usd, wanted

REGISTRATIONS = "/v1/registrations"
CHECK = "/v1/registrations/check"


def facts(name: str = "acme") -> dict[str, Any]:
    """What the CRM knows of a customer."""
    return {"name": f"{name.title()} GmbH", "country": "DE", "domain": f"{name}.example"}


def tell(sandbox: Sandbox, kind: str, *, at: str | None = None, **data: Any) -> Any:
    """A webhook about an account; what became of it."""
    answer = sandbox.deliver(sandbox.webhook(f"account.{kind}", data, at=at))
    assert answer.status_code == 200, answer.text
    return answer.json()


def opened(sandbox: Sandbox, opportunity: str = "O-1", account: str = "acme", **data: Any) -> Any:
    """The CRM says that sales opened an opportunity."""
    data = {"opportunity_id": opportunity, "account": facts(account), "products": ["edge"]} | data
    return tell(sandbox, "direct_opened", **data)


def places(sandbox: Sandbox, account: str = "acme", **query: Any) -> list[tuple[int, str, str]]:
    """Who stands where: a partner or an opportunity, and its status."""
    return [
        (place["rank"], place["partner"] or place["direct_deal"]["id"], place["status"])
        for place in sandbox.queue(account, **query)["queue"]
    ]


def test_a_direct_deal_that_is_older_than_the_registration_refuses_it(place: Place) -> None:
    """DIRECT_ACTIVE; the proof is the CRM's created-at. An unknown account comes into being by the fact."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind")
    told = opened(sandbox, created_at="2025-11-03T08:00:00Z", value=usd("70000.00"))
    assert (told["outcome"], told["registration"]) == ("applied", None)
    queue = sandbox.queue()
    assert queue["queue"][0]["direct_deal"] == {
        "source": sandbox.source,
        "id": "O-1",
        "created_at": "2025-11-03T08:00:00.000000Z",
    }
    assert (places(sandbox), queue["queue"][0]["protection"]) == ([(1, "O-1", "approved")], None)
    assert [held["direct_deal"]["id"] for held in queue["timeline"]] == ["O-1"]
    partner = sandbox.by("partner", "northwind")
    refused = partner.ask("POST", REGISTRATIONS, wanted()).json()
    assert (refused["code"], refused["products"], refused["offer"]) == ("DIRECT_ACTIVE", ["edge"], None)
    assert "O-1" not in str(refused)
    checked = partner.post(CHECK, wanted())
    assert (checked["status"], checked["code"], checked["reason"]) == (None, "DIRECT_ACTIVE", refused["detail"])
    assert sandbox.register("northwind", products=["core"])["status"] == "approved"
    assert opened(sandbox)["outcome"] == "ignored"
    closed = tell(sandbox, "direct_closed", opportunity_id="O-1", reason="No budget.")
    assert closed["outcome"] == "applied"
    assert sandbox.register("northwind")["status"] == "approved"


def test_a_direct_deal_behind_a_partner_waits_with_a_case(sandbox: Sandbox) -> None:
    """The partner keeps its place; the vendor's claim is promoted when it ends, and lasts until it is closed."""
    mine = sandbox.register("northwind", sales_owner="a.meyer")
    opened(sandbox, created_at="2025-12-24T08:00:00Z")
    assert places(sandbox) == [(1, "northwind", "approved"), (2, "O-1", "waiting")]
    case = sandbox.by("partner_manager").get("/v1/conflicts", kind="direct_deal")["items"][0]
    whose = [(side["partner"], side["direct_deal"] and side["direct_deal"]["id"]) for side in case["registrations"]]
    assert whose == [("northwind", None), (None, "O-1")]
    partner = sandbox.by("partner", "northwind")
    seen = partner.get(f"/v1/conflicts/{case['id']}")
    assert [(side["id"], side["direct_deal"]) for side in seen["registrations"]] == [(mine["id"], None)]
    vendors = case["registrations"][1]["id"]
    for caller in (partner, sandbox.by("sales"), sandbox.admin):
        assert caller.refused("GET", f"{REGISTRATIONS}/{vendors}") == (404, "NOT_FOUND")
    approve = sandbox.by("sales").refused("POST", f"{REGISTRATIONS}/{vendors}/approve")
    assert approve == (404, "NOT_FOUND")
    assert [one["id"] for one in sandbox.by("sales").get(REGISTRATIONS)["items"]] == [mine["id"]]
    sandbox.move_clock(timedelta(days=200))
    assert places(sandbox) == [(1, "O-1", "approved")]
    assert sandbox.case(case["id"])["status"] == "moot"
    replayed = sandbox.by("auditor").post("/v1/audit/replay")
    assert (replayed["views_equal"], replayed["first_disagreement"]) == (True, None)


def test_the_terms_may_offer_co_sell_with_sales(sandbox: Sandbox) -> None:
    """Accepted as co-sell behind the vendor, with a case; a person lets the partner in, and only then it earns."""
    sandbox.terms(older_direct_deal="offer_co_sell")
    opened(sandbox)
    refused = sandbox.by("partner", "northwind").ask("POST", REGISTRATIONS, wanted()).json()
    assert (refused["code"], refused["offer"]) == ("DIRECT_ACTIVE", "co_sell")
    offer = wanted(engagement="co_sell", deal=sandbox.linked("O-1"), value=usd("100000.00"))
    assert sandbox.by("partner", "northwind").post(CHECK, offer)["status"] == "waiting"
    joined = sandbox.by("partner", "northwind").post(REGISTRATIONS, offer)
    assert (joined["status"], joined["standing"][0]["rank"]) == ("waiting", 2)
    assert sandbox.case(joined["conflict"])["kind"] == "direct_deal"
    split = {"outcome": "split", "rule": "r", "reason": "r", "shares": shares(northwind=10000)}
    sandbox.investigate(joined["conflict"])
    manager = sandbox.by("partner_manager")
    manager.post(f"/v1/conflicts/{joined['conflict']}/mediate", {"skipped": "Sales agrees."})
    assert manager.refused("POST", f"/v1/conflicts/{joined['conflict']}/decide", split) == (409, "WRONG_STATE")
    sandbox.decide(joined["conflict"], "reassign")
    assert places(sandbox) == [(1, "northwind", "approved"), (2, "O-1", "waiting")]
    sandbox.won("O-1")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("O-1", "15000.00", [])]


def test_what_sales_wins_itself_earns_no_commission(sandbox: Sandbox) -> None:
    """Unless a partner held it: then its line waits for the decision of their case."""
    opened(sandbox, "O-1", "globex")
    sandbox.register("northwind", "acme")
    opened(sandbox, "O-2", "acme", value=usd("100000.00"))
    for opportunity in ("O-1", "O-2"):
        tell(sandbox, "direct_closed", opportunity_id=opportunity, outcome="won", won_on="2026-01-01")
    statement = sandbox.statement("northwind", "2026-Q1")
    assert lines(statement) == [("O-2", "15000.00", ["CONFLICT_OPEN"])]
    case = sandbox.by("sales").get("/v1/conflicts", kind="direct_deal")["items"][0]
    sandbox.decide(case["id"], "reassign")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == []
    assert sandbox.by("auditor").post("/v1/audit/replay")["views_equal"]


def test_what_a_crm_says_out_of_order_waits_or_folds(sandbox: Sandbox) -> None:
    """A closing waits for its opening; an old opening that arrives late reopens nothing; the future waits."""
    closing = tell(sandbox, "direct_closed", at="2026-01-01T08:00:00Z", opportunity_id="O-1")
    assert (closing["outcome"], closing["reason"]) == ("parked", "UNKNOWN_DEAL")
    assert tell_opened(sandbox, at="2026-01-01T07:00:00Z")["outcome"] == "applied"
    assert places(sandbox) == []
    assert sandbox.register("northwind")["status"] == "approved"
    assert tell_opened(sandbox, at="2026-01-01T07:30:00Z")["outcome"] == "applied"
    assert places(sandbox) == [(1, "northwind", "approved")]
    assert tell_opened(sandbox, at="2026-01-01T08:30:00Z")["outcome"] == "applied"
    assert places(sandbox) == [(1, "O-1", "approved"), (2, "northwind", "waiting")]
    future = tell_opened(sandbox, "O-2", "globex", at="2026-01-01T10:00:00Z")
    assert (future["outcome"], future["reason"]) == ("parked", "FUTURE_DATED")
    later = opened(sandbox, "O-3", "initech", created_at="2026-01-01T10:00:00Z")
    assert (later["outcome"], later["reason"]) == ("parked", "FUTURE_DATED")
    sandbox.move_clock(timedelta(hours=1))
    for account in ("globex", "initech"):
        assert len(places(sandbox, account)) == 1
    old = tell_opened(sandbox, "O-4", "hooli", at="2020-01-01T10:00:00Z")
    assert (old["outcome"], old["reason"]) == ("parked", "TOO_OLD")
    sandbox.admin.post(f"/v1/deliveries/{sandbox.source}/{old['delivery']}/retry")
    assert places(sandbox, "hooli") == [(1, "O-4", "approved")]


def tell_opened(sandbox: Sandbox, opportunity: str = "O-1", account: str = "acme", *, at: str) -> Any:
    """The CRM says that sales opened an opportunity at an instant."""
    return tell(sandbox, "direct_opened", at=at, opportunity_id=opportunity, account=facts(account), products=["edge"])


def test_an_account_that_is_a_customer_already_takes_no_new_registrations(sandbox: Sandbox) -> None:
    """For the products that it buys, or altogether. Who had registered before stays."""
    earlier = sandbox.register("northwind")
    told = tell(sandbox, "became_customer", account=facts(), products=["edge"], since_on="2024-05-01")
    assert told["outcome"] == "applied"
    contoso = sandbox.by("partner", "contoso")
    refused = contoso.ask("POST", REGISTRATIONS, wanted(products=["core", "edge"])).json()
    assert (refused["code"], refused["products"]) == ("EXISTING_CUSTOMER", ["edge"])
    assert contoso.post(CHECK, wanted())["code"] == "EXISTING_CUSTOMER"
    assert contoso.post(REGISTRATIONS, wanted(products=["core"]))["status"] == "approved"
    assert sandbox.registration(earlier["id"])["status"] == "approved"
    assert (sandbox.queue()["existing_customer"], sandbox.queue(product="core")["existing_customer"]) == (True, False)
    assert tell(sandbox, "became_customer", account=facts(), products=["edge"])["outcome"] == "ignored"
    assert tell(sandbox, "became_customer", account=facts("globex"), opportunity_id="O-9")["outcome"] == "applied"
    assert contoso.refused("POST", REGISTRATIONS, wanted("globex", products=["mesh"])) == (409, "EXISTING_CUSTOMER")
    assert sandbox.queue("globex")["existing_customer"]
    assert sandbox.by("auditor").post("/v1/audit/replay")["views_equal"]


def test_what_does_not_fit_is_refused_with_what_is_wrong(sandbox: Sandbox) -> None:
    """As for every webhook: kept, answered 2xx, applied to nothing."""
    sandbox.terms(products=["edge"])
    assert opened(sandbox, products=[])["reason"] == "MALFORMED"
    assert opened(sandbox, products=["mesh"])["reason"] == "UNKNOWN_PRODUCT"
    lost = tell(sandbox, "direct_closed", opportunity_id="O-1", won_on="2026-01-01")
    assert (lost["outcome"], lost["reason"]) == ("refused", "MALFORMED")
    assert tell(sandbox, "became_customer", account={"name": "Nowhere"})["reason"] == "MALFORMED"
    assert places(sandbox) == []


def test_a_partner_learns_of_sales_no_more_than_a_refusal_says(sandbox: Sandbox) -> None:
    """Not before every policy about itself is met."""
    opened(sandbox)
    limited = {"products": ["core"], "effective_from": "2026-01-01"}
    sandbox.enrol("fabrikam", agreement=limited)
    checked = sandbox.by("partner", "fabrikam").post(CHECK, wanted())
    unknown = [one["policy"] for one in checked["policies"] if one["passed"] is None]
    assert checked["code"] == "OUTSIDE_AGREEMENT"
    assert {"account_is_not_an_existing_customer", "no_direct_deal_is_older"} <= set(unknown)
