"""Why something is held, in the words of whoever explains it: beside a line, in its explanation and on paper."""

from collections.abc import Mapping
from typing import Final

WHY_HELD: Final[Mapping[str, str]] = {
    "CONFLICT_OPEN": "a conflict case about it is not decided",
    "HOLDER_CHANGED": "another partner held the account when the win was recorded, and nobody has decided whose it is",
    "RATE_MISSING": "no exchange rate was published on or before the day of the win",
    "WON_BEFORE_REGISTERED": "the deal was won before it was registered, and nobody has released it",
    "LATE_REGISTRATION": "the deal was won too soon after it was registered, and nobody has released it",
    "AFTER_EXPIRY": "the deal was won too long after protection ended, and nobody has released it",
    "NOT_APPROVED": "the registration is not approved",
    "PARTNER_SUSPENDED": "the partner is suspended, or left for fraud",
    "DISPUTED": "the partner disputes it",
    "UNPAID": "the customer has not paid",
}
"""Each reason by its code, as what comes behind "because" and "it is not so that"."""
