"""No partner's key learns anything of another partner, on whatever route (issue 3; rules §3.4, §4).

The walk takes its routes from the application itself and its bodies from the examples of the contract, so that a new
route is walked without anybody thinking of it.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from api.app import operations
from api.operation import Operation
from tests.support.api import Caller, Place, Sandbox, shares, usd

OPERATIONS: Final = [operation for operation in operations() if operation.tag not in ("Health", "Webhooks")]
"""Whatever is asked with a key. Health is the same for everybody; a webhook's credential is its signature."""
EXAMPLES: Final = [
    example
    for file in sorted((Path(__file__).parents[2] / "openapi" / "examples").glob("*.json"))
    for example in json.loads(file.read_text(encoding="utf-8"))
]
BODIES: Final[Mapping[str, Any]] = {
    example["operation"]: example["request"].get("body") for example in reversed(EXAMPLES)
}
"""For each operation the body of its first example."""
ANYBODY: Final = ("nobody", "reg_0", "2026-Q1")

MAY_DIFFER: Final[Mapping[str, str]] = {
    "position": "a place in the programme's one log, which everybody's events fill",
    "positions": "likewise",
    "evidence": "likewise: the positions of the partner's own evidence",
    "receipt": "the position and chain hash of its own registration",
    "digest": "covers the evidence's positions",
    "next": "a cursor holds the position at which the page ends",
}
"""What two programmes may answer a partner differently although only another partner acted differently, and why."""
IDS: Final = re.compile(r"\b([a-z]{2,5})_[0-9a-f]{8,}(?![0-9a-f])")


def own_side(sandbox: Sandbox) -> dict[str, str]:
    """What northwind does: the same in every programme. Gives the ids of its things."""
    made = {
        "registration": sandbox.register("northwind", "acme", deal=sandbox.linked("N-1"), notes="Ours.")["id"],
        "won": sandbox.register("northwind", "globex", deal=sandbox.linked("N-2"), value=usd("31000.00"))["id"],
        "second": sandbox.register("northwind", "soylent")["id"],
    }
    caller = sandbox.by("partner", "northwind")
    parts = shares(northwind=7000, tailspin=3000)
    path = f"/v1/registrations/{made['registration']}/share-proposals"
    made["proposal"] = caller.post(path, {"shares": parts})["id"]
    lead = {"account": {"name": "Hooli", "country": "US"}, "products": ["edge"]}
    made["lead"] = caller.post("/v1/leads", {"recipient": "tailspin", **lead})["id"]
    made["offered"] = sandbox.by("sales").post("/v1/leads", {"recipient": "northwind", **lead})["id"]
    return made


def own_end(sandbox: Sandbox) -> None:
    """The rest of it: a win, a quarter that is over and closed, and another registration."""
    sandbox.won("N-2")
    sandbox.move_clock("2026-04-02T09:00:00+00:00")
    sandbox.by("finance").post("/v1/periods/2026-Q1/close", {"partner": "northwind"})
    sandbox.register("northwind", "initech")


def nothing(sandbox: Sandbox) -> dict[str, str]:
    """The other partner does nothing."""
    del sandbox
    return {}


def elsewhere(sandbox: Sandbox) -> dict[str, str]:
    """The other partner works on accounts of its own: registers, shares, passes leads, wins, is paid, extends."""
    made = {
        "registration": sandbox.register(
            "contoso", "umbrella", deal=sandbox.linked("C-1"), value=usd("77123.00"), notes="Theirs alone."
        )["id"],
        "extended": sandbox.register("contoso", "vandelay", value=usd("66123.00"))["id"],
    }
    caller = sandbox.by("partner", "contoso")
    caller.post(f"/v1/registrations/{made['extended']}/extend", {"evidence": "Their secret meeting."})
    path = f"/v1/registrations/{made['extended']}/share-proposals"
    made["proposal"] = caller.post(path, {"shares": shares(contoso=6000, fabrikam=4000)})["id"]
    sandbox.by("partner", "fabrikam").post(f"/v1/share-proposals/{made['proposal']}/accept")
    lead = {"account": {"name": "Stark Secret", "country": "US"}, "products": ["edge"]}
    made["lead"] = caller.post("/v1/leads", {"recipient": "fabrikam", **lead})["id"]
    made["case"] = sandbox.register("fabrikam", "umbrella")["conflict"]
    sandbox.investigate(made["case"])
    sandbox.won("C-1")
    return made


def behind(value: str, *, decided: bool) -> Callable[[Sandbox], dict[str, str]]:
    """The other partner waits behind northwind on its account, with something of this value, and works on others."""

    def act(sandbox: Sandbox) -> dict[str, str]:
        waiting = sandbox.register(
            "contoso", "acme", deal=sandbox.linked("C-9"), value=usd(value), notes="Theirs alone."
        )
        findings = [
            {"party": "northwind", "fact": "N met them."},
            {"party": "contoso", "fact": "Their secret meeting."},
        ]
        sandbox.by("sales").post(f"/v1/conflicts/{waiting['conflict']}/investigate", {"findings": findings})
        made = {"waiting": waiting["id"]}
        if decided:
            made |= elsewhere(sandbox)
            sandbox.by("partner_manager").post("/v1/partners/tailspin/suspend", {"reason": "Papers."})
            sandbox.by("partner_manager").post("/v1/partners/tailspin/reinstate", {"reason": "Papers."})
        return made

    return act


