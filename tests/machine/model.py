"""Who is first on one account, told a second time in lists and dicts, straight from rules §3 and §4."""

from datetime import datetime
from typing import Any

from tests.machine.standing import Claim, is_live
from tests.machine.time_passing import TimePassing


class Refused(Exception):
    """A rule says no, with this code."""


class Model(TimePassing):
    """One account, and what may be done on it."""

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
