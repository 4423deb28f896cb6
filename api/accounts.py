"""Accounts: looked at, given another name, merged. For staff only: an account is what several partners claim."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.accounts import Account, AccountWritten, AddAlias, MergeAccounts
from api.operation import Operations
from api.paging import Reading
from api.problems import not_found
from api.security import allowed
from domain.ids import AccountId
from domain.matching import AccountFacts
from service.commands import accounts as commands
from service.commands.account_matching import sought
from service.commands.registering import fresh_token
from service.presentation.accounts import account_document
from service.public_suffix import registrable_domain

accounts = Operations("Accounts")

STAFF: Final = allowed("partner_manager", "sales", "finance", "auditor")


@accounts.operation("GET", "/v1/accounts/{id}", roles=STAFF, answer=Account)
async def show_account(
    call: Call,
    id: path.Account,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show an account: its names, domains and CRM ids, what was merged into it, and what stands on it."""
    async with call.reading(query) as moment:
        account = (await moment.accounts([AccountId(id)])).get(AccountId(id))
        if account is None:
            raise not_found(f"There is no account {id}.")
        return shown(account_document(account), moment.position)


@accounts.operation(
    "POST",
    "/v1/accounts/{id}/aliases",
    roles=allowed("partner_manager", "sales"),
    answer=AccountWritten,
    refusals=("KNOWN_ACCOUNT",),
)
async def add_alias(call: Call, id: path.Account, body: AddAlias) -> Response:  # noqa: A002 - as in the path
    """Say what an account is called too; refused when that is another account's, which would have to be merged."""
    facts = AccountFacts(
        name=body.name or "",
        country=body.country,
        domain=None if body.domain is None else registrable_domain(body.domain),
        crm_id=None if body.crm is None else f"{body.crm.source}/{body.crm.id}",
        site=body.site,
    )
    work = commands.AddAlias(
        actor=call.actor,
        account=AccountId(id),
        alias=sought(facts),
        reason=body.reason,
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@accounts.operation(
    "POST", "/v1/accounts/{id}/merge", roles=allowed("partner_manager"), answer=AccountWritten, refusals=()
)
async def merge_accounts(call: Call, id: path.Account, body: MergeAccounts) -> Response:  # noqa: A002 - as in the path
    """Merge another account into this one: one queue for each product, in the order of the original registrations."""
    work = commands.MergeAccounts(
        actor=call.actor,
        account=AccountId(id),
        absorbed=AccountId(body.account),
        reason=body.reason,
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))
