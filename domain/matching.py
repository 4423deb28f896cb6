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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.changed import quickly_made
from domain.ids import AccountKey
from domain.legal_forms import ANYWHERE, FREE_MAIL_DOMAINS, PREFIXES, SUFFIXES

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
    normalised = normalised_name(name)
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


@lru_cache(maxsize=10_000)
def normalised_name(name: str) -> str:
    """A company's name without case, accents, punctuation and legal form: `ACME G.m.b.H.` is `acme`.

    A name that is nothing but legal forms keeps the first of them.
    """
    text = _folded(name)
    for form in () if text.isascii() else _ANYWHERE:
        text = text.replace(form, " ")
    words = _words(text) or _words(_folded(name))
    while (shorter := _without_form(words)) != words:
        words = shorter
    return " ".join(words)


def _without_form(words: tuple[str, ...]) -> tuple[str, ...]:
    for length in range(min(_LONGEST, len(words) - 1), 0, -1):
        if words[-length:] in _SUFFIXES:
            return words[:-length]
        if words[:length] in _PREFIXES:
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


_SUFFIXES = frozenset(_words(_folded(form)) for form in SUFFIXES)
_PREFIXES = frozenset(_words(_folded(form)) for form in PREFIXES)
_ANYWHERE = tuple(sorted(map(_folded, ANYWHERE), key=len, reverse=True))
_LONGEST = max(map(len, _SUFFIXES | _PREFIXES))
