"""Writes a migration from the declared tables; see the package's own words for when."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from service.migrate import run_steps, steps
from service.migrations.declared import declared_tables

TEMPLATE = '''"""{summary}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down_revision!r}


def upgrade() -> None:
{body}
'''


def changes(connection: Connection) -> str:
    """The statements that lead from this database's tables to the declared ones."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    found = produce_migrations(context, declared_tables()).upgrade_ops
    assert isinstance(found, UpgradeOps)
    # Alembic's own words around the statements say "auto generated"; the module says better where it comes from.
    lines = [line for line in render_python_code(found).splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines)


def write_step(revision: str, down_revision: str | None, summary: str, body: str) -> Path:
    """Write the module, in the project's layout."""
    name = re.sub(r"[^a-z0-9]+", "_", summary.lower()).strip("_")[:60]
    file = Path(__file__).parent / "versions" / f"step_{revision}_{name}.py"
    text = TEMPLATE.format(summary=summary, revision=revision, down_revision=down_revision, body=indent(body, "    "))
    file.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(file)], check=True)  # noqa: S603 - ours
    return file


def main(arguments: list[str]) -> None:
    """Rewrite the first step, or draft the next one where its summary is given."""
    history: ScriptDirectory = steps()
    revisions = list(history.walk_revisions())
    with create_engine("sqlite://").begin() as connection:
        if not arguments:
            assert len(revisions) <= 1, "the first step is history; say what changes"
            file = write_step("0001", None, "The first tables.", changes(connection))
        else:
            run_steps(connection)
            revision = f"{len(revisions) + 1:04}"
            file = write_step(revision, history.get_current_head(), arguments[0], changes(connection))
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
