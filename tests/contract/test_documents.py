"""The committed contract is the one that the service has, and none of its problems is without a test."""

import json
import re
from pathlib import Path

from api.openapi_files import stale

ROOT = Path(__file__).parents[2]


def test_the_committed_contract_is_as_it_would_be_generated_now() -> None:
    """`firstclaim openapi` writes it; a dirty tree after that fails (style, 26)."""
    assert stale() == []


def test_every_problem_that_the_contract_names_is_seen_by_a_test() -> None:
    """Each code of each operation, by its name in some test."""
    contract = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    answers = [
        answer
        for path in contract["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    ]
    codes = {code for answer in answers for code in re.findall(r"`([A-Z_]+)`", answer["description"])}
    tests = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert len(codes) > 30
    assert {code for code in codes if f'"{code}"' not in tests} == set()
