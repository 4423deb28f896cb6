"""Every table that the project declares, in one catalogue."""

import importlib
from pathlib import Path

from sqlalchemy import MetaData

from projections.metadata import metadata

ROOT = Path(__file__).parents[2]


def declared_tables() -> MetaData:
    """The catalogue, after every module that declares a table on it (and so imports it by name) has been imported."""
    for package in ("projections", "service"):
        for file in sorted((ROOT / package).rglob("*.py")):
            if "from projections.metadata import metadata" in file.read_text(encoding="utf-8"):
                importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return metadata
