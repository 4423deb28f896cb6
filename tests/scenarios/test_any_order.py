"""The law of deliveries (issue 2, 4; rules §5): what they come to does not depend on the order in which they arrive.

One set of deliveries of every type but `deal.registered`, about deals of accounts that several partners claim, in any
order of arrival and with any of them repeated, gives the same open statements. On one account they are about one deal,
or about several that the CRM merges at some time before, between or after what it says of them: where rivals' deals
contradict each other, who comes first in the queue follows the log (decision 0003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.api import Place, Sandbox, problem, usd, wanted

PARTNERS = ("northwind", "contoso", "fabrikam")
DEALS = ("D-1", "D-2", "D-3", "D-4", "D-5")
NOW = "2026-03-01T12:00:00+00:00"


@dataclass(frozen=True)
class Delivery:
    """What the CRM says; `id` orders facts of the same instant."""

    id: str
    kind: str
    deal: str
    at: str
    data: dict[str, Any]

    def body(self, sandbox: Sandbox) -> bytes:
        about = {} if self.kind == "merged" else {"deal_id": self.deal}
        return sandbox.webhook(f"deal.{self.kind}", {**about, **self.data}, at=self.at)


RIVALS_MERGED = (("D-1", "D-2"), ("D-6", "D-1", "D-3"))
GLOBEX_MERGED = ("D-5", "D-4")
"""What the CRM merges, its new id first: the rivals' deals in two steps, and a deal with one that is linked later."""

days = st.dates(date(2026, 1, 3), date(2026, 2, 28)).map(date.isoformat)
values = st.sampled_from(["10000.00", "99999.99", "150000.00"]).map(usd)


@st.composite
def facts(draw: st.DrawFn, deals: tuple[str, ...]) -> tuple[str, str, str, dict[str, Any]]:
    kind = draw(st.sampled_from(["won", "won", "value_changed", "lost", "reopened", "refunded", "paid"]))
    day = draw(days)
    data: dict[str, Any] = {}
    if kind == "won":
        data = {"won_on": draw(st.sampled_from([day, "2026-02-01"]))}
        if draw(st.booleans()):
            data["value"] = draw(values)
    elif kind == "value_changed":
        data = {"value": draw(values)}
    elif kind == "refunded":
        data = {"refund_id": draw(st.sampled_from(["R-1", "R-2"])), "refunded_on": day}
        data["amount"] = draw(st.sampled_from(["5000.00", "30000.00"]).map(usd))
    elif kind == "paid":
        data = {"amount": draw(values), "paid_on": day}
    hour = draw(st.sampled_from(["09", "10"]))
    return kind, draw(st.sampled_from(deals)), f"{day}T{hour}:00:00Z", data


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Delivery], list[Delivery | str]]:
    """A set of deliveries as they happened, and as they arrive: shuffled, repeated, and with D-5 linked among them."""
    merges = draw(st.sampled_from([(), RIVALS_MERGED, (GLOBEX_MERGED,), (*RIVALS_MERGED, GLOBEX_MERGED)]))
    rivals = (*DEALS[:3], "D-6") if len(merges) > 1 else (draw(st.sampled_from(DEALS[:3])),)
    said = draw(st.lists(facts((*rivals, *DEALS[3:])), min_size=2, max_size=9))
    said += [("merged", "", f"{draw(days)}T09:00:00Z", {"deal_ids": ids, "into": into}) for into, *ids in merges]
    ids = draw(st.permutations([f"msg_{number:02}" for number in range(len(said))]))
    happened = [Delivery(id, *fact) for id, fact in zip(ids, said, strict=True)]  # noqa: A001 - as in the contract
    happened.sort(key=lambda delivery: (delivery.at, delivery.id))
    repeated = draw(st.lists(st.sampled_from(happened), max_size=3))
    return happened, draw(st.permutations([*happened, *repeated, "link"]))


def programme(place: Place) -> Sandbox:
    """Northwind, Contoso and Fabrikam one behind the other on acme, Northwind alone on globex and initech."""
    sandbox = place.sandbox()
    sandbox.enrol(*PARTNERS)
    manager = sandbox.by("partner_manager")
    claims = zip((*PARTNERS, "northwind"), ("acme", "acme", "acme", "globex"), DEALS, strict=False)
    for partner, account, deal in claims:
        manager.post("/v1/registrations", wanted(account, partner=partner, deal=sandbox.linked(deal)))
    manager.post("/v1/registrations", wanted("initech", partner="northwind"))
    sandbox.move_clock(NOW)
    return sandbox


def statements(place: Place, arriving: Sequence[Delivery | str]) -> list[dict[str, Any]]:
    """The open statements after these arrivals, without what names a place in the log or an id."""
    sandbox = programme(place)
    for one in arriving:
        if isinstance(one, Delivery):
            answer = sandbox.deliver(one.body(sandbox), one.id)
            assert answer.status_code == 200, answer.text
        else:
            [initech] = sandbox.by("sales").get(
                "/v1/registrations", account="initech.example", at_least=sandbox.position()
            )["items"]
            linked = sandbox.by("crm").ask("POST", f"/v1/registrations/{initech['id']}/deal", sandbox.linked("D-5"))
            is_taken = GLOBEX_MERGED in merged_by(arriving)
            assert linked.is_success or (is_taken and problem(linked) == (409, "DEAL_ALREADY_LINKED")), linked.text
    return [plain(sandbox.statement(partner, "2026-Q1")) for partner in PARTNERS]


def merged_by(arriving: Sequence[Delivery | str]) -> set[tuple[str, ...]]:
    """The merges among these arrivals, each as its new id and the ids that became that."""
    merges = (one.data for one in arriving if isinstance(one, Delivery) and one.kind == "merged")
    return {(data["into"], *data["deal_ids"]) for data in merges}


def plain(statement: dict[str, Any]) -> dict[str, Any]:
    for line in statement["lines"]:
        line["deal"] = line["deal"]["id"]
        for name in ("id", "registration", "evidence"):
            del line[name]
    del statement["position"], statement["digest"]
    return statement


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrivals())
def test_any_order_and_any_repetition_gives_the_same_open_statements(
    on_sqlite: Place, both: tuple[list[Delivery], list[Delivery | str]]
) -> None:
    """Every type but `deal.registered`; one deal becomes known only among them."""
    happened, arriving = both
    assert statements(on_sqlite, arriving) == statements(on_sqlite, ["link", *happened])
