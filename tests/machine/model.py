"""Who is first on one account, told a second time in lists and dicts, straight from rules §3 and §4.

Nothing of `domain/` is used here. A registration is a dict; `queues` has for each product the names in the order of the
queue, and `timelines` who held it. Instants are datetimes in UTC. Claims around one sale share its number (`sale`).
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

Claim = dict[str, Any]
Registration = dict[str, Any]

PRODUCTS: Final = ("edge", "core")
TAKEN_BACK: Final = ("rejected", "withdrawn", "upheld", "void", "fraud", "terminated", "return_lapsed")
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


class Refused(Exception):
    """A rule says no, with this code."""


class Model:
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

    # what partners and reviewers do

    def register(self, name: str, partner: str, products: tuple[str, ...]) -> None:
        """§3.1 to §3.5: a complete, eligible request is accepted at its place, or refused as a whole."""
        self.let_time_pass()
        terms = self.terms()
        if not self.is_active(partner):
            raise Refused("PARTNER_NOT_ACTIVE")
        if 0 < terms["max_live_registrations"] <= sum(self.is_alive(n) for n in self.of(partner)):
            raise Refused("TOO_MANY_REGISTRATIONS")
        if any(self.is_live_on(other, product) for other in self.of(partner) for product in products):
            raise Refused("ALREADY_REGISTERED")
        claims: dict[str, Claim] = {
            product: {
                "stage": "waiting" if self.holder(product) else "review",
                "sale": self.sale_of_a_newcomer(product),
                "alive_since": self.now,
                "sold": set(),
            }
            for product in products
        }
        self.registrations[name] = {
            "partner": partner,
            "registered_at": self.now,
            "claims": claims,
            "deal": "open",
            "extended": 0,
            "leaves_at": None,
            "won_as": None,
        }
        for product in products:
            self.queues[product].append(name)
        for product in products:
            self.note_holder(product, self.now, "displaced")
        if terms["approval"] == "automatic":
            self.protect_what_is_under_review(name)
        self.settle()

    def approve(self, name: str) -> None:
        """Refused behind a live claim; nothing where it is so already."""
        self.let_time_pass()
        if self.stages(name, "review"):
            self.protect_what_is_under_review(name)
        elif self.status(name) == "waiting":
            raise Refused("NOT_FIRST")
        elif self.status(name) not in ("approved", "won"):
            raise Refused("WRONG_STATE")
        self.settle()

    def reject(self, name: str) -> None:
        """What is not approved yet."""
        self.let_time_pass()
        if self.status(name) != "rejected":
            if self.status(name) not in ("under_review", "returned", "waiting"):
                raise Refused("WRONG_STATE")
            self.end_all(name, "rejected")
        self.settle()

    def withdraw(self, name: str) -> None:
        """What is not over."""
        self.let_time_pass()
        if self.status(name) != "withdrawn":
            if self.status(name) not in ("under_review", "returned", "waiting", "approved"):
                raise Refused("WRONG_STATE")
            self.end_all(name, "withdrawn")
        self.settle()

    def send_back(self, name: str) -> None:
        """The place is kept for `return_days`."""
        self.let_time_pass()
        if not self.stages(name, "review"):
            raise Refused("WRONG_STATE")
        until = self.days_later(self.now, self.terms()["return_days"])
        for claim in self.stages(name, "review"):
            claim.update(stage="returned", until=until)
        self.note_sale(name)
        self.settle()

    def resubmit(self, name: str) -> None:
        """Back to the reviewer; approving is for a person."""
        self.let_time_pass()
        if not self.stages(name, "returned"):
            raise Refused("WRONG_STATE")
        for claim in self.stages(name, "returned"):
            claim.update(stage="review")
        self.note_sale(name)
        self.settle()

    def extend(self, name: str) -> None:
        """Before the end, as often as the terms allow."""
        self.let_time_pass()
        terms = self.terms()
        if self.status(name) == "expired":
            raise Refused("PROTECTION_LAPSED")
        held = [claim for claim in self.stages(name, "protected") if is_live(claim)]
        if not held:
            raise Refused("WRONG_STATE")
        if self.registrations[name]["extended"] >= terms["extensions"]:
            raise Refused("NO_EXTENSION_LEFT")
        for claim in held:
            claim["until"] = self.days_later(claim["until"], terms["extension_days"])
        self.registrations[name]["extended"] += 1
        self.note_sale(name)
        self.settle()

    # what the CRM says, always of now

    def fact(self, name: str, kind: str) -> None:
        """§3.9: won ends the queue with everybody in place, reopened brings it back, lost ends the claims."""
        self.settle()
        registration = self.registrations[name]
        was_alive = {other: self.is_alive(other) for other in self.registrations}
        before, registration["deal"] = registration["deal"], {"reopened": "open"}.get(kind, kind)
        self.written += 1
        if kind == "won" and registration["won_as"] is None:
            registration["won_as"] = self.written
        if before == "lost" != registration["deal"]:
            self.bring_back_what_was_lost(name)
        if registration["deal"] == "lost" != before:
            self.note_sale(name)
            self.end_all(name, "lost")
        self.note_sale(name)
        for other, one in self.registrations.items():
            left = self.partners[one["partner"]]
            if self.is_alive(other) and not was_alive[other] and one["leaves_at"] is None and left["left"] is not None:
                one.update(leaves_at=max(left["left"], self.now), fraud=left["fraud"])
        self.settle()

    # what staff does

    def suspend(self, partner: str) -> None:
        """A waiting claim of the partner is skipped, and keeps its place."""
        if self.partners[partner]["left"] is not None:
            raise Refused("WRONG_STATE")
        if self.is_active(partner):
            self.partners[partner]["pauses"].append([self.now, None])

    def reinstate(self, partner: str) -> None:
        """It fills what stands vacant, from now on."""
        if self.partners[partner]["left"] is not None:
            raise Refused("WRONG_STATE")
        if not self.is_active(partner):
            self.partners[partner]["pauses"][-1][1] = self.now
            if any(self.is_alive(name) for name in self.of(partner)):
                self.settle()

    def terminate(self, partner: str, *, fraud: bool) -> None:
        """§8: at once; existing protection runs out unless the cause is fraud."""
        known = self.partners[partner]
        if known["left"] is not None:
            if known["fraud"] != fraud:
                raise Refused("WRONG_STATE")
            return
        had_live = any(self.is_alive(name) for name in self.of(partner))
        known.update(left=self.now, fraud=fraud)
        if not had_live:
            return
        self.let_time_pass()
        for name in self.of(partner):
            if any(claim["stage"] != "ended" for claim in self.registrations[name]["claims"].values()):
                self.registrations[name].update(leaves_at=self.now, fraud=fraud)
                self.note_sale(name)
        self.settle()

    def publish(self, **settings: Any) -> None:
        """From now on."""
        self.published.append((self.now, {**self.terms(), **settings}))

    def move_clock(self, now: datetime) -> None:
        """What falls due until then is so."""
        self.now = now
        self.settle()

    def decide(self, name: str, product: str, outcome: str) -> None:
        """§4: uphold, reassign or void; after a win it is about the credit alone, but for a challenger that loses."""
        self.settle()
        assert self.cases[name, product] is False
        claim = self.registrations[name]["claims"][product]
        ahead = self.whoever_is_ahead(name, product)
        self.cases[name, product] = True
        if outcome == "uphold":
            self.end(name, product, self.now, "upheld")
        elif claim["sold"]:
            pass
        elif outcome == "void":
            self.end(name, product, self.now, "void")
            if ahead is not None:
                self.end(ahead, product, self.now, "void")
        else:
            self.reassign(name, product, ahead)
        self.settle()

    # how it comes about

    def reassign(self, name: str, product: str, ahead: str | None) -> None:
        """The challenger goes first, protected from the decision on; the others keep their order."""
        first = self.queue(product)[0][0]
        if first != name:
            self.queues[product].remove(name)
            self.queues[product].insert(self.queues[product].index(first), name)
        until = self.days_later(self.now, self.terms()["protection_days"])
        claim = self.registrations[name]["claims"][product]
        claim.update(stage="protected", since=self.now, until=until)
        self.note_holder(product, self.now, "reassigned")
        if ahead is not None:
            self.registrations[ahead]["claims"][product].update(stage="waiting")
            self.cases[ahead, product] = True

    def let_time_pass(self) -> None:
        """§3.6: what ended by itself, in order of instant; the next in line follows at that instant."""
        while True:
            ends, gaps = list(self.ends()), list(self.gaps())
            end, gap = min(ends, default=None), min(gaps, default=None)
            if gap is not None and gap[0] <= self.now and (end is None or gap[0] <= end[0]):
                at, product, name = gap
                self.promote(name, product, at)
            elif end is not None and end[0] <= self.now:
                at, _, product, name, why = end
                self.end(name, product, at, why)
                self.note_sale(name)
            else:
                return

    def ends(self) -> Any:
        """Each live claim that ends by itself: when, its place, where, whose, why."""
        for product in PRODUCTS:
            for name, claim in self.queue(product):
                registration = self.registrations[name]
                found = []
                if claim["stage"] in ("protected", "returned"):
                    found.append((claim["until"], "expired" if claim["stage"] == "protected" else "return_lapsed"))
                leaves = registration["leaves_at"]
                if leaves is not None and (registration["fraud"] or claim["stage"] != "protected"):
                    why = "fraud" if registration["fraud"] else "terminated"
                    if not found or leaves < found[0][0]:
                        found = [(leaves, why)]
                if found:
                    at, why = found[0]
                    place = list(self.registrations).index(name)
                    yield max(at, claim["alive_since"]), place, product, name, why

    def gaps(self) -> Any:
        """Each product that nobody holds and somebody waits for: when the first active one takes it over."""
        for product in sorted(PRODUCTS):
            if self.holder(product) is not None or not self.queue(product):
                continue
            vacant_since = self.timelines[product][-1][2]
            found = []
            for place, (name, claim) in enumerate(self.queue(product)):
                at = self.active_from(self.registrations[name]["partner"], max(vacant_since, claim["alive_since"]))
                if at is not None:
                    found.append((at, place, name))
            if found:
                at, _, name = min(found)
                yield at, product, name

    def active_from(self, partner: str, at: datetime) -> datetime | None:
        """The first instant from then on at which the partner is active; None: not as yet."""
        known = self.partners[partner]
        for since, until in known["pauses"]:
            if since <= at:
                if until is None:
                    return None
                at = max(at, until)
        return None if known["left"] is not None and known["left"] <= at else at

    def promote(self, name: str, product: str, at: datetime) -> None:
        """With fresh protection by the terms of that instant; under manual approval a person approves first."""
        terms = self.terms(at)
        claim = self.registrations[name]["claims"][product]
        if terms["approval"] == "automatic":
            claim.update(stage="protected", since=at, until=self.days_later(at, terms["protection_days"]))
        else:
            claim.update(stage="review")
        self.note_holder(product, at, "promoted")
        self.note_sale(name)

    def protect_what_is_under_review(self, name: str) -> None:
        """From the approval, or from the registration where the terms say so."""
        terms, registration = self.terms(), self.registrations[name]
        since = self.now if terms["protection_starts"] == "approval" else registration["registered_at"]
        until = self.days_later(since, terms["protection_days"])
        for claim in self.stages(name, "review"):
            claim.update(stage="protected", since=since, until=until, alive_since=self.now)
        self.note_sale(name)

    def end(self, name: str, product: str, at: datetime, why: str) -> None:
        """A claim is over."""
        claim = self.registrations[name]["claims"][product]
        if claim["stage"] != "ended":
            self.written += 1
            before = {"stage": claim["stage"]}
            claim.update(stage="ended", ended_at=at, ended_as=self.written, why=why, before=before)
            self.note_holder(product, at, why)

    def end_all(self, name: str, why: str) -> None:
        """All of a registration's claims, in one event."""
        self.written += 1
        for product in self.registrations[name]["claims"]:
            self.end(name, product, self.now, why)
        self.note_sale(name)

    def note_holder(self, product: str, at: datetime, why: str) -> None:
        """One holder for each product; whoever held beside it waits. The timeline says who, since when."""
        holder = self.holder(product)
        for name, claim in self.queue(product):
            if claim["stage"] != "waiting" and name != holder:
                claim.update(stage="waiting")
                self.cases.pop((name, product), None)
        line = self.timelines[product]
        current = line[-1] if line and line[-1][2] is None else None
        if current is not None and current[0] == holder:
            return
        if current is not None:
            current[2], current[3] = max(at, current[1]), why
        if holder is not None:
            line.append([holder, at, None, None])

    def settle(self) -> None:
        """Time passes, and every clash has its case."""
        self.let_time_pass()
        for clash, decided in list(self.cases.items()):
            claim = self.registrations[clash[0]]["claims"][clash[1]]
            if not decided and (claim["stage"] != "waiting" or self.is_behind_its_own(*clash)):
                del self.cases[clash]
        for product in PRODUCTS:
            for name in self.queues[product]:
                claim = self.registrations[name]["claims"][product]
                ahead = self.whoever_is_ahead(name, product)
                if claim["stage"] == "waiting" and (name, product) not in self.cases and ahead is not None:
                    self.open_case(name, product, ahead)

    def open_case(self, name: str, product: str, ahead: str) -> None:
        """Between two partners; nobody clashes with itself."""
        if self.registrations[ahead]["partner"] != self.registrations[name]["partner"]:
            self.cases[name, product] = False

    def is_behind_its_own(self, name: str, product: str) -> bool:
        """Whether the same partner is ahead, as when its lost deal came back: nobody clashes with itself."""
        ahead = self.whoever_is_ahead(name, product)
        return ahead is not None and self.registrations[ahead]["partner"] == self.registrations[name]["partner"]

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

    # sales

    def counts(self, name: str) -> list[str]:
        """The products on which a win of the registration counts (§5)."""
        registration = self.registrations[name]
        stages = [claim["stage"] for claim in registration["claims"].values()]
        if "returned" in stages and "review" not in stages:
            return []
        won_as = registration["won_as"]
        return [
            product
            for product, claim in registration["claims"].items()
            if not (claim["stage"] == "ended" and claim["why"] in TAKEN_BACK)
            or (claim["why"] == "upheld" and won_as is not None and won_as < claim["ended_as"])
        ]

    def note_sale(self, name: str) -> None:
        """The queues follow whether the deal is sold, with everybody in place."""
        registration = self.registrations[name]
        sold = registration["deal"] == "won" and bool(self.counts(name))
        was_sold = [product for product, claim in registration["claims"].items() if name in claim["sold"]]
        if sold and not was_sold:
            for product in self.counts(name):
                sale = registration["claims"][product]["sale"]
                for other in self.queues[product]:
                    claim = self.registrations[other]["claims"][product]
                    if claim["sale"] == sale and (other == name or claim["stage"] != "ended"):
                        claim["sold"].add(name)
                self.note_holder(product, self.now, "won")
        elif was_sold and not sold:
            for product in was_sold:
                for other in self.queues[product]:
                    claim = self.registrations[other]["claims"][product]
                    if name in claim["sold"]:
                        claim["sold"].discard(name)
                        if is_live(claim):
                            claim["alive_since"] = self.now
                self.are_about_one_sale(product)
                self.note_holder(product, self.now, "reopened")

    def bring_back_what_was_lost(self, name: str) -> None:
        """At its old place, also in a queue that was won meanwhile."""
        for product, claim in self.registrations[name]["claims"].items():
            if claim["stage"] == "ended" and claim["why"] == "lost":
                claim.update(claim["before"], alive_since=self.now, sold=self.winners(product, claim["sale"]))
                if not self.cases.get((name, product), False):
                    self.cases.pop((name, product), None)
                self.are_about_one_sale(product)
                self.note_holder(product, self.now, "reopened")

    def winners(self, product: str, sale: int) -> set[str]:
        """Whose wins ended the queue around a sale."""
        claims = {name: self.registrations[name]["claims"][product] for name in self.queues[product]}
        return {name for name, claim in claims.items() if claim["sale"] == sale and name in claim["sold"]}

    def sale_of_a_newcomer(self, product: str) -> int:
        """That of the queue; after a win the next one."""
        live = [claim["sale"] for _, claim in self.queue(product)]
        if live:
            return int(live[0])
        latest = max((self.registrations[n]["claims"][product]["sale"] for n in self.queues[product]), default=1)
        return latest + 1 if self.winners(product, latest) else latest

    def are_about_one_sale(self, product: str) -> None:
        """Those in one line are all about the earliest sale that any of them was about."""
        live = {claim["sale"] for _, claim in self.queue(product)}
        for name in self.queues[product]:
            claim = self.registrations[name]["claims"][product]
            if claim["sale"] in live:
                claim["sale"] = min(live)

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


def is_live(claim: Claim) -> bool:
    """Whether a claim stands in its queue."""
    return claim["stage"] != "ended" and not claim["sold"]
