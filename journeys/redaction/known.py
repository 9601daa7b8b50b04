"""What this process knows to be secret: its environment's credentials, and what it has learnt since."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from journeys.redaction.redaction import Redaction
from journeys.redaction.sources import secrets_in

_T = TypeVar("_T")

_learnt: frozenset[str] = frozenset()


def know(secrets: Iterable[str]) -> None:
    """Keep some secrets out of all that this process says from now on."""
    global _learnt  # noqa: PLW0603 - what leaves a process leaves it in many places
    _learnt |= frozenset(secrets)


@contextmanager
def known_secrets(secrets: Iterable[str]) -> Iterator[None]:
    """Keep some secrets out of what is said within the context, and those that are learnt in it."""
    global _learnt  # noqa: PLW0603 - as above
    before = _learnt
    know(secrets)
    try:
        yield
    finally:
        _learnt = before


def process_redaction() -> Redaction:
    """Return what takes out all that this process knows by now."""
    return _redaction(frozenset(os.environ.items()), _learnt)


def redacted(text: str) -> str:
    """Return a text without any secret."""
    return process_redaction().text(text)


def redacted_deeply(record: _T) -> _T:
    """Return lists, tuples and tables as they are, with every text in them without any secret."""
    return process_redaction().deeply(record)


def redact_files(*paths: Path) -> list[str]:
    """Take the secrets out of files, and of those in folders; returns what could not be cleaned, and why."""
    redaction, problems = process_redaction(), []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            try:
                if file.is_file() and not file.is_symlink():
                    redaction.file(file)
            except FileNotFoundError:
                continue  # somebody has taken it away since
            except OSError as error:
                problems.append(f"{file}: {error.strerror or error}")
    return problems


@lru_cache(maxsize=8)
def _redaction(environment: frozenset[tuple[str, str]], learnt: frozenset[str]) -> Redaction:
    return Redaction(learnt.union(secrets_in(dict(environment))))