def ahead(value: str, products: list[str]) -> Callable[[Sandbox], None]:
    """The other partner was first on an account that northwind registers, too."""

    def act(sandbox: Sandbox) -> None:
        body = {"deal": sandbox.linked("C-5"), "value": usd(value), "products": products, "notes": "Theirs alone."}
        sandbox.register("contoso", "soylent", **body)

    return act


def told(
    place: Place, rival: Callable[[Sandbox], dict[str, str]], first: Callable[[Sandbox], None] = lambda _: None
) -> tuple[Sandbox, dict[str, str], dict[str, str]]:
    """A programme in which northwind does what it always does, and the other partner something, first and later."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso", "fabrikam", "tailspin")
    first(sandbox)
    own = own_side(sandbox)
    theirs = rival(sandbox)
    own_end(sandbox)
    return sandbox, own, theirs


def places(operation: Operation, ids: Mapping[str, str], partner: str) -> Iterator[str]:
    """The operation's path with every combination of these ids, and of what is nobody's."""
    names = re.findall(r"\{([a-z_]+)\}", operation.path_format)
    values = {"partner": [partner], "period": ["2026-Q1", "2026-Q2"], "source": ["crm"], "reference": ["R-1"]}
    if operation.path_format.startswith("/v1/partners/"):
        values["id"] = [partner]
    for chosen in itertools.product(*(values.get(name, [*ids.values()]) for name in names)):
        path = operation.path_format
        for name, value in zip(names, chosen, strict=True):
            path = path.replace(f"{{{name}}}", value)
        yield path


def asked(caller: Caller, operation: Operation, path: str) -> httpx.Response:
    """The operation as the examples ask it."""
    body = None if operation.method == "GET" else BODIES.get(str(operation.operation_id))
    query = {"limit": 200} if operation.query_model and "limit" in operation.query_model.model_fields else None
    return caller.ask(operation.method, path, body, query=query)


def said(answer: httpx.Response) -> str:
    """All that an answer says, in body and headers."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{answer.text}\n{headers}".lower()


def test_no_answer_names_anything_of_another_partner(on_sqlite: Place) -> None:
    """Ids, names, amounts, deals, texts: on every route, with its own ids and with theirs."""
    sandbox, own, theirs = told(on_sqlite, behind("88123.00", decided=True), ahead("55123.00", ["edge", "core"]))
    keys = {key["id"] for key in sandbox.admin.get("/v1/keys")["items"]}
    tokens = {re.sub(r"^[a-z]+_", "", one) for name, one in theirs.items() if name != "case"}
    secrets = {
        "contoso",
        "fabrikam",
        "c-1",
        "c-9",
        "c-5",
        "55123",
        "77123",
        "66123",
        "88123",
        "theirs alone",
        "their secret",
        "stark",
    }
    secrets |= {one.lower() for one in theirs.values()} | tokens | keys
    caller = sandbox.by("partner", "northwind")
    walked = 0
    for operation in sorted(OPERATIONS, key=lambda one: one.method != "GET"):
        for ids, partner in ((own, "northwind"), (theirs, "contoso")):
            for path in places(operation, ids, partner):
                text = said(asked(caller, operation, path))
                request = f"{path} {json.dumps(BODIES.get(str(operation.operation_id)))}".lower()
                found = [secret for secret in secrets if secret in text and secret not in request]
                assert found == [], f"{operation.method} {path}: {text}"
                walked += 1
    assert walked > len(OPERATIONS)


def test_a_deal_that_another_partner_registered_is_stated_without_its_registration(on_sqlite: Place) -> None:
    """Rules §5: a win on a waiting registration is the holder's line. It names the deal and its value, nothing else."""
    sandbox = on_sqlite.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind")
    waiting = sandbox.register("contoso", deal=sandbox.linked("C-1"), value=usd("77123.00"), notes="Theirs alone.")
    sandbox.won("C-1")
    sandbox.statement("northwind", "2026-Q1")
    answer = sandbox.by("partner", "northwind").ask("GET", "/v1/statements/northwind/2026-Q1")
    [line] = answer.json()["lines"]
    assert (line["deal"]["id"], line["value"], line["held_because"]) == ("C-1", usd("77123.00"), ["CONFLICT_OPEN"])
    for secret in (waiting["id"].removeprefix("reg_"), "contoso", "theirs alone"):
        assert secret not in said(answer)


