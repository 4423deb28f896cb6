"""Accounts as the HTTP contract shows them, to staff only."""

from collections.abc import Iterable

from domain.account.priority import status
from domain.account.state import Account
from domain.matching import AccountFacts
from service.presentation.values import Document


def account_document(account: Account) -> Document:
    """An account: under what it is known, what was merged into it, and what stands on it."""
    known = list(account.facts)
    return {
        "id": account.id,
        "names": _distinct(facts.name for facts in known),
        "countries": _distinct(facts.country for facts in known),
        "domains": _distinct(facts.domain for facts in known),
        "crm_ids": _distinct(facts.crm_id for facts in known),
        "aliases": [_alias(facts) for facts in account.aliases],
        "absorbed": list(account.absorbed),
        "registrations": [
            {"id": registration.id, "partner": registration.partner, "status": status(registration)}
            for registration in sorted(account.registrations.values(), key=lambda one: one.place)
        ],
        "conflicts": list(account.cases),
    }


def _alias(facts: AccountFacts) -> Document:
    return {
        "name": facts.name or None,
        "country": facts.country,
        "domain": facts.domain,
        "crm_id": facts.crm_id,
        "site": facts.site,
    }


def _distinct(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
