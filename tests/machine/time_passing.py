"""What becomes so on the model's account by itself: ends, promotions, and a case for every clash (rules §3.6, §4)."""

from datetime import datetime
from typing import Any

from tests.machine.sales import Sales
from tests.machine.standing import PRODUCTS


class TimePassing(Sales):
    """What follows from time, and from what somebody did."""

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