def test_a_split_tells_neither_party_who_the_other_is(on_sqlite: Place) -> None:
    """Each sees its own share, before the win and after it; staff sees both."""
    sandbox = on_sqlite.sandbox()
    sandbox.enrol("northwind", "contoso")
    made = {"northwind": sandbox.register("northwind", deal=sandbox.linked("N-1"))}
    made["contoso"] = sandbox.register("contoso")
    case = made["contoso"]["conflict"]
    sandbox.investigate(case)
    manager = sandbox.by("partner_manager")
    manager.post(f"/v1/conflicts/{case}/mediate", {"skipped": "The facts are plain."})
    parts = shares(northwind=6000, contoso=4000)
    body = {"outcome": "split", "rule": "Split (rules §4)", "reason": "Both worked on it.", "shares": parts}
    manager.post(f"/v1/conflicts/{case}/decide", body)
    sandbox.won("N-1")
    for partner, other in (("northwind", "contoso"), ("contoso", "northwind")):
        sandbox.statement(partner, "2026-Q1")
        caller, own = sandbox.by("partner", partner), made[partner]["id"]
        assert caller.get(f"/v1/registrations/{own}")["shares"] == [one for one in parts if one["partner"] == partner]
        assert sandbox.registration(own)["shares"] == parts
        for path in (
            "/v1/registrations",
            f"/v1/registrations/{own}",
            f"/v1/conflicts/{case}",
            "/v1/outbox",
            f"/v1/statements/{partner}/2026-Q1",
        ):
            assert other not in said(caller.ask("GET", path)), path


def test_what_is_another_partners_is_answered_like_what_is_not_there(on_sqlite: Place) -> None:
    """To the letter, on every route that takes an id."""
    sandbox, _, theirs = told(on_sqlite, elsewhere)
    caller = sandbox.by("partner", "northwind")
    for operation in OPERATIONS:
        if "{" in operation.path_format and (operation.roles is None or "partner" in operation.roles):
            absent = dict.fromkeys(theirs, "reg_00000000000000000000")
            for path, nowhere in zip(
                places(operation, theirs, "contoso"), places(operation, absent, "nobody"), strict=True
            ):
                there, not_there = asked(caller, operation, path), asked(caller, operation, nowhere)
                assert there.status_code == not_there.status_code, f"{operation.method} {path}: {there.text}"
                assert neutral(there, path) == neutral(not_there, nowhere), f"{operation.method} {path}"


def neutral(answer: httpx.Response, path: str) -> str:
    """What an answer says, without the names that stand in its path."""
    text = answer.text
    for name in re.split(r"[/?]", path):
        if name not in ("", "v1") and not name.isalpha():
            text = text.replace(name, "…")
    return text.replace("contoso", "…").replace("nobody", "…")


@pytest.mark.parametrize(
    ("one", "another", "first", "first_there"),
    [
        (nothing, elsewhere, lambda _: None, lambda _: None),
        (behind("88123.00", decided=False), behind("99123.00", decided=True), lambda _: None, lambda _: None),
        (nothing, elsewhere, ahead("88123.00", ["edge"]), ahead("99123.00", ["edge", "core"])),
    ],
    ids=["on its own accounts", "behind northwind", "ahead of northwind"],
)
def test_what_another_partner_does_changes_no_answer(
    on_sqlite: Place,
    one: Callable[[Sandbox], dict[str, str]],
    another: Callable[[Sandbox], dict[str, str]],
    first: Callable[[Sandbox], None],
    first_there: Callable[[Sandbox], None],
) -> None:
    """Two programmes that differ in what contoso did answer northwind the same, but for what `MAY_DIFFER` says."""
    seen = []
    for rival, before in ((one, first), (another, first_there)):
        sandbox, own, _ = told(on_sqlite, rival, before)
        caller = sandbox.by("partner", "northwind")
        ids = dict(own)
        if cases := caller.get("/v1/conflicts")["items"]:
            ids["case"] = cases[0]["id"]
        sandbox.statement("northwind", "2026-Q1")
        sandbox.registration(own["registration"])
        seen.append({key: shape(text, sandbox) for key, text in everything_read(caller, ids)})
    assert seen[0].keys() == seen[1].keys()
    for key, text in seen[0].items():
        assert text == seen[1][key], key


def everything_read(caller: Caller, ids: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """All reads, each under a name that is the same in both programmes."""
    names = {value: name for name, value in ids.items()}
    for operation in OPERATIONS:
        if operation.method == "GET" and operation.roles is not None and "partner" in operation.roles:
            for path in places(operation, ids, "northwind"):
                answer = asked(caller, operation, path)
                key = "/".join(names.get(part, part) for part in path.split("/"))
                yield key, answer.json() if "json" in answer.headers["content-type"] else answer.text


def shape(answer: Any, sandbox: Sandbox) -> str:
    """An answer without what may differ, its ids numbered in the order in which they appear."""
    text = json.dumps(without(answer), sort_keys=False).replace(sandbox.programme, "programme")
    text = re.sub(r'"id": "[0-9]+-[0-9]+"', '"id": "position"', text)  # what the outbox holds is named by position
    numbers: dict[str, str] = {}
    return IDS.sub(lambda found: numbers.setdefault(found[0], f"{found[1]}_{len(numbers) + 1}"), text)


def without(value: Any) -> Any:
    """A value without the members that may differ."""
    if isinstance(value, list):
        return [without(item) for item in value]
    if isinstance(value, dict):
        return {name: without(item) for name, item in value.items() if name not in MAY_DIFFER}
    return value
