"""What registering would lead to, asked without registering (issue 3, eligibility policies)."""

from typing import Any

from tests.support.api import Caller, Sandbox, usd, wanted

REGISTRATIONS = "/v1/registrations"
CHECK = "/v1/registrations/check"
POLICIES = [
    "partner_is_active",
    "partners_of_the_shares_are_active",
    "agreement_is_in_force",
    "agreement_covers_the_products",
    "agreement_covers_the_territory",
    "agreement_covers_the_segment",
    "partner_is_certified_for_the_engagement",
    "account_is_not_an_existing_customer",
    "no_direct_deal_is_older",
    "capacity_is_left",
    "value_is_large_enough",
    "cool_down_is_over",
    "partner_has_not_registered_it_already",
    "deal_leads_to_no_registration",
]


def failed(checked: Any) -> dict[str, str]:
    """The policies that say no, each with its code."""
    return {one["policy"]: one["code"] for one in checked["policies"] if one["passed"] is False}


def unknown(checked: Any) -> list[str]:
    """The policies that nothing is said about."""
    return [one["policy"] for one in checked["policies"] if one["passed"] is None]


def test_a_check_says_what_registering_then_does_and_stores_nothing(sandbox: Sandbox) -> None:
    """First, then behind; the log and everything that follows from it stay as they are."""
    body = wanted(products=["edge", "core"])
    first, second = sandbox.by("partner", "northwind"), sandbox.by("partner", "contoso")
    before = sandbox.admin.get("/v1/audit/head")
    checked = first.post(CHECK, body)
    assert [one["policy"] for one in checked["policies"]] == POLICIES
    assert all(one["passed"] and one["code"] is None and one["reason"] is None for one in checked["policies"])
    assert sandbox.admin.get("/v1/audit/head") == before
    assert first.get(REGISTRATIONS)["items"] == []
    for caller, changes, status in ((first, {}, "approved"), (second, {"products": ["edge"]}, "waiting")):
        expected = caller.post(CHECK, body | changes)
        registered = caller.post(REGISTRATIONS, body | changes)
        assert expected["status"] == status
        assert (expected["status"], expected["protection"]) == (registered["status"], registered["protection"])
        assert expected["standing"] == [
            {"product": place["product"], "rank": place["rank"], "holder": place["holder"]}
            for place in registered["standing"]
        ]


def test_a_check_names_everything_that_stands_in_the_way(sandbox: Sandbox) -> None:
    """The code is that of the first no, as registering would refuse with; what depends on it is not invented."""
    sandbox.terms(minimum_value="1000.00", max_live_registrations=1, approval="manual")
    partner = sandbox.by("partner", "northwind")
    assert partner.post(CHECK, wanted())["status"] == "under_review"
    sandbox.register("northwind")
    body = wanted(value=usd("999.99"))
    checked = partner.post(CHECK, body)
    assert failed(checked) == {
        "capacity_is_left": "TOO_MANY_REGISTRATIONS",
        "value_is_large_enough": "BELOW_MINIMUM_VALUE",
        "partner_has_not_registered_it_already": "ALREADY_REGISTERED",
    }
    refused = partner.ask("POST", REGISTRATIONS, body).json()
    assert (checked["code"], checked["reason"]) == (refused["code"], refused["detail"])
    assert (checked["status"], checked["standing"], checked["protection"]) == (None, [], None)


