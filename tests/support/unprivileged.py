"""Runs a command as `nobody` in a user namespace of its own: `python unprivileged.py COMMAND…`.

PostgreSQL refuses to run as root. In the namespace root's own files are nobody's, so nothing needs to be handed over.
Ends with status 125 where the machine does not allow it.
"""

import ctypes
import os
import sys
from pathlib import Path

NOBODY = 65534
CLONE_NEWUSER = 0x10000000


def main() -> None:
    """Enter the namespace and become the command."""
    uid, gid = os.getuid(), os.getgid()
    try:
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    except (AttributeError, OSError):
        sys.exit(125)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main()
