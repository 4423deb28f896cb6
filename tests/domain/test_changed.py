"""States are changed by making new ones; how quickly they are made changes nothing about them."""

from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Generic, TypeVar

import pytest

from domain.account.state import Claim, UnderReview, Waiting
from domain.changed import changed, quickly_made
from domain.ids import Instant, Product

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Generic[T]):
    """Where something is."""

    position: int
    holds: T
    kind: str = "any"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace(Place[T]):
    """A place with a name, which is never empty."""

    name: str = "somewhere"
    signs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert self.name


def test_a_changed_state_is_what_the_standard_library_would_make() -> None:
    """The one it was made from stays as it is."""
    claim = Claim(product=Product("edge"), stage=UnderReview(since=Instant(5)), opportunity=1, live_since=Instant(5))
    waiting = changed(claim, stage=Waiting(case=None), opportunity=2)
    assert waiting == replace(claim, stage=Waiting(case=None), opportunity=2)
    assert claim.stage == UnderReview(since=Instant(5))
    assert hash(waiting) == hash(replace(waiting))


def test_only_fields_that_a_state_has_are_changed() -> None:
    """A misspelt one is a bug, as it is to the standard library."""
    claim = Claim(product=Product("edge"), stage=UnderReview(since=Instant(0)), opportunity=1, live_since=Instant(5))
    with pytest.raises(AttributeError, match="stages"):
        changed(claim, stages=())  # type: ignore[call-arg]


def test_a_quickly_made_value_is_as_any_frozen_one() -> None:
    """Of its own class, with what it inherits and its defaults, equal to its copy, and closed to changes."""
    place = NamedPlace(position=1, holds="a claim")
    assert type(place) is NamedPlace and place == replace(place) == changed(place, position=1)
    assert repr(place) == "NamedPlace(position=1, holds='a claim', kind='any', name='somewhere', signs=[])"
    assert changed(place, holds="nothing") == NamedPlace(position=1, holds="nothing", name="somewhere")
    assert NamedPlace(position=1, holds=2).signs is not NamedPlace(position=1, holds=2).signs
    assert NamedPlace(position=1, holds=2, signs=["left"]).signs == ["left"]
    for attribute in ("position", "name"):
        with pytest.raises(FrozenInstanceError):
            setattr(place, attribute, 2)


def test_a_quickly_made_value_takes_what_any_dataclass_takes() -> None:
    """Keywords alone, none left out that has no default, none unknown; and it checks itself as before."""
    with pytest.raises(TypeError):
        NamedPlace(position=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        NamedPlace(position=1, holds=2, nothing=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        NamedPlace(1, 2)  # type: ignore[call-arg]
    with pytest.raises(AssertionError):
        NamedPlace(position=1, holds=2, name="")
