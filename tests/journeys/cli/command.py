"""Calls the `journeys` command as a shell does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def start(*words: str, folder: Path, importing: Path | None = None) -> subprocess.Popen[str]:
    """Start the command in a process group of its own; `importing` is a folder to find modules in."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "JOURNEYS_"))}
    return subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-m", "journeys.cli", *words],
        cwd=folder,
        env=env if importing is None else env | {"PYTHONPATH": str(importing)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(*words: str, folder: Path, importing: Path | None = None) -> tuple[int, str, str]:
    """Call the command and return its exit code and what it said."""
    with start(*words, folder=folder, importing=importing) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err
