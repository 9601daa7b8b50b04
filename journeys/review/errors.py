"""What a review refuses, and the HTTP status each refusal is answered with.

JourneysError
└── Refused        422  what was asked for can't be done as it is
    ├── Conflict   409  somebody or something was there first: another reviewer, a changed file
    ├── Gone       410  the results are not there any more
    ├── TooLarge   413  a picture or a tree that no screen has
    └── NoSpace    507  the disk is full, or lets nothing be written
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar

from journeys.errors import JourneysError


class Refused(JourneysError):
    """What was asked for can't be done as it is."""

    status: ClassVar[int] = 422


class Conflict(Refused):
    """Somebody or something was there first: another reviewer, a changed file."""

    status = 409


class Gone(Refused):
    """The results are not there any more."""

    status = 410


class TooLarge(Refused):
    """A picture or a tree that no screen has."""

    status = 413


class NoSpace(Refused):
    """The disk is full, or lets nothing be written."""

    status = 507


def unwritten(path: Path, error: OSError) -> NoSpace:
    """Say that a file could not be written, and what to do."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NoSpace(f"the disk is full: {path} is as it was; make room and decide again")
    return NoSpace(f"{path} can't be written ({error.strerror or error}): it is as it was")
