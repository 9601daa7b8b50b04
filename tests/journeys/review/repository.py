"""A git repository of the test's own, whatever this machine's configuration says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def git(folder: Path, *words: str) -> str:
    """Call git as somebody."""
    settings = (
        "user.name=Ada",
        "user.email=ada@example.test",
        "commit.gpgsign=false",
        "core.hooksPath=/dev/null",
    )
    options = [word for setting in settings for word in ("-c", setting)]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(  # noqa: S603 - our own words
        ["git", *options, *words],  # noqa: S607 - the machine's git
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def commit_all(folder: Path, message: str) -> str:
    """Commit everything and return the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    git(folder, "add", "-A", "e2e")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")
