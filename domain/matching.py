"""Which facts mean the same account (rules §3, matching accounts).

Two facts about accounts are *the same account* when a CRM id is equal; or a domain is equal and the countries are equal
or one is not stated; or the normalised names and the stated countries are equal: unless both declare a site and the
sites differ. `same_account` is that sentence.

To find an account among many, each fact has *keys*: facts that are the same account always share one. The domain's
key leaves the country out, because "not stated" matches any. So who decides looks up the keys of the newcomer, and asks
`same_account` of each account that it finds, with the facts of all the account's live and past registrations. It is not
transitive: facts without a country may join an account of either country; the account that was first gets them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from domain.changed import quickly_made
from domain.free_mail import FREE_MAIL_DOMAINS
from domain.ids import AccountKey
from domain.legal_forms import (
    ANYWHERE,
    LOCAL_PREFIXES,
    LOCAL_SUFFIXES,
    PREFIXES,
    PREFIXES_WITH_ANOTHER_FORM,
    PREFIXES_WITHOUT_A_COUNTRY,
    SUFFIXES,
    TITLES,
)

_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
_JOINING = re.compile(r"[.'’`´]+|(?<=\b\w)/(?=\w\b)")
"""A dot or apostrophe vanishes (`G.m.b.H.`), and the slash of `A/S`."""


_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
"""What separates words in ASCII, which has no accents and is folded by lower case alone."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What one registration or CRM says about an account.

    `country` is an ISO code; `domain` the registrable domain, in lower case and punycode; `crm_id` is qualified by its
    source (`crm/0017`), and None where it is evidence only; `site` the site or division that is meant.
    """

    name: str
    country: str | None
    domain: str | None
    crm_id: str | None
    site: str | None


def account_keys(
    *, name: str, country: str | None, domain_registrable: str | None, crm_id: str | None
) -> tuple[AccountKey, ...]:
    """The keys under which an account with these facts is found: by CRM id, by domain, by name and country."""
    keys: list[str] = []
    if crm_id is not None:
        keys.append(f"crm:{crm_id}")
    if domain_registrable is not None and domain_registrable not in FREE_MAIL_DOMAINS:
        keys.append(f"domain:{domain_registrable}")
    normalised = None if country is None else normalised_name(name, country)
    if country is not None and normalised:
        keys.append(f"name:{country.upper()}:{normalised}")
    return tuple(AccountKey(key) for key in keys)


def keys_of(facts: AccountFacts) -> tuple[AccountKey, ...]:
    """The keys under which an account with these facts is found."""
    return account_keys(name=facts.name, country=facts.country, domain_registrable=facts.domain, crm_id=facts.crm_id)


def same_account(known: Sequence[AccountFacts], new: AccountFacts) -> bool:
    """Whether new facts are about an account of which these facts are known: whether any of them is the same."""
    return any(_same(facts, new) for facts in known)


def same_site(one: AccountFacts, other: AccountFacts) -> bool:
    """Whether the facts may be about one site: not when both declare one and they differ."""
    return one.site is None or other.site is None or _folded(one.site) == _folded(other.site)


def shares_domain(one: AccountFacts, other: AccountFacts) -> bool:
    """Whether both have the same domain, one that says something about whose it is."""
    return one.domain is not None and one.domain == other.domain and one.domain not in FREE_MAIL_DOMAINS


def _same(one: AccountFacts, other: AccountFacts) -> bool:
    if not same_site(one, other):
        return False
    if one.country is None or other.country is None or one.country.upper() == other.country.upper():
        return not set(keys_of(one)).isdisjoint(keys_of(other))
    return one.crm_id is not None and one.crm_id == other.crm_id


@lru_cache(maxsize=512)
def normalised_name(name: str, country: str | None = None) -> str:
    """A company's name without case, accents, punctuation and legal form: `ACME G.m.b.H.` is `acme`.

    Forms that are words elsewhere count only in their own country. A name that is nothing but legal forms keeps the
    first of them.
    """
    words = _whole_name(name)
    known = _FORMS[None] if country is None else _FORMS.get(country.upper(), _FORMS_ANYWHERE)
    shorter = _without_forms(words, known)
    return " ".join(_without_local_form(shorter, known, has_another=shorter != words))


@lru_cache(maxsize=512)
def _whole_name(name: str) -> tuple[str, ...]:
    """The words of a name, with those forms taken out that stand in it without spaces."""
    text = _folded(name)
    if text.startswith(_TITLES):
        for title in _TITLES:
            text = text.removeprefix(title)
    for form in () if text.isascii() else _ANYWHERE:
        text = text.replace(form, " ")
    return _words(text) or _words(_folded(name))


class _Forms(NamedTuple):
    """The forms that count in a country, as words: behind names, before them, and before those that have no other.

    `with_another` are those of the last that have another form behind the name as well.
    """

    behind: frozenset[tuple[str, ...]]
    before: frozenset[tuple[str, ...]]
    locally_before: frozenset[tuple[str, ...]]
    with_another: frozenset[tuple[str, ...]]


def _without_forms(words: tuple[str, ...], known: _Forms) -> tuple[str, ...]:
    while (shorter := _without_form(words, known)) != words:
        words = shorter
    return words


def _without_form(words: tuple[str, ...], known: _Forms) -> tuple[str, ...]:
    for length in range(min(_LONGEST, len(words) - 1), 0, -1):
        if words[-length:] in known.behind:
            return words[:-length]
        if words[:length] in known.before:
            return words[length:]
    return words


def _without_local_form(words: tuple[str, ...], known: _Forms, *, has_another: bool) -> tuple[str, ...]:
    forms = known.with_another if has_another else known.locally_before
    for length in range(min(_LONGEST, len(words) - 1), 0, -1) if forms else ():
        if words[:length] in forms:
            return words[length:]
    return words


def _words(text: str) -> tuple[str, ...]:
    """The words of a folded text. Letters that stand alone beside each other are one word: `g m b h` is `gmbh`."""
    spaced = text if text.replace(" ", "").isalnum() else _spaced(text)
    words: list[str] = []
    alone = False
    for word in spaced.split():
        if alone and len(word) == 1:
            words[-1] += word
        else:
            words.append(word)
        alone = len(word) == 1
    return tuple(words)


def _spaced(text: str) -> str:
    """A folded text with a space for whatever is no letter, no mark and no number."""
    joined = _JOINING.sub("", text)
    if joined.isascii():
        return joined.translate(_SPACED)
    return "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in joined)


def _folded(text: str) -> str:
    """A text without case, width and accents."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_UNDECOMPOSED)
    unaccented = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", " ".join(unaccented.split()))


def _as_words(forms: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(_words(_folded(form)) for form in forms)


_FORMS_ANYWHERE = _Forms(_as_words(SUFFIXES), _as_words(PREFIXES), frozenset(), frozenset())
_FORMS: dict[str | None, _Forms] = {
    country: _Forms(
        _FORMS_ANYWHERE.behind | _as_words(LOCAL_SUFFIXES.get(country, ())),
        _FORMS_ANYWHERE.before,
        _as_words(LOCAL_PREFIXES.get(country, ())),
        _as_words(PREFIXES_WITH_ANOTHER_FORM.get(country, ())),
    )
    for country in {**LOCAL_SUFFIXES, **LOCAL_PREFIXES}
}
_FORMS[None] = _FORMS_ANYWHERE._replace(before=_FORMS_ANYWHERE.before | _as_words(PREFIXES_WITHOUT_A_COUNTRY))
_ANYWHERE = tuple(sorted(map(_folded, ANYWHERE), key=len, reverse=True))
_TITLES = tuple(f"{_folded(title)} " for title in TITLES)
_LONGEST = max(len(form) for known in _FORMS.values() for forms in known for form in forms)
