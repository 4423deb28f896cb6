"""Who is first, and who was."""

from typing import Annotated, Final, Self

from fastapi import Query
from pydantic import Field, model_validator
from starlette.responses import Response

from api.answers import shown
from api.call import Call
from api.models.priority import Priority
from api.models.supposition import Supposition
from api.operation import Operations
from api.paging import Reading
from api.problems import mistake
from api.security import ALL_BUT_PARTNERS
from domain.account.newcomer import newcomer
from domain.account.state import Account
from domain.ids import Instant, Product
from domain.matching import AccountFacts, keys_of, same_account
from service.commands.account_matching import first_claim
from service.payloads.base import ClockInstant, Slug
from service.payloads.countries import Country
from service.presentation.newcomer import newcomer_document
from service.presentation.registrations import priority_document
from service.public_suffix import registrable_domain
from service.reading import Moment
from service.registration_lists import accounts_of_keys

priority = Operations("Priority")

TEXT: Final = Field(min_length=1, max_length=255)


class Named(Reading):
    """Which account, and which product."""

    domain: Annotated[str, TEXT] | None = Field(default=None, description="The account's internet domain.")
    name: Annotated[str, TEXT] | None = Field(default=None, description="The account's name; with its country.")
    country: Country | None = Field(default=None, description="The account's country.")
    product: Slug = Field(description="The product.")

    @model_validator(mode="after")
    def _names_an_account(self) -> Self:
        if self.domain is None and (self.name is None or self.country is None):
            raise ValueError("state the account's domain, or its name and country")
        return self


class Wanted(Named):
    """Which account, which product, and when."""

    as_of: ClockInstant | None = Field(default=None, description="At which instant; default: now.")


class Supposed(Named):
    """Which account, which product, and when somebody is supposed to have registered."""

    at: ClockInstant = Field(description="The instant of the supposed registration.")


@priority.operation("GET", "/v1/priority", roles=ALL_BUT_PARTNERS, answer=Priority)
async def show_priority(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """Show the queue of an account's product and everybody who held it, now or at any instant."""
    wanted = _facts(query)
    async with call.reading(query) as moment:
        as_of = None if query.as_of is None else Instant(query.as_of)
        account = await _account_meant(moment, wanted, as_of)
        document = priority_document(account, Product(query.product), moment.now if as_of is None else as_of)
        return shown(document, moment.position)


@priority.operation("GET", "/v1/priority/what-if", roles=ALL_BUT_PARTNERS, answer=Supposition)
async def suppose_registration(call: Call, query: Annotated[Supposed, Query()]) -> Response:
    """Show who would have been first, had somebody registered at an instant.

    It would have stood behind all who were there at that instant, and before all who came later.
    """
    wanted, product, at = _facts(query), Product(query.product), Instant(query.at)
    async with call.reading(query) as moment:
        then = await _account_meant(moment, wanted, at)
        now = await _account_meant(moment, wanted, max(at, moment.now)) if then is None else None
        if then is not None:
            now = (await moment.accounts([then.id], as_of=max(at, moment.now)))[then.id]
        return shown(newcomer_document(newcomer(then, now, product, at), product, at), moment.position)


def _facts(query: Named) -> AccountFacts:
    domain = None if query.domain is None else registrable_domain(query.domain)
    if query.domain is not None and domain is None:
        raise mistake("domain", "value_error", "This names no domain such as acme.example.")
    return AccountFacts(name=query.name or "", country=query.country, domain=domain, crm_id=None, site=None)


async def _account_meant(moment: Moment, wanted: AccountFacts, as_of: Instant | None) -> Account | None:
    """The account that these facts are about: of several, the one whose first live claim has the lowest position."""
    found = await moment.accounts(await accounts_of_keys(moment, keys_of(wanted)), as_of=as_of)
    meant = [account for account in found.values() if same_account(list(account.facts), wanted)]
    return min(meant, key=first_claim, default=None)
