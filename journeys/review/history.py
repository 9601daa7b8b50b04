"""Earlier versions of a baseline, from git: when it was changed, by whom, and how it looked."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeys.review.errors import Refused, TooLarge
from journeys.review.limits import PICTURE, VERSIONS

_PATIENCE: Final = 10.0
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FIELDS = "%x1e%H%x1f%aI%x1f%an%x1f%s"


@dataclass(frozen=True)
class Version:
    """A commit that changed a baseline; `date` is RFC 3339. `removed` is one that took it away."""

    commit: str
    date: str
    author: str
    subject: str
    removed: bool = False


@dataclass(frozen=True)
class History:
    """The newest versions first; `missing` says in a line why there are none."""

    versions: tuple[Version, ...] = ()
    missing: str = ""


def history_of(path: Path) -> History:
    """Return the versions of a baseline that git knows, at most twenty."""
    try:
        log = _git(
            path.parent,
            *("log", f"--max-count={VERSIONS}", "--no-show-signature", f"--format={_FIELDS}"),
            *("--name-status", "--no-renames", "--", path.name),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return History(missing=_why_not(path, error))
    versions = tuple(
        _version(record) for record in log.decode(errors="replace").split("\x1e") if record.strip()
    )
    return History(versions, "" if versions else "This baseline isn't committed yet.")


def version_of(path: Path, commit: str) -> bytes:
    """Return the picture a baseline was after a commit; raises `Refused`."""
    if not _COMMIT.fullmatch(commit):
        raise Refused("a version is named by its whole commit")
    try:
        size = int(_git(path.parent, "cat-file", "-s", f"{commit}:./{path.name}"))
        if size > PICTURE:
            raise TooLarge(f"{path.name} of {commit[:8]} has more than {PICTURE // 2**20} MiB")
        return _git(path.parent, "cat-file", "blob", f"{commit}:./{path.name}")
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise Refused(f"git has no {path.name} of {commit[:8]}") from error


def _why_not(path: Path, error: Exception) -> str:
    if not path.parent.is_dir():
        return "This baseline isn't there yet."
    if isinstance(error, subprocess.TimeoutExpired):
        return "git took too long to tell the history."
    if isinstance(error, subprocess.CalledProcessError):
        said = error.stderr.decode(errors="replace")
        if "not a git repository" in said:
            return "The baselines are not in a git repository: no history."
        if "does not have any commits" in said:
            return "The repository has no commits yet."
        return "git can't tell the history."
    return "There is no git on this machine: no history."


def _version(record: str) -> Version:
    head, _, files = record.strip("\n").partition("\n")
    commit, date, author, subject = head.split("\x1f", 3)
    return Version(commit, date, author, subject[:200], files.strip().startswith("D"))


def _git(folder: Path, *words: str) -> bytes:
    # No pager, no editor, no question; and what a repository's configuration could start is not asked for.
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    done = subprocess.run(  # noqa: S603 - our own words, and a file's name after --
        ["git", "--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", *words],  # noqa: S607 - the machine's git
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_PATIENCE,
    )
    return done.stdout
