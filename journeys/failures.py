"""What a failure means: which one matters, how a journey ends by it, what is told, and the exit code.

A verdict on the app is what somebody has asked of it and it did not do: nothing else is called one. Whatever
else is raised, be it by the machine, by what drives the app or by a slip in the script, is an error.

    what is raised                                             status        cause           exit code
    AssertionError, pytest.fail, NotFound, ActionFailed        failed        verdict         1
    ScreensDiffer                                              failed        screen          1
    Inconclusive                                               inconclusive  verdict         1
    MachineTooBusy, which is one                               inconclusive  infrastructure  3
    ObserverError                                              error         verdict         3
    what lacks: UsageError, SetupError, BrowserMissing ...     error         setup           2
    a slip: TypeError, KeyError, FileNotFoundError ...         error         setup           2
    all others: a full disk, a closed connection ...           error         infrastructure  3
"""

from __future__ import annotations

import errno
import sysconfig
from inspect import getfile
from pathlib import Path
from traceback import walk_tb

import pytest

import flutter_bridge
from flutter_bridge import (
    ActionFailed,
    AppiumMissing,
    BridgeError,
    BrowserMissing,
    DeviceMissing,
    NotFound,
    NotSetUp,
)
from journeys.errors import MACHINE_ERRORS, InfrastructureError, JourneysError, SetupError
from journeys.pictures import PictureError
from journeys.propagation import Inconclusive, MachineTooBusy, ObserverError, PropagationError
from journeys.snapshots import ScreensDiffer
from journeys.timeline import Cause, Status

# What keeps a journey from its verdict and says so itself: all of the bridge's but what the app did.
_ERRORS = (JourneysError, BridgeError, ObserverError, PictureError)
_VERDICTS = (AssertionError, NotFound, ActionFailed, pytest.fail.Exception)
# What is to be set up first.
_MISSING = (BrowserMissing, AppiumMissing, DeviceMissing, NotSetUp, PictureError)
# What the script's author has to mend: it would end the same way again.
_SLIPS = (
    *(ArithmeticError, AttributeError, ImportError, LookupError, NameError, NotImplementedError),
    *(RecursionError, SyntaxError, TypeError),
    *(FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError),
)
# Those whose text says enough without their type's name.
_SELF_EXPLANATORY = (JourneysError, BridgeError, PropagationError, PictureError, AssertionError)
_OURS = tuple(Path(getfile(each)).parent for each in (flutter_bridge, JourneysError))
_JOURNEYS = _OURS[1] / "profile"
_INSTALLED = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}


def first_cause(failure: BaseException) -> BaseException:
    """Return the failure that matters in a group of them: what kept the journey from its verdict, if any."""
    if not isinstance(failure, BaseExceptionGroup):
        return failure
    leaves = [first_cause(one) for one in failure.exceptions]
    said = (leaf for leaf in leaves if isinstance(leaf, _ERRORS) and not _is_verdict(leaf))
    other = (leaf for leaf in leaves if isinstance(leaf, Exception) and not _is_verdict(leaf))
    return next(said, None) or next(other, leaves[0])


def status_of(failure: BaseException) -> Status:
    """Return how a journey ended that raised this."""
    if not _is_verdict(failure):
        return Status.ERROR
    return Status.INCONCLUSIVE if isinstance(failure, Inconclusive) else Status.FAILED


def exit_code_of(failure: BaseException) -> int:
    """Return the exit code that a run ends with because of this failure alone."""
    if isinstance(failure, JourneysError):
        return failure.exit_code
    if isinstance(failure, MachineTooBusy):
        return InfrastructureError.exit_code
    if _is_verdict(failure):
        return 1
    is_read_only = isinstance(failure, OSError) and failure.errno == errno.EROFS
    if isinstance(failure, (*_MISSING, *_SLIPS)) or is_read_only or _is_our_own(failure):
        return SetupError.exit_code
    return InfrastructureError.exit_code


def cause_of(failure: BaseException) -> Cause:
    """Return whose doing a failure is: only what the infrastructure did may be tried again.

    An observer that can't tell old from new is no infrastructure: the app may show the wrong thing, and
    another try would hide it.
    """
    if isinstance(failure, ScreensDiffer):
        return "screen"
    if isinstance(failure, MachineTooBusy):
        return "infrastructure"
    if isinstance(failure, ObserverError) or _is_verdict(failure):
        return "verdict"
    return "setup" if exit_code_of(failure) == SetupError.exit_code else "infrastructure"


def message_of(failure: BaseException) -> str:
    """Return what a failure says, a line for each thing that went wrong."""
    if isinstance(failure, pytest.FixtureLookupError):
        asked = f"the journey asks for {failure.argname!r}, and no fixture is called that"
        return f"{asked}: is a conftest.py missing?"
    said = str(failure).strip()
    kind = type(failure).__name__
    if not said:
        return kind
    if isinstance(failure, Exception) and not isinstance(failure, _SELF_EXPLANATORY):
        said = f"{kind}: {said}{_place_of(failure) if isinstance(failure, _SLIPS) else ''}"
    return "\n".join(line.strip() for line in said.splitlines() if line.strip())


def _place_of(slip: BaseException) -> str:
    """Return where the script was, which what Python itself raises doesn't say: `, at test_chat.py:12`."""
    files = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(slip.__traceback__)]
    script = [
        f", at {file.name}:{line}"
        for file, line in files
        if file.is_file() and not any(file.is_relative_to(folder) for folder in (*_OURS, *_INSTALLED))
    ]
    return script[-1] if script else ""


def is_self_explanatory(failure: BaseException) -> bool:
    """Return whether a failure's text says all there is to say; of other code's, the traceback may matter."""
    return isinstance(failure, _SELF_EXPLANATORY) and not isinstance(failure, AssertionError)


def is_foreign(failure: BaseException) -> bool:
    """Return whether other code raised this, of which nothing is known but its type: no machine's error."""
    return not isinstance(failure, (*_ERRORS, *_VERDICTS, OSError, MemoryError))


def _is_verdict(failure: BaseException) -> bool:
    """Return whether the app did not do what was asked of it, as far as anybody can tell."""
    return isinstance(failure, _VERDICTS) and not _is_our_own(failure) and not _is_machines(failure)


def _is_machines(failure: BaseException) -> bool:
    """Return whether somebody took for the app's what they had from the machine, and say so themselves."""
    cause = failure.__cause__
    while cause is not None:
        if isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno in MACHINE_ERRORS):
            return True
        cause = cause.__cause__
    return False


def _is_our_own(failure: BaseException) -> bool:
    """Return whether an `assert` in this package failed, which says nothing of an app but in its journeys."""
    if type(failure) is not AssertionError:
        return False
    files = [Path(frame.f_code.co_filename) for frame, _ in walk_tb(failure.__traceback__)][-1:]
    return any(
        file.is_relative_to(folder) and not file.is_relative_to(_JOURNEYS)
        for file in files
        for folder in _OURS
    )
