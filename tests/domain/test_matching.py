"""Which facts mean the same account (rules §3, matching accounts)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.matching import AccountFacts, account_keys, keys_of, normalised_name, same_account

ACME = AccountFacts(name="Acme GmbH", country="DE", domain="acme.example", crm_id=None, site=None)


def facts(
    name: str = "Other",
    country: str | None = None,
    domain: str | None = None,
    crm_id: str | None = None,
    site: str | None = None,
) -> AccountFacts:
    return AccountFacts(name=name, country=country, domain=domain, crm_id=crm_id, site=site)


some_facts = st.builds(
    facts,
    name=st.sampled_from(["Acme GmbH", "ACME G.m.b.H.", "Globex", "!!!"]),
    country=st.sampled_from([None, "DE", "de", "FR"]),
    domain=st.sampled_from([None, "acme.example", "globex.example", "gmail.com"]),
    crm_id=st.sampled_from([None, "crm/1", "crm/2", "hubspot/1"]),
    site=st.sampled_from([None, "Berlin", "BERLIN", "Hamburg"]),
)


@pytest.mark.parametrize(
    "name",
    [
        "Acme GmbH",
        "ACME G.m.b.H.",
        "acme g. m. b. h.",
        "Ácmé",
        "Acme, Inc.",
        "Acme Co., Ltd.",
        "ACME SE & Co. KGaA",
        "Acme UG (haftungsbeschränkt)",
        "Acme S.A. de C.V.",
        "Acme Sp. z o.o.",
        "ACME SP. Z O. O.",
        "Acme A/S",
        "Acme S.p.A.",
        "Acme S.à r.l.",
        "Acme d.o.o.",
        "Acme Anonim Şirketi",
        "Acme A.Ş.",
        "Acme Pty. Ltd.",
        "Acme (Pty) Ltd",
        "PT Acme Tbk",
        "ООО «Acme»",
        "株式会社Acme",
        "Acme㈱",
        "Acme 有限公司",
        "ＡＣＭＥ　Ｌｔｄ",
        "  acme\tLimited ",
        "Acme Limited Liability Company",
    ],
)
def test_a_name_is_the_same_whatever_its_case_accents_punctuation_and_legal_form(name: str) -> None:
    assert normalised_name(name) == "acme"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße AG", "STRASSE"),
        ("Łódź Sp. z o.o.", "Lodz"),
        ("Smørrebrød ApS", "SMORREBROD"),
        ("L'Oréal S.A.", "L’OREAL"),
        ("U.S. Steel Corp.", "US Steel"),
        ("A.B.C. Ltd", "A B C"),
        ("İstanbul A.Ş.", "istanbul"),
        ("삼성전자 주식회사", "삼성전자(주)"),
    ],
)
def test_two_ways_to_write_one_name_are_one_name(one: str, other: str) -> None:
    assert normalised_name(one) == normalised_name(other)


@pytest.mark.parametrize("one", ["Acme Deutschland GmbH", "Acme Group", "Acme2", "AC ME", "Co Acme"])
def test_another_name_stays_another_name(one: str) -> None:
    assert normalised_name(one) != normalised_name("Acme")


@pytest.mark.parametrize(("name", "kept"), [("AG", "ag"), ("Co. Ltd.", "co"), ("有限公司", "有限公司"), ("!!!", "")])
def test_a_name_that_is_nothing_but_a_legal_form_keeps_it(name: str, kept: str) -> None:
    assert normalised_name(name) == kept


@given(name=st.text(max_size=40))
def test_any_name_can_be_normalised_and_case_never_matters_to_ascii(name: str) -> None:
    normalised = normalised_name(name)
    assert normalised == " ".join(normalised.split())
    if name.isascii():
        assert normalised_name(name.upper()) == normalised_name(name.lower()) == normalised


@pytest.mark.parametrize(
    ("rule", "new"),
    [
        ("an equal domain with the same country", facts(domain="acme.example", country="DE")),
        ("an equal domain, the newcomer states no country", facts(domain="acme.example")),
        ("an equal name with the same country", facts(name="ACME G.m.b.H.", country="de", domain="acme.de")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_the_same_account_by(rule: str, new: AccountFacts) -> None:
    assert same_account([ACME], new), rule


@pytest.mark.parametrize(
    ("rule", "new"),
    [
        ("an equal domain under another country", facts(domain="acme.example", country="FR")),
        ("an equal name in another country", facts(name="Acme GmbH", country="AT")),
        ("an equal name without a country", facts(name="Acme GmbH", domain="acme.de")),
        ("a name that is only similar", facts(name="Acme Deutschland", country="DE")),
        ("a name of nothing but punctuation", facts(name="!!!", country="DE")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_another_account_by(rule: str, new: AccountFacts) -> None:
    assert not same_account([ACME, facts(name="???", country="DE")], new), rule


def test_an_equal_domain_is_the_same_account_when_the_known_one_states_no_country() -> None:
    assert same_account([replace(ACME, country=None)], facts(domain="acme.example", country="FR"))


def test_an_equal_crm_id_is_the_same_account_in_any_country_and_under_any_name() -> None:
    known = replace(ACME, crm_id="crm/17")
    assert same_account([known], facts(name="Acme France", country="FR", crm_id="crm/17"))
    assert not same_account([known], facts(name="Acme France", country="FR", crm_id="hubspot/17"))
    assert not same_account([ACME], facts(name="Acme France", country="FR"))


def test_two_declared_sites_that_differ_are_two_accounts_whatever_else_is_equal() -> None:
    berlin = replace(ACME, site="Berlin plant", crm_id="crm/17")
    assert not same_account([berlin], replace(berlin, site="Hamburg plant"))
    assert same_account([berlin], replace(berlin, site="BERLIN  PLANT"))
    assert same_account([berlin], replace(berlin, site=None))
    assert same_account([replace(berlin, site=None)], berlin)


def test_a_free_mail_domain_never_counts() -> None:
    one, other = facts(name="Baker", domain="gmail.com"), facts(name="Butcher", domain="gmail.com")
    assert keys_of(one) == ()
    assert not same_account([one], other)


def test_an_account_is_known_by_all_the_facts_ever_stated_about_it() -> None:
    known = [ACME, facts(name="Globex", country="FR", domain="globex.example")]
    assert same_account(known, facts(name="Globex SA", country="FR"))
    assert not same_account([], ACME)


def test_the_keys_of_an_account_are_its_crm_id_its_domain_and_its_name_with_the_country() -> None:
    keys = account_keys(name="Acme GmbH", country="de", domain_registrable="acme.example", crm_id="crm/17")
    assert keys == ("crm:crm/17", "domain:acme.example", "name:DE:acme")


@given(one=some_facts, other=some_facts)
def test_facts_of_the_same_account_share_a_key_so_that_a_look_up_by_keys_misses_none(
    one: AccountFacts, other: AccountFacts
) -> None:
    if same_account([one], other):
        assert set(keys_of(one)) & set(keys_of(other))


@given(one=some_facts, other=some_facts)
def test_being_the_same_account_does_not_depend_on_who_was_there_first(one: AccountFacts, other: AccountFacts) -> None:
    assert same_account([one], other) == same_account([other], one)
