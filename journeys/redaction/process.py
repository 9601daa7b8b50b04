"""What this process knows to be secret, and keeps out of its texts, records, files and streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO, TypeVar, cast

from journeys.redaction.credentials import secrets_in
from journeys.redaction.redactor import Redaction

_T = TypeVar("_T")

_learnt: frozenset[str] = frozenset()


def know(secrets: Iterable[str]) -> None:
    """Keep some secrets out of all that this process writes from now on."""
    global _learnt  # noqa: PLW0603 - what leaves a process leaves it in many places
    _learnt |= frozenset(secrets)


def learnt_secrets() -> frozenset[str]:
    """Return what this process has learnt, which another one it hands work on to has to know, too."""
    return _learnt


@contextmanager
def know_within(secrets: Iterable[str]) -> Iterator[None]:
    """Keep some secrets out of all texts within the context, and those that are learnt in it."""
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


def redact(text: str) -> str:
    """Return a text without any secret."""
    return process_redaction().text(text)


def redact_record(record: _T) -> _T:
    """Return lists, tuples and tables as they are, with every text in them without any secret."""
    return process_redaction().redact_record(record)


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


def redact_streams() -> None:
    """Keep secrets out of what this process prints from now on, to its very end."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # Without a console there is none, as in a service.
        if stream is not None and not isinstance(stream, _Redacted):
            setattr(sys, name, _Redacted(stream))


@contextmanager
def redact_streams_within() -> Iterator[None]:
    """Keep secrets out of what is printed in the context."""
    before = sys.stdout, sys.stderr
    redact_streams()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def unwrap_stream(stream: TextIO) -> TextIO:
    """Return the stream behind, for the few lines that are there to hand somebody a secret."""
    return cast(TextIO, getattr(stream, "bare", stream))


class _Redacted:
    """A stream that writes everything without secrets, and is the stream it was given in all else."""

    def __init__(self, stream: TextIO) -> None:
        self.bare = stream

    def write(self, text: str) -> int:
        self.bare.write(redact(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.bare)


@lru_cache(maxsize=8)
def _redaction(environment: frozenset[tuple[str, str]], learnt: frozenset[str]) -> Redaction:
    return Redaction(learnt.union(secrets_in(dict(environment))))
