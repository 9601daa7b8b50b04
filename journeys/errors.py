"""What can keep a run from reaching its verdicts, and the exit code each kind ends the command with.

    JourneysError
    ├── UsageError             2  what was asked for is not there: an unknown target, journey or file
    ├── SetupError             2  the project or the machine lacks something: configuration, browser, command
    └── InfrastructureError    3  a server or a device that was there did not answer, or went away
        └── JourneyTimeout        a journey took longer than it may

A journey whose app shows the wrong thing raises none of these: that is a verdict.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class JourneysError(Exception):
    """Anything that keeps a run from its verdicts; its text is one line that says what to do."""

    exit_code: ClassVar[int] = 2


class UsageError(JourneysError):
    """What was asked for is not there: an unknown target, journey or file."""


class SetupError(JourneysError):
    """The project or the machine lacks something: a sound configuration, a browser, a command."""


class InfrastructureError(JourneysError):
    """A server or a device that was there did not answer, or went away."""

    exit_code = 3


class JourneyTimeout(InfrastructureError):
    """A journey took longer than it may; what it waits for has deadlines of its own, which are shorter."""


MACHINE_ERRORS = frozenset(
    (
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOMEM),
        *(errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ESTALE),
    )
)
"""The numbers of the system's errors that the machine is at fault for: it is out of something, or broken.

They say nothing of the app, and somebody's next try may do better; other errors are to be set right first.
"""


def error_from_system(error: OSError, what: str, kind: type[JourneysError] = SetupError) -> JourneysError:
    """Return what the system refused, in one line: an `InfrastructureError` where the machine is at fault."""
    kind = InfrastructureError if error.errno in MACHINE_ERRORS else kind
    return kind(f"{what}: {error.strerror or error}")


def name_nearest(name: str, known: Iterable[str]) -> str:
    """Name the known names closest to a wrong one, or all of them, as the end of an error's sentence."""
    # Names come from files: none makes a message longer, or one of several lines.
    names = sorted(each if each.isprintable() and len(each) <= 100 else f"{each!r:.60}" for each in known)
    close = get_close_matches(name[:100], names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there is {', '.join(names)}" if names else "there is none"
