"""What a win does to the model's queues, and what undoing it or a loss brings back (rules §3.9, §5)."""

from datetime import datetime
from typing import Final

from tests.machine.standing import Standing, is_live

TAKEN_BACK: Final = ("rejected", "withdrawn", "upheld", "void", "fraud", "terminated", "return_lapsed")


class Sales(Standing):
    """Who holds now, and around which sale each claim stands."""

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
