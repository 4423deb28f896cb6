"""In which order files of tests begin.

A file's tests stay on one worker. What takes long begins first, so that at the end no worker waits for another; `run`
tells pytest-xdist to keep this order instead of one by the number of tests.
"""

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]

LONGEST: Final = (
    "domain/test_statement_laws.py",
    "domain/test_account_laws.py",
    "domain/test_merge_laws.py",
    "domain/test_transfer_laws.py",
    "domain/test_arrival_laws.py",
    "domain/test_ledger.py",
    "service/test_cli_serving.py",
    "faults/test_kills.py",
    "service/test_audit_views.py",
    "projections/test_read_models.py",
    "service/test_audit.py",
    "scenarios/test_any_story.py",
    "test_demo.py",
    "scenarios/test_worked_examples.py",
    "projections/test_runner.py",
    "api/test_examples.py",
    "faults/test_many_at_once.py",
    "scenarios/test_any_order.py",
    "projections/test_follow.py",
    "contract/test_webhook_bodies.py",
    "scenarios/test_plans.py",
    "api/test_refusals.py",
    "service/test_migrations.py",
    "service/test_cli.py",
    "contract/test_trouble.py",
    "support/test_postgres.py",
)
"""Files of tests that take longer than ten seconds, the longest first."""


def place(file: Path) -> int:
    """A file's place among those that take long; all others come behind them."""
    name = file.relative_to(TESTS).as_posix()
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
