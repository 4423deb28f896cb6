"""What a partner sees of others: that somebody is ahead, never who (rules §3.4, §4)."""

from tests.support.api import Sandbox


def test_neither_side_of_a_clash_learns_who_the_other_is(sandbox: Sandbox) -> None:
    """Not its id, its name, its registration, nor the key that it calls with; what was said to it, and nobody else."""
    first = sandbox.register("northwind", sales_owner="a.meyer")
    second = sandbox.register("contoso", notes="A secret of ours.")
    case = second["conflict"]
    findings = [{"party": "northwind", "fact": "N met them."}, {"party": "contoso", "fact": "C met them."}]
    sandbox.by("sales").post(f"/v1/conflicts/{case}/investigate", {"findings": findings})
    keys = {key["partner"]: key["id"] for key in sandbox.admin.get("/v1/keys")["items"] if key["partner"]}
    own = {"northwind": (first["id"], "N met them."), "contoso": (second["id"], "C met them.")}
    for partner, other in (("northwind", "contoso"), ("contoso", "northwind")):
        caller = sandbox.by("partner", partner)
        seen = [caller.ask("GET", f"/v1/conflicts/{case}").text, caller.ask("GET", "/v1/conflicts").text]
        seen += [caller.ask("GET", f"/v1/registrations/{own[partner][0]}").text]
        seen += [
            caller.ask("GET", "/v1/registrations").text,
            caller.ask("GET", f"/v1/statements/{partner}/2026-Q1").text,
        ]
        text = "\n".join(seen).lower()
        assert own[partner][1].lower() in text
        for theirs in (other, own[other][0], own[other][1].lower(), keys[other]):
            assert theirs not in text
        assert caller.refused("GET", f"/v1/registrations/{own[other][0]}") == (404, "NOT_FOUND")
        assert caller.refused("GET", f"/v1/statements/{other}/2026-Q1") == (404, "NOT_FOUND")
        assert caller.refused("GET", "/v1/priority", query={"domain": "acme.example", "product": "edge"})[0] == 403
        assert caller.get("/v1/registrations", partner=other)["items"] == []


def test_a_case_of_others_is_not_there(sandbox: Sandbox) -> None:
    """404, as for what does not exist."""
    sandbox.enrol("fabrikam")
    sandbox.register("northwind")
    case = sandbox.register("contoso")["conflict"]
    stranger = sandbox.by("partner", "fabrikam")
    assert stranger.refused("GET", f"/v1/conflicts/{case}") == (404, "NOT_FOUND")
    assert stranger.get("/v1/conflicts")["items"] == []
