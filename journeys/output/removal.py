"""Removes a file or a folder, but nothing that only hangs there: no link's target, mount or repository."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


class InTheWay(OSError):
    """What is to be removed holds something that was put there by others; the text says what."""


def remove(path: Path) -> None:
    """Remove a file, a link itself, or a folder with all in it; nothing happens where nothing is.

    Raises `InTheWay`, and then all is as it was, where a mount or a Git repository is in the folder, and
    `OSError` where something can't be removed.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for mount in _mounts():
        if mount.is_relative_to(path):
            raise InTheWay(f"something is mounted at {mount}")
    for folder, folders, files in os.walk(path):
        if os.path.ismount(folder):
            raise InTheWay(f"something is mounted at {folder}")
        if ".git" in folders or ".git" in files:
            raise InTheWay(f"{folder} is a Git repository")
    # Follows no links, not even those that are put there meanwhile.
    shutil.rmtree(path)


def _mounts() -> list[Path]:
    """Return where something is mounted; by itself, no folder tells that of another one of its disk."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []  # no Linux: what is of another disk is found all the same
    return [Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), line.split(" ")[4])) for line in lines]
