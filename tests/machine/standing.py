"""How things stand on the model's account: its queues, its timelines, and what can be read off them (rules §3).

Nothing of `domain/` is used here. A registration is a dict; `queues` has for each product the names in the order of the
queue, and `timelines` who held it. Instants are datetimes in UTC. Claims around one sale share its number (`sale`).
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

Claim = dict[str, Any]
Registration = dict[str, Any]

PRODUCTS: Final = ("edge", "core")
STATUS_OF_AN_END: Final = {
    "expired": "expired",
    "return_lapsed": "expired",
    "withdrawn": "withdrawn",
    "terminated": "withdrawn",
    "rejected": "rejected",
    "fraud": "rejected",
    "upheld": "rejected",
    "void": "rejected",
    "lost": "lost",
}


class Standing:
    """One account of a programme, with its partners and its terms."""

    def __init__(self, now: datetime, zone: str, partners: tuple[str, ...], **terms: Any) -> None:
        self.now = now
        self.zone = ZoneInfo(zone)
        self.partners: dict[str, dict[str, Any]] = {p: {"pauses": [], "left": None, "fraud": False} for p in partners}
        self.registrations: dict[str, Registration] = {}
        self.queues: dict[str, list[str]] = {product: [] for product in PRODUCTS}
        self.timelines: dict[str, list[list[Any]]] = {product: [] for product in PRODUCTS}
        self.cases: dict[tuple[str, str], bool] = {}
        """Of each clash of a challenger and a product that has a case: whether it is decided."""
        self.published: list[tuple[datetime, dict[str, Any]]] = [(datetime.min.replace(tzinfo=UTC), terms)]
        self.written = 0

    # what is so

    def terms(self, at: datetime | None = None) -> dict[str, Any]:
        """The terms in force at an instant: those that were published by then."""
        return [terms for since, terms in self.published if since <= (at or self.now)][-1]

    def days_later(self, at: datetime, days: int) -> datetime:
        """The same time on the clock of the programme's zone, calendar days later (§2)."""
        local = at.astimezone(self.zone)
        return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def queue(self, product: str) -> list[tuple[str, Claim]]:
        """The claims that stand in line: not over, and not in a queue that a win has ended."""
        line = [(name, self.registrations[name]["claims"][product]) for name in self.queues[product]]
        return [(name, claim) for name, claim in line if is_live(claim)]

    def holder(self, product: str) -> str | None:
        """The first that does not wait."""
        return next((name for name, claim in self.queue(product) if claim["stage"] != "waiting"), None)

    def ranks(self, product: str) -> list[str]:
        """The queue as people see it: the holder, then the others in order."""
        names, holder = [name for name, _ in self.queue(product)], self.holder(product)
        return names if holder is None else [holder, *(name for name in names if name != holder)]

    def status(self, name: str) -> str:
        """What a reviewer has in hand first, then how it ended, then the deal, then the best of its claims."""
        registration = self.registrations[name]
        claims, deal = list(registration["claims"].values()), registration["deal"]
        stages = [claim["stage"] for claim in claims]
        if "review" in stages:
            return "under_review"
        if "returned" in stages:
            return "returned"
        if all(stage == "ended" for stage in stages):
            last = max(claims, key=lambda claim: (claim["ended_at"], claim["ended_as"]))
            over = STATUS_OF_AN_END[last["why"]]
            return over if over in ("rejected", "withdrawn") or deal == "open" else deal
        if deal != "open":
            return str(deal)
        return "approved" if "protected" in stages else "waiting"

    def protection(self, name: str, product: str) -> tuple[datetime, datetime] | None:
        """The half-open interval of a claim that is protected."""
        claim = self.registrations[name]["claims"][product]
        return (claim["since"], claim["until"]) if claim["stage"] == "protected" else None

    def contested(self) -> set[tuple[str, str]]:
        """Who waits behind somebody under a case that nobody has decided."""
        return {clash for clash, decided in self.cases.items() if not decided}

    def is_active(self, partner: str) -> bool:
        """Neither suspended nor terminated."""
        known = self.partners[partner]
        return known["left"] is None and not (known["pauses"] and known["pauses"][-1][1] is None)

    # small questions

    def of(self, partner: str) -> list[str]:
        """The partner's registrations."""
        return [name for name, one in self.registrations.items() if one["partner"] == partner]

    def is_alive(self, name: str) -> bool:
        """Whether it counts against the partner's capacity."""
        return any(is_live(claim) for claim in self.registrations[name]["claims"].values())

    def is_live_on(self, name: str, product: str) -> bool:
        """Whether it claims the product now."""
        claim = self.registrations[name]["claims"].get(product)
        return claim is not None and is_live(claim)

    def stages(self, name: str, stage: str) -> list[Claim]:
        """Its claims in this stage."""
        return [claim for claim in self.registrations[name]["claims"].values() if claim["stage"] == stage]

    def whoever_is_ahead(self, name: str, product: str) -> str | None:
        """The holder; in a queue that a win has ended, the last that held it."""
        claim = self.registrations[name]["claims"][product]
        if is_live(claim):
            return self.holder(product)
        sale = claim["sale"]
        held = [
            entry[0]
            for entry in self.timelines[product]
            if self.registrations[entry[0]]["claims"][product]["sale"] == sale
        ]
        return str(held[-1])


def is_live(claim: Claim) -> bool:
    """Whether a claim stands in its queue."""
    return claim["stage"] != "ended" and not claim["sold"]
