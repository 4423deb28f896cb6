"""The house style that a machine can check: who may import whom, how long a module may be, and what nobody does."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.order import LONGEST, TESTS

ROOT = Path(__file__).parents[1]
LAYERS = ("domain", "projections", "service", "api")
"""From the inside out: each may import those before it."""
MODULES = [file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py")) if "versions" not in file.parts]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
IMPURE_MODULES = frozenset({"asyncio", "io", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "time", "uuid"})
IMPURE_CALLS = frozenset({"float", "now", "open", "print", "round", "today", "utcnow"})
NO_NOUNS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "processor"}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def layer_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0]


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports_of(file: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module.partition(".")[0])
    return found


def calls_in(file: Path) -> Iterator[tuple[str, int]]:
    """What a module calls, by the last name of it, and in which line."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node.lineno
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno


def test_imports_go_one_way() -> None:
    """api → service → projections → domain → standard library (design)."""
    found = [
        f"{name_of(file)} imports {outer}"
        for file in MODULES
        for outer in LAYERS[LAYERS.index(layer_of(file)) + 1 :]
        if outer in imports_of(file)
    ]
    assert found == []


def test_the_domain_is_pure() -> None:
    """The standard library only; no clock, no randomness, no input or output, no floats (design, the shape)."""
    allowed = (sys.stdlib_module_names | {"domain"}) - IMPURE_MODULES
    found = []
    for file in MODULES:
        if layer_of(file) == "domain":
            found += [f"{name_of(file)} imports {name}" for name in imports_of(file) if name not in allowed]
            found += [f"{name_of(file)}:{line} calls {name}" for name, line in calls_in(file) if name in IMPURE_CALLS]
            found += [
                f"{name_of(file)}:{node.lineno} has a float"
                for node in ast.walk(tree_of(file))
                if isinstance(node, ast.Constant) and isinstance(node.value, float)
            ]
    assert found == []


def test_a_module_is_one_noun() -> None:
    """Under about 300 lines, and a name that says what it holds (design, layout; style)."""
    found = [
        f"{name_of(file)} has {lines} lines"
        for file in MODULES
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    ]
    found += [name_of(file) for file in MODULES if NO_NOUNS & set(file.with_suffix("").parts[-2:])]
    assert found == []


def test_a_function_is_read_at_a_glance() -> None:
    """Under about 50 lines (design, layout)."""
    found = [
        f"{name_of(file)}:{node.lineno} {node.name} has {lines} lines"
        for file in MODULES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert found == []


def test_only_the_transaction_helpers_commit() -> None:
    """`read` and `write` of service/database.py begin, commit and roll back; nobody else does (style, 16)."""
    found = [
        f"{name_of(file)}:{line} calls {name}"
        for file in MODULES
        for name, line in calls_in(file)
        if name in {"commit", "rollback"}
    ]
    assert found == []


def test_statuses_stay_at_the_edge() -> None:
    """Nothing below api/ knows HTTP's framework (style, 15)."""
    found = [
        f"{name_of(file)} imports {name}"
        for file in MODULES
        if layer_of(file) != "api"
        for name in imports_of(file) & {"fastapi", "starlette"}
    ]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    """A module begins with a sentence on what it means."""
    found = [
        name_of(file)
        for file in MODULES
        if file.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(file))
    ]
    assert found == []


def test_what_begins_first_is_there() -> None:
    """A file of tests that is renamed is renamed in the order too."""
    assert [name for name in LONGEST if not (TESTS / name).exists()] == []
    assert len(set(LONGEST)) == len(LONGEST)
