"""A payment order as a file: a table for any bank, or an ISO 20022 credit transfer for payments in euros."""

import csv
import hashlib
import io
from typing import Final

from sepaxml import SepaTransfer

from domain.ids import ProgrammeId
from domain.refusal import Refusal
from service.documents.spreadsheets import as_text
from service.payout_files import Payment, PaymentOrder

COLUMNS: Final = (
    "partner",
    "name",
    "amount",
    "currency",
    "account_holder",
    "iban",
    "bic",
    "pay_on",
    "period",
    "reference",
)
SCHEMA: Final = "pain.001.001.09"


def payments_csv(order: PaymentOrder) -> str:
    """The payments as RFC 4180 CSV with a header; account columns are empty where none is stated."""
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for payment in order.payments:
        account = payment.account
        table.writerow(
            (
                payment.partner,
                as_text(payment.name),
                payment.amount.decimal,
                payment.amount.currency,
                "" if account is None else as_text(account.holder),
                "" if account is None else account.iban,
                "" if account is None or account.bic is None else account.bic,
                payment.pay_on.isoformat(),
                payment.period,
                as_text(payment.reference or ""),
            )
        )
    return written.getvalue()


def payments_pain(order: PaymentOrder, programme: ProgrammeId) -> bytes:
    """The payments as an ISO 20022 `pain.001` SEPA credit transfer, checked against its schema.

    The same payments have the same message id, so that a bank notices a file that comes twice. Refuses what SEPA does
    not carry (another currency), and payments from or to an account that nobody has stated.
    """
    foreign = sorted({payment.amount.currency for payment in order.payments} - {"EUR"})
    if foreign:
        raise Refusal(
            "CURRENCY_MISMATCH", f"A SEPA transfer is in EUR, these payments are in {', '.join(foreign)} too: name one."
        )
    if not order.payments:
        raise Refusal("NOTHING_PAYABLE", "There is nothing to pay in EUR.")
    missing = [payment.partner for payment in order.payments if payment.account is None]
    if order.vendor is None or missing:
        whose = ", ".join([*(["the vendor"] if order.vendor is None else []), *missing])
        raise Refusal("BANK_ACCOUNT_MISSING", f"A bank account is to be stated for {whose}.", partners=missing)
    payer = {"name": order.vendor.holder, "IBAN": order.vendor.iban, "batch": True, "currency": "EUR"}
    if order.vendor.bic is not None:
        payer["BIC"] = order.vendor.bic
    transfer = SepaTransfer(payer, schema=SCHEMA)
    for payment in order.payments:
        transfer.add_payment(_transfer_of(payment))
    exported: bytes = transfer.export(validate=True)
    # The library makes an id of its own, by chance, when it begins.
    return exported.replace(transfer.msg_id.encode(), f"FC-{_fingerprint(order, programme)}".encode(), 1)


def _transfer_of(payment: Payment) -> dict[str, object]:
    assert payment.account is not None
    about = f"Commission {payment.period} {payment.reference or ''}".strip()
    found: dict[str, object] = {
        "name": payment.account.holder,
        "IBAN": payment.account.iban,
        "amount": payment.amount.amount_minor,
        "execution_date": payment.pay_on,
        "description": about,
        "endtoend_id": f"{payment.period}-{hashlib.sha256(payment.partner.encode()).hexdigest()[:20]}",
    }
    if payment.account.bic is not None:
        found["BIC"] = payment.account.bic
    return found


def _fingerprint(order: PaymentOrder, programme: ProgrammeId) -> str:
    said = repr((programme, order)).encode()
    return hashlib.sha256(said).hexdigest()[:28]
