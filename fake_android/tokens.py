"""The daemon's token: in a file that only its owner reads, beside the `adb` that sends it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def token_file(sdk_root: Path, port: int | str) -> Path:
    """Return where the token of the daemon at a port is."""
    return sdk_root / "platform-tools" / f"stand-in-{port}.token"


@contextmanager
def token_written(sdk_root: Path, port: int) -> Iterator[str]:
    """Make a token and write it down; its file goes with the context."""
    token, file = secrets.token_urlsafe(32), token_file(sdk_root, port)
    file.parent.mkdir(parents=True, exist_ok=True)
    # One that was killed may have left its own: the port was nobody's since.
    file.unlink(missing_ok=True)
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(number, "w", encoding="ascii") as content:
            content.write(token)
        yield token
    finally:
        file.unlink(missing_ok=True)
