"""A file that is written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, content: str | bytes, *, lasting: bool = False) -> None:
    """Put a file in the place of what was there: its readers see all of the one or all of the other.

    Folders above it are made. Half a character in a text, which a page may well show, is written as `?`.
    `lasting`: return only once it would outlive a power cut. Raises `OSError`, and then nothing has changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by tempfile, whose files nobody else may read.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    # Outside of what removes it: a file that is there already is somebody else's.
    opened = aside.open("xb")
    try:
        with opened as file:
            file.write(content.encode("utf-8", "replace") if isinstance(content, str) else content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
