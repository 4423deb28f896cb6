"""The file that the first admin's key is written to, for its owner's eyes only."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.command_line.failed import Failed, wrong_use

OWNER_ONLY: Final = 0o600
NAME: Final = "admin-key"


@dataclass(slots=True)
class KeyFile:
    """A file made before the key is, so that no key is lost because it cannot be written."""

    path: Path
    descriptor: int | None

    @classmethod
    def made(cls, path: Path) -> "KeyFile":
        """Make the file; it must not exist, whatever is in it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
        except FileExistsError:
            raise wrong_use(f"{path} exists already and may hold another key: name another file") from None
        except OSError as error:
            raise Failed(f"the admin key cannot be written to {path}: {error.strerror}") from None

    @classmethod
    def in_folder(cls, folder: Path) -> "KeyFile":
        """Make `admin-key` in the data folder; where there is one already, it is left as it is."""
        path = folder / NAME
        return cls(path, None) if path.exists() else cls.made(path)

    def write(self, key: str) -> bool:
        """Write the key; False where the file is another key's."""
        if self.descriptor is None:
            return False
        with os.fdopen(self.descriptor, "w") as file:
            self.descriptor = None
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return True

    def discard(self) -> None:
        """Take the file away again, when there is no key to write."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
            self.path.unlink()
