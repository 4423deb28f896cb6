"""Which names are alike, and that alike names find each other (rules §3, matching accounts)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from domain.matching import normalised_name
from domain.name_likeness import likeness_that_counts, name_keys, name_keys_near, name_score, parts_of

LIMIT = 90

ALIKE = [
    ("Acme GmbH", "ACME G.m.b.H.", 100),
    ("Acme GmbH", "Acme Inc.", 100),
    ("Acme GmbH", "Acme Deutschland", 95),
    ("Acme", "Acme (Germany) Ltd", 95),
    ("Acme", "The Acme Group", 95),
    ("Acme", "Acme Holding International S.A.", 95),
    ("Acme UK Ltd", "Acme United Kingdom", 95),
    ("Acme & Sons", "Acme and Sons", 100),
    ("Müller und Söhne OHG", "Muller & Söhne", 100),
    ("Northwind Traders", "Nortwind Traders", 94),
    ("Northwind Traders", "North Wind Traders", 100),
    ("Northwind Traders", "Northwind-Traders", 100),
    ("Northwind Traders Ltd", "Traders, Northwind", 100),
    ("Hans Müller e.K.", "Müller Hans", 100),
    ("Müller Maschinenbau", "Mueller Maschinenbau", 92),
    ("Contoso Pharmaceuticals", "Contoso Pharmaceutical", 96),
    ("Wolkenkratzer Immobilien", "Wolkenkrazer Immobilien AG", 96),
    ("Customer 17 GmbH", "Customer 017", 100),
    ("日立製作所", "株式会社日立製作所", 100),
    ("Тинькофф Банк", "ООО Тинькофф Банк", 100),
    ("Grupo Bimbo S.A.B. de C.V.", "Bimbo", 95),
]

NOT_ALIKE = [
    ("Customer 17 GmbH", "Customer 18 GmbH"),
    ("Account 4 GmbH", "Account 5 GmbH"),
    ("Account 4 GmbH", "Account 44 GmbH"),
    ("Account 4 GmbH", "Account GmbH"),
    ("Northwind Plant A", "Northwind Plant B"),
    ("Factory 51 Berlin", "Factory 15 Berlin"),
    ("Acme France", "Acme Deutschland"),
    ("Air France", "Air India"),
    ("Air France", "Air GmbH"),
    ("Linde AG", "Linden GmbH"),
    ("Lindt", "Linde"),
    ("Western Power Distribution", "Eastern Power Distribution"),
    ("Springfield Savings Bank", "Smithfield Savings Bank"),
    ("First National Bank of Texas", "Third National Bank of Texas"),
    ("Phoenix", "Phoenix Contact"),
    ("Acme", "Acme Robotics"),
    ("Acme", "Apex"),
    ("Deutsche Bank", "Deutsche Bahn"),
    ("Siemens", "Siemons"),
    ("Bank Austria", "Bank Australia"),
    ("Delta Air Lines", "Delta Faucet"),
    ("General Motors", "General Mills"),
    ("Alpha Consulting", "Alpine Consulting"),
    ("3M", "4M"),
    ("1&1 Telecom", "Telecom"),
    ("日立製作所", "日産自動車"),
]


@pytest.mark.parametrize(("one", "other", "score"), ALIKE)
def test_these_may_be_one_company(one: str, other: str, score: int) -> None:
    """In either order, by the score that the measure gives; and each finds the other by its keys."""
    assert name_score(one, other, ratio) == name_score(other, one, ratio) == score >= LIMIT
    assert set(name_keys(one)) & set(name_keys_near(other))
    assert set(name_keys(other)) & set(name_keys_near(one))


@pytest.mark.parametrize(("one", "other"), NOT_ALIKE)
def test_these_are_two_companies(one: str, other: str) -> None:
    """Whatever they share, what tells them apart is not a slip of the pen."""
    assert name_score(one, other, ratio) == name_score(other, one, ratio) < LIMIT


def test_a_name_of_nothing_but_additions_keeps_them() -> None:
    """`The Group` is not the double of every company."""
    assert parts_of("Deutschland GmbH").words == ("deutschland",)
    assert parts_of("The Group").words == ("the", "group")
    assert parts_of("Acme Group Germany").additions == ("germany", "group")


def test_a_name_without_letters_is_found_by_nothing_but_its_numbers() -> None:
    """Punctuation alone has no keys, so that nothing is found by it."""
    assert name_keys("!!!") == name_keys_near("") == ()
    assert name_keys("365 GmbH") == ("<#365",)


def test_a_likeness_that_says_nothing_is_no_setting() -> None:
    """0 is for never; from 80 on alike names share a key."""
    assert [likeness_that_counts(score) for score in (0, 80, 100)] == [0, 80, 100]
    with pytest.raises(ValueError, match="says nothing"):
        likeness_that_counts(79)


def test_numbers_keep_a_series_of_names_apart() -> None:
    """A thousand customers by number share no key, so that none of them is looked at for another."""
    keys = [name_keys(f"Customer {number} GmbH") for number in range(1000)]
    assert len({key for found in keys for key in found}) == sum(map(len, keys))


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
NAMES = st.lists(LETTERS, min_size=1, max_size=3).map(" ".join)


@given(name=NAMES, data=st.data())
def test_a_name_with_one_slip_is_found_whenever_it_is_alike(name: str, data: st.DataObject) -> None:
    """One letter too many, too few or another one: if the score reaches the limit, a key leads there.

    Pieces have four letters at least, so that both halves of a name of six share its middle: a letter too many there
    spoils both.
    """
    letters = list(name)
    place = data.draw(st.integers(0, len(letters) - 1))
    slip = data.draw(st.sampled_from(["left out", "doubled", "another"]))
    letters[place : place + 1] = {"left out": [], "doubled": [letters[place]] * 2, "another": ["q"]}[slip]
    other = "".join(letters)
    words = normalised_name(name).split(), normalised_name(other).split()
    is_told_apart = min(len(parts_of(name).letters), len(parts_of(other).letters)) > 6
    plain = parts_of(name).additions == parts_of(other).additions == ()
    if is_told_apart and plain and name_score(name, other, ratio) >= LIMIT:
        assert set(name_keys(name)) & set(name_keys_near(other)), words
