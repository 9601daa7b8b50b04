"""Temporary folders that go with the block that made them, and after a kill with the next one of their kind.

$TMPDIR/journeys-KIND-xxxxxxxx/owner       locked for as long as the process lives that made the folder
$TMPDIR/journeys-KIND-xxxxxxxx/content/    what is given out
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OWNER = "owner"


@contextmanager
def temporary_folder(kind: str) -> Iterator[Path]:
    """Make an empty folder that only this user may enter, and remove it with all in it at the end.

    What processes that were killed have left of this kind is removed first. Raises `OSError`.
    """
    sweep(kind)
    folder = Path(tempfile.mkdtemp(prefix=_prefix(kind)))
    owner = os.open(folder / _OWNER, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX)
        # From now on whoever gets the lock knows that this process is gone.
        os.write(owner, f"{os.getpid()}\n".encode())
        content = folder / "content"
        content.mkdir()
        yield content
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(owner)


def sweep(kind: str) -> None:
    """Remove folders of a kind whose owner is gone, however it ended: none of others, none in use."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_prefix(kind)}*"):
        with suppress(OSError):
            _remove_abandoned(folder)


def _remove_abandoned(folder: Path) -> None:
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        return
    owner = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(owner).st_size:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(owner)


def _prefix(kind: str) -> str:
    return f"journeys-{kind}-"
