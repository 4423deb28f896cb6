"""Bank accounts of partners and of the vendor, for payout files."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import erased, shown, written
from api.call import Call
from api.models.bank_accounts import BankAccount, BankAccountStated, StateBankAccount
from api.models.base import Erased
from api.operation import Operations
from api.paging import Reading
from api.problems import not_found
from api.security import allowed
from domain.ids import PartnerId
from service import bank_accounts as accounts
from service.bank_accounts import VENDOR, bank_account_document, erase_bank_account, find_bank_accounts

bank_accounts = Operations("Bank accounts")

FINANCE = allowed("finance")
NONE_STATED = "No bank account is stated."


@bank_accounts.operation("PUT", "/v1/partners/{id}/bank-account", roles=FINANCE, answer=BankAccountStated)
async def state_partner_account(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    body: StateBankAccount,
) -> Response:
    """State to which bank account a partner is paid. It is kept beside the log and can be erased."""
    return await _stated(call, PartnerId(id), body)


@bank_accounts.operation("GET", "/v1/partners/{id}/bank-account", roles=FINANCE, answer=BankAccount)
async def show_partner_account(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show to which bank account a partner is paid."""
    return await _shown(call, id, query)


@bank_accounts.operation("DELETE", "/v1/partners/{id}/bank-account", roles=FINANCE, answer=Erased)
async def erase_partner_account(call: Call, id: path.Partner) -> Response:  # noqa: A002 - as in the path
    """Erase a partner's bank account, for good. What was paid to it stays paid."""
    if not await erase_bank_account(call.service.engine, call.programme, id):
        raise not_found(NONE_STATED)
    return erased()


@bank_accounts.operation("PUT", "/v1/programme/bank-account", roles=FINANCE, answer=BankAccountStated)
async def state_vendor_account(call: Call, body: StateBankAccount) -> Response:
    """State from which bank account the vendor pays."""
    return await _stated(call, None, body)


@bank_accounts.operation("GET", "/v1/programme/bank-account", roles=FINANCE, answer=BankAccount)
async def show_vendor_account(call: Call, query: Annotated[Reading, Query()]) -> Response:
    """Show from which bank account the vendor pays."""
    return await _shown(call, VENDOR, query)


async def _stated(call: Call, partner: PartnerId | None, body: StateBankAccount) -> Response:
    account = accounts.BankAccount(holder=body.holder, iban=body.iban, bic=body.bic)
    work = accounts.StateBankAccount(actor=call.actor, partner=partner, account=account)
    return written(await call.service.submit(call.programme, work))


async def _shown(call: Call, owner: str, query: Reading) -> Response:
    async with call.reading(query) as moment:
        found = await find_bank_accounts(moment.connection, call.programme, [owner])
        if owner not in found:
            raise not_found(NONE_STATED)
        return shown(bank_account_document(found[owner]), moment.position)
