"""Legal forms country by country, as `legal_forms.toml` has them for people who know them (rules §3)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from domain import matching
from domain.account.evolve import fold
from domain.matching import AccountFacts, keys_of, normalised_name, same_account
from tests.domain.scenario import Scenario

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "legal_forms.toml").read_text(encoding="utf-8"))
KEPT: list[dict[str, str]] = TABLE.pop("kept")

G20 = {"AR", "AU", "BR", "CA", "CN", "DE", "FR", "GB", "ID", "IN", "IT", "JP", "KR", "MX", "RU", "SA", "TR", "US", "ZA"}
EU = {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"),
    *("MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
}


def test_the_table_has_every_country_of_the_g20_and_of_the_european_union() -> None:
    """The European Union itself is the twentieth of the G20."""
    assert TABLE.keys() == G20 | EU
    assert all(len(country["same"]) >= 8 for country in TABLE.values())


@pytest.mark.parametrize("country", TABLE)
def test_a_company_is_the_same_by_whatever_legal_form_its_country_writes(country: str) -> None:
    """Abbreviated, dotted or spelled out, before or after the name, in the scripts of the country."""
    wrong = {name: found for name in TABLE[country]["same"] if (found := normalised_name(name, country)) != "acme"}
    assert not wrong
    assert normalised_name(TABLE[country]["same"][0].upper(), country.lower()) == "acme"


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept["name"])
def test_what_only_looks_like_a_legal_form_stays_in_the_name(kept: dict[str, str]) -> None:
    """A form of another country, one before a name that has its own behind, and a name that is nothing else."""
    assert normalised_name(kept["name"], kept["country"]) == kept["is"]


def test_names_that_are_equal_without_their_forms_are_one_account_only_in_one_country() -> None:
    """However each country writes it: the same name in another country is another account."""

    def facts(country: str) -> AccountFacts:
        return AccountFacts(name=TABLE[country]["same"][0], country=country, domain=None, crm_id=None, site=None)

    for country in TABLE:
        others = [facts(other) for other in TABLE if other != country]
        assert not same_account(others, facts(country))
        assert same_account([facts(country)], AccountFacts(**{**_fields(facts(country)), "name": "ACME"}))


def _fields(facts: AccountFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in ("name", "country", "domain", "crm_id", "site")}


def test_a_longer_list_changes_nothing_that_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a registration are in its event: folding a history never takes a name apart again."""
    story = Scenario()
    story.register("A")
    story.register("B")

    def other_lists(*_: object) -> str:
        raise AssertionError("a name is taken apart when a history is folded")

    monkeypatch.setattr(matching, "normalised_name", other_lists)
    with pytest.raises(AssertionError):
        keys_of(story.registration("A").facts)
    account = fold(story.history)
    assert account == story.account
    assert account.keys == ("domain:acme.example", "name:DE:acme")
