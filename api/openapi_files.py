"""The generated contract in `openapi/`: written by `firstclaim openapi`, compared by `firstclaim openapi --check`.

`openapi.json` is the API, `events/<type>.json` the JSON Schema of each stored event's body.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from api.app import operations
from api.openapi import contract
from service.event_names import EVENT_TYPES

FOLDER: Final = Path(__file__).parents[1] / "openapi"


def generated() -> dict[str, str]:
    """Every generated file by its path in `openapi/`."""
    files = {"openapi.json": _text(contract(operations()))}
    for name, event_class in sorted(EVENT_TYPES.names().items()):
        schema = msgspec.json.schema(event_class)
        files[f"events/{name}.json"] = _text({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    return files


def write(folder: Path = FOLDER) -> list[str]:
    """Write what differs, remove events that are no longer there, and name what changed."""
    changed = stale(folder)
    for path, text in generated().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for path in changed:
        if path not in generated():
            (folder / path).unlink()
    return changed


def stale(folder: Path = FOLDER) -> list[str]:
    """The files that are not as they would be generated now: missing, different or left over."""
    wanted = generated()
    found = _found(folder)
    return sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))


def _found(folder: Path) -> Mapping[str, str]:
    paths = [folder / "openapi.json", *folder.glob("events/*.json")]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths if path.exists()}


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
