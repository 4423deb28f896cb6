"""To which bank account a partner is paid, and from which one the vendor pays: kept beside the log, erasable.

No event holds an account, and no number on a statement follows from one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Table, Text, delete
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import PartnerId, ProgrammeId
from domain.refusal import Refusal
from projections.changes import Upsert
from projections.look_up import look_up
from projections.metadata import metadata
from service.attempt import Attempt
from service.commands.on_account import answer
from service.database import write
from service.presentation.values import Document
from service.states import partner_key
from service.work import Answer, Known, StateKey, Work

VENDOR: Final = ""
"""Whose account the vendor's own is: no partner has an empty id."""

bank_accounts: Final = Table(
    "personal_bank_accounts",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("owner", Text, primary_key=True, comment="a partner; empty: the vendor"),
    Column("holder", Text, nullable=False),
    Column("iban", Text, nullable=False),
    Column("bic", Text),
    comment="Bank accounts, which no event holds; a row may be erased at any time.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account as banks write it, without spaces. `holder` is whose it is, by name."""

    holder: str
    iban: str
    bic: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBankAccount(Work):
    """Say to which account a partner is paid from now on, or (None) from which one the vendor pays."""

    actor: str
    partner: PartnerId | None
    account: BankAccount

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The partner."""
        del known
        return () if self.partner is None else (partner_key(self.partner),)

    def run(self, attempt: Attempt) -> Answer:
        """Keep it in place of the last one; refuses a partner that nobody knows."""
        if self.partner is not None and attempt.state(partner_key(self.partner)) is None:
            raise Refusal("NOT_FOUND", f"There is no partner {self.partner}.")
        stated = bank_account_document(self.account)
        attempt.write(
            Upsert(bank_accounts, ({"programme": attempt.programme, "owner": self.partner or VENDOR, **stated},))
        )
        return answer(attempt, stated)


def bank_account_document(account: BankAccount) -> Document:
    """An account as the contract shows it."""
    return {"holder": account.holder, "iban": account.iban, "bic": account.bic}


async def find_bank_accounts(
    connection: AsyncConnection, programme: ProgrammeId, owners: Iterable[str]
) -> dict[str, BankAccount]:
    """The accounts of these owners (partners; `VENDOR`: the vendor's own); who has stated none is left out."""
    rows = await look_up(
        connection,
        bank_accounts,
        where={"programme": programme},
        by=("owner",),
        keys=[(owner,) for owner in dict.fromkeys(owners)],
    )
    return {row.owner: BankAccount(holder=row.holder, iban=row.iban, bic=row.bic) for row in rows}


async def erase_bank_account(engine: AsyncEngine, programme: ProgrammeId, owner: str) -> bool:
    """Forget an account; False where none was stated."""
    table = bank_accounts.c
    async with write(engine) as connection:
        gone = await connection.execute(delete(bank_accounts).where(table.programme == programme, table.owner == owner))
    return gone.rowcount > 0
