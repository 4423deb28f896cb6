"""Who plays in the demo, and which deals they work on in two quarters: the same ones every time."""

import random
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from domain.calendar import instant_of, zone_named
from domain.ids import Instant
from domain.money import Money

UTC: Final = zone_named("UTC")
UTC_MIDNIGHT: Final = time()
SEED: Final = 2026
MINUTE: Final = 60_000_000
FIRST_DAY: Final = date(2026, 1, 5)
LAST_DAY: Final = date(2026, 6, 30)
NORTHWINDS_FIRST: Final = date(2026, 2, 2)
"""Its first win of the year is the staged one, so that its working begins at nothing."""
ORDINARY_DEALS: Final = 193
"""With the seven of the staged scenes, two hundred."""

PARTNERS: Final = {
    "northwind": ("Northwind Traders", "USD"),
    "contoso": ("Contoso Consulting", "USD"),
    "fabrikam": ("Fabrikam Networks", "USD"),
    "tailspin": ("Tailspin Systems", "USD"),
    "litware": ("Litware Integration", "USD"),
    "proseware": ("Proseware Solutions", "USD"),
    "woodgrove": ("Woodgrove IT", "USD"),
    "wingtip": ("Wingtip Cloud", "USD"),
    "adatum": ("A. Datum Services", "USD"),
    "lucerne": ("Lucerne Digital", "USD"),
    "trey": ("Trey Research Partners", "USD"),
    "alpine": ("Alpine Systemhaus", "EUR"),
}

RATES: Final = {
    date(2026, 1, 5): ("1.0820", "0.9242"),
    date(2026, 2, 2): ("1.0850", "0.9217"),
    date(2026, 3, 2): ("1.0910", "0.9166"),
    date(2026, 4, 1): ("1.0780", "0.9276"),
    date(2026, 5, 4): ("1.0840", "0.9225"),
    date(2026, 6, 1): ("1.0905", "0.9170"),
}
"""EUR in USD and USD in EUR: there are no inverse rates (rules §6)."""

_FIRST: Final = (
    "Amber Baltic Beacon Birch Boreal Canyon Cedar Cobalt Coral Cypress Delta Ember Falcon Fjord Garnet Granite "
    "Harbor Hazel Heron Indigo Juniper Keystone Lakeside Lumen Maple Meridian Mistral Northgate Oakmont Onyx Orchard "
    "Osprey Pacific Pinnacle Prairie Quarry Redwood Ridgeline Rosewood Sable Sequoia Silverline Solstice Sparrow "
    "Summit Tundra Valley Vantage Willow Zephyr"
)
_SECOND: Final = (
    "Analytics Bank Biotech Brewing Chemicals Energy Foods Freight Insurance Logistics Media Motors Optics Pharma "
    "Robotics Shipping Steel Telecom Textiles Water"
)
_COUNTRIES: Final = {
    "US": "Inc.",
    "DE": "GmbH",
    "FR": "SAS",
    "GB": "Ltd",
    "NL": "B.V.",
    "SE": "AB",
    "IT": "S.p.A.",
    "ES": "S.L.",
}
_IN_EUR: Final = frozenset(("DE", "FR", "NL", "IT", "ES"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One ordinary deal. It ends in `ends_at` as `end` says; `by_crm`: it was registered in the CRM, not by API."""

    id: str
    partner: str
    account: str
    country: str
    domain: str
    product: str
    value: Money
    registered_at: Instant
    by_crm: bool
    end: str
    ends_at: Instant
    ends_on: date
    final_value: Money | None


def at(day: date, minute: int) -> Instant:
    """A minute of a day, counted from midnight."""
    return Instant(instant_of(day, UTC_MIDNIGHT, UTC) + minute * MINUTE)


def ordinary_deals() -> list[Deal]:
    """The deals of two quarters; about half of them are won."""
    chance = random.Random(SEED)  # noqa: S311 - the same story every time is what is wanted
    names = chance.sample(
        [f"{first} {second}" for first in _FIRST.split() for second in _SECOND.split()], ORDINARY_DEALS
    )
    return [_deal(chance, number, name) for number, name in enumerate(names, start=1001)]


def _deal(chance: random.Random, number: int, name: str) -> Deal:
    partner = chance.choice(list(PARTNERS))
    country = "DE" if partner == "alpine" and chance.random() < 0.8 else chance.choice(list(_COUNTRIES))
    in_eur = country in _IN_EUR and (partner == "alpine" or chance.random() < 0.4)
    currency = "EUR" if in_eur else "USD"
    value = Money(amount_minor=(4_000 + round(chance.lognormvariate(10.2, 0.7)) // 100 * 100) * 100, currency=currency)
    earliest = FIRST_DAY if partner != "northwind" else NORTHWINDS_FIRST
    registered_on = _working_day(chance, earliest, LAST_DAY - timedelta(days=8))
    end = chance.choices(("won", "lost", "open"), (55, 15, 30))[0]
    ends_on = _working_day(chance, registered_on + timedelta(days=5), registered_on + timedelta(days=70))
    if ends_on > LAST_DAY:
        end, ends_on = "open", LAST_DAY
    discount = Money(amount_minor=value.amount_minor * 9 // 10, currency=currency)
    return Deal(
        id=f"D-{number}",
        partner=partner,
        account=f"{name} {_COUNTRIES[country]}",
        country=country,
        domain=f"{name.lower().replace(' ', '-')}.example",
        product=chance.choice(("edge", "core", "mesh")),
        value=value,
        registered_at=at(registered_on, 8 * 60 + chance.randrange(60, 600)),
        by_crm=chance.random() < 0.5,
        end=end,
        ends_at=at(ends_on, 8 * 60 + chance.randrange(60, 600)),
        ends_on=ends_on,
        final_value=discount if chance.random() < 0.25 else None,
    )


def _working_day(chance: random.Random, first: date, last: date) -> date:
    day = first + timedelta(days=chance.randrange((last - first).days + 1))
    return day - timedelta(days=max(0, day.weekday() - 4)) if day.weekday() > 4 and day > first else day