def test_a_partner_learns_no_more_of_others_than_by_registering(sandbox: Sandbox) -> None:
    """After a first no registering says nothing of others, so neither does a check; staff sees all of it."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.by("partner_manager").post("/v1/partners/contoso/suspend", {"reason": "Unpaid."})
    body = wanted("globex", deal=sandbox.linked("D-1"), partner="contoso")
    checked = sandbox.by("partner", "contoso").post(CHECK, body)
    assert failed(checked) == {"partner_is_active": "PARTNER_NOT_ACTIVE"}
    assert unknown(checked) == [
        "partners_of_the_shares_are_active",
        "account_is_not_an_existing_customer",
        "no_direct_deal_is_older",
        "deal_leads_to_no_registration",
    ]
    seen = sandbox.by("partner_manager").post(CHECK, body)
    assert unknown(seen) == []
    assert failed(seen)["deal_leads_to_no_registration"] == "DEAL_ALREADY_LINKED"
    sandbox.by("partner_manager").post("/v1/partners/contoso/reinstate", {"reason": "Paid."})
    behind = sandbox.by("partner", "contoso").ask("POST", CHECK, wanted()).text
    assert "northwind" not in behind and "reg_" not in behind and "cft_" not in behind


def test_a_check_is_asked_for_like_a_registration(sandbox: Sandbox) -> None:
    """What is malformed or unknown is the same problem; a partner's key speaks for its own partner."""
    partner, manager = sandbox.by("partner", "northwind"), sandbox.by("partner_manager")
    sandbox.terms(products=["edge"])

    def both(caller: Caller, body: Any, expected: tuple[int, str]) -> None:
        for path in (REGISTRATIONS, CHECK):
            assert caller.refused("POST", path, body) == expected

    both(partner, wanted(products=["mesh"]), (422, "UNKNOWN_PRODUCT"))
    both(partner, wanted(partner="contoso"), (403, "FORBIDDEN"))
    both(manager, wanted(partner="nobody"), (422, "UNKNOWN_PARTNER"))
    both(manager, wanted(), (422, "MALFORMED"))
    both(sandbox.by("sales"), wanted(partner="northwind"), (403, "FORBIDDEN"))
    answer = manager.ask("POST", CHECK, wanted(partner="northwind"), headers={"Idempotency-Key": "k"})
    assert int(answer.headers["firstclaim-position"]) == sandbox.position()
    other = manager.ask("POST", CHECK, wanted("globex", partner="northwind"), headers={"Idempotency-Key": "k"})
    assert (answer.status_code, other.status_code) == (200, 200)


def reviewed(checked: Any) -> dict[str, bool | None]:
    """What each policy says without whose yes a person looks at the registration."""
    return {one["policy"]: one["passed"] for one in checked["reviews"]}


def test_a_check_says_that_a_possible_match_would_be_looked_at_first(sandbox: Sandbox) -> None:
    """Staff is told which accounts and why; a partner no more than when it registers, whose it is never."""
    known = sandbox.register("northwind", account={"name": "Acme GmbH", "country": "DE", "domain": "acme.example"})
    body = wanted(account={"name": "Acme France SARL", "country": "FR", "domain": "acme.example"})
    partner, manager = sandbox.by("partner", "contoso"), sandbox.by("partner_manager")
    checked = partner.post(CHECK, body)
    assert (checked["status"], checked["approval_awaits"]) == ("under_review", ["duplicate_case"])
    assert reviewed(checked) == {
        "account_is_not_a_possible_duplicate": False,
        "territory_needs_no_decision": True,
        "sales_owner_is_named": True,
        "approval_is_automatic": True,
    }
    told = str(checked)
    assert known["id"] not in told and "northwind" not in told and "acc_" not in told and "shared_domain" not in told
    seen = manager.post(CHECK, body | {"partner": "contoso"})["reviews"][0]
    [duplicate] = seen.pop("duplicates")
    assert (duplicate["registration"], duplicate["rule"]) == (known["id"], "shared_domain")
    assert seen["passed"] is False and checked["reviews"][0]["duplicates"] is None
    registered = partner.post(REGISTRATIONS, body)
    assert (registered["status"], registered["approval_awaits"]) == ("under_review", ["duplicate_case"])
    core = body | {"products": ["core"]}
    sandbox.enrol("fabrikam")
    other = sandbox.by("partner", "fabrikam").post(CHECK, core)
    assert (other["status"], other["approval_awaits"]) == ("under_review", [])
    assert reviewed(other)["account_is_not_a_possible_duplicate"] is None
    assert reviewed(manager.post(CHECK, core | {"partner": "fabrikam"}))["account_is_not_a_possible_duplicate"] is False


def test_a_check_names_every_other_reason_to_be_looked_at(sandbox: Sandbox) -> None:
    """Outside the territory, without a sales owner, and by the terms; nothing where it would be refused."""
    sandbox.terms(approval="manual", outside_territory="review", sales_owner_required_for=["referral"])
    agreement = {"products": ["*"], "territories": ["DE"], "effective_from": "2020-01-01"}
    sandbox.enrol("litware", agreement=agreement)
    partner = sandbox.by("partner", "litware")
    abroad = wanted(account={"name": "Contoso SA", "country": "FR", "domain": "contoso.fr"})
    checked = partner.post(CHECK, abroad)
    assert reviewed(checked) == {
        "account_is_not_a_possible_duplicate": True,
        "territory_needs_no_decision": False,
        "sales_owner_is_named": False,
        "approval_is_automatic": False,
    }
    assert all(one["reason"] for one in checked["reviews"] if not one["passed"])
    sandbox.terms(minimum_value="500000.00")
    assert partner.post(CHECK, abroad)["reviews"] == []
